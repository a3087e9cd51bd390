"""Two runs: what of both can be compared, and what is in one of them only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deploy_tools.comparison.case import CaseComparison, compare_measurements, why_not
from deploy_tools.comparison.settings import USUAL, CompareSettings
from deploy_tools.comparison.verdict import VERDICTS
from deploy_tools.measurement.measurement import Measurement

Key = tuple[str, str]
"""Device, and key of the case."""


@dataclass(frozen=True)
class Alone:
    """What has nothing to be compared with.

    Attributes:
        device: Where it was measured.
        case: Its key.
        why: In words.
    """

    device: str
    case: str
    why: str


@dataclass(frozen=True)
class RunComparison:
    """Everything that two runs say of each other.

    Attributes:
        before: Name of the one, as the user gave it.
        after: Name of the other.
        settings: Of the comparison.
        cases: Compared ones, in the order of the run after.
        alone: What was not compared.
    """

    before: str
    after: str
    settings: CompareSettings
    cases: tuple[CaseComparison, ...]
    alone: tuple[Alone, ...] = ()

    @property
    def regressions(self) -> int:
        """Cases that are slower by more than the threshold."""
        return sum(case.regression for case in self.cases)

    @property
    def counts(self) -> dict[str, int]:
        """Cases by verdict, without those that none has."""
        counted = Counter(case.verdict for case in self.cases)
        return {verdict: counted[verdict] for verdict in VERDICTS if counted[verdict]}


def compare_runs(
    before: Sequence[Measurement],
    after: Sequence[Measurement],
    settings: CompareSettings = USUAL,
    *,
    names: tuple[str, str] = ("A", "B"),
    pairs: Mapping[str, str] | None = None,
    spread: Mapping[Key, float] | None = None,
) -> RunComparison:
    """Compare every case of a device that both runs measured.

    Args:
        before: What the one measured.
        after: What the other did.
        settings: Of the comparison.
        names: Of the runs.
        pairs: Parts of a case's key before to what stands in their place after, such as the names of two
            models, or ``fp32`` to ``int8``. Only cases that have one of them are compared then.
        spread: How much earlier runs differed, as a share, by device and key of the case.
    """
    old = _by_key(before, pairs)
    new = {_key(one): one for one in after}
    cases, alone = [], []
    for key, one in new.items():
        other = old.get(key)
        if other is not None:
            reasons = [
                f"{name} {why}" for name, why in zip(names, map(why_not, (other, one)), strict=True) if why
            ]
            if reasons:
                alone.append(Alone(*key, ", ".join(reasons)))
            else:
                cases.append(compare_measurements(other, one, settings, spread=(spread or {}).get(key)))
        elif not pairs:
            alone.append(Alone(*key, f"only in {names[1]}"))
    for key, one in old.items():
        if key not in new:
            alone.append(
                Alone(*_key(one), f"only in {names[0]}" if not pairs else f"no {key[1]} in {names[1]}")
            )
    return RunComparison(*names, settings, tuple(cases), tuple(alone))


def _key(measurement: Measurement) -> Key:
    return measurement.environment.device, measurement.case.key


def _by_key(measurements: Sequence[Measurement], pairs: Mapping[str, str] | None) -> dict[Key, Measurement]:
    """Measurements by the key they are looked for by; with pairs only those that one of them is about."""
    if not pairs:
        return {_key(one): one for one in measurements}
    found = {}
    for one in measurements:
        device, key = _key(one)
        paired = " / ".join(pairs.get(part, part) for part in key.split(" / "))
        if paired != key:
            found[device, paired] = one
    return found
