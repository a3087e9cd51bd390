"""What runs of ``ppocr-edge measure`` tell of the models of a release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from deploy_tools.comparison.side import has_samples, side_of
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.series import RUN, Series
from deploy_tools.results.imports.choice import read_results
from deploy_tools.results.opening import open_results
from deploy_tools.results.reference import is_file
from deploy_tools.scenarios.parity import ALLOWED, GOLDEN
from edge.errors import InputError

_ARM: Final = ("aarch64", "arm64", "armv6l", "armv7l", "armv8l", "armhf", "armv7")
_PARITY: Final = "parity"
MOST_ALLOWED: Final = 0.5
"""Of differences between probabilities: with more, garbage agrees too."""


@dataclass(frozen=True)
class Taken:
    """A measurement and the run it is of.

    Attributes:
        run: Identifier of the run.
        measurement: What was measured.
        reference: As the user named the run.
    """

    run: str
    measurement: Measurement
    reference: str = ""

    @property
    def started(self) -> datetime:
        """When."""
        return self.measurement.started

    @property
    def on_arm(self) -> bool:
        """Whether an ARM processor computed it, or an emulation of one."""
        return self.measurement.environment.machine in _ARM

    @property
    def is_parity(self) -> bool:
        """Whether its outputs were compared with those that they should be."""
        return self.measurement.case.scenario == _PARITY

    @property
    def agrees_on_arm(self) -> bool:
        """Whether an ARM processor was seen to compute what it should, as far as a comparison tells."""
        return (
            self.is_parity and self.on_arm and not self.measurement.verdict and self.allowed <= MOST_ALLOWED
        )

    @property
    def allowed(self) -> float:
        """How much outputs were allowed to differ; 0 where nothing was compared."""
        series = self.measurement.series.get(ALLOWED)
        return float(series.values.max(initial=0)) if series is not None else 0.0

    def latency(self) -> dict[str, Any] | None:
        """Percentiles in ms of the steady state, without disturbed samples; None where it has none."""
        if not has_samples(self.measurement):
            return None
        side = side_of(self.measurement)
        if not side.sound:
            return None
        series = Series(RUN, side.samples)
        return {f"p{percent}": round(series.percentile(percent), 4) for percent in (50, 90, 99)} | {
            "samples": len(side.samples)
        }

    def to_json(self) -> dict[str, Any]:
        """Plain values: where, how, and what came out."""
        case, where = self.measurement.case, self.measurement.environment
        values: dict[str, Any] = {
            "run": self.run,
            "device": where.device,
            "machine": where.machine,
            "library_version": where.library_version,
            "scenario": case.scenario,
            "shape": list(case.shape),
            "threads": case.threads,
            "power_mode": case.power_mode,
            "note": where.note,
        }
        if self.is_parity:
            return {
                **values,
                "differs": self._differs(),
                "allowed": self.allowed,
                "verdict": self.measurement.verdict or "agrees",
            }
        return {**values, "ms": self.latency(), "peak_rss_mb": self.measurement.peak_rss_mb}

    def _differs(self) -> float | None:
        """From the golden output; None where another input was computed."""
        series = self.measurement.series.get(GOLDEN)
        return None if series is None else float(series.values.max(initial=0))


def take_runs(references: Sequence[str], where: str | None) -> tuple[Taken, ...]:
    """Everything that was measured in some runs and did not fail.

    Args:
        references: Ids, tags, ``last``; or paths of files of results.
        where: Results store; it is opened only where a stored run is named.

    Raises:
        InputError: There is no such run, or a file holds no results.
    """
    found: dict[tuple[str, str, str], Taken] = {}
    for reference in references:
        for one in _of_file(Path(reference)) if is_file(reference) else _of_store(reference, where):
            measurement = one.measurement
            if measurement.ok:
                key = one.run, measurement.environment.device, measurement.case.key
                found[key] = replace(one, reference=reference)
    return tuple(found[key] for key in sorted(found))


def of_model(taken: Iterable[Taken], sha256: str) -> tuple[Taken, ...]:
    """Those that are of one model alone, by the hash of its ``.nb``."""
    return tuple(one for one in taken if list(one.measurement.inputs.values()).count(sha256) and _alone(one))


def _alone(one: Taken) -> bool:
    return one.is_parity or (one.measurement.case.scenario != "ocr" and has_samples(one.measurement))


def _of_file(path: Path) -> list[Taken]:
    records = read_results(path)
    taken = [Taken(record.run.id, one) for record in records for one in record.measurements]
    if not taken:
        raise InputError(f"--run {path}", "holds no measurements", "give a run that measured something")
    return taken


def _of_store(reference: str, where: str | None) -> list[Taken]:
    with open_results(where, create=False) as store:
        run = store.find(reference)
        return [Taken(run.id, one) for one in store.measurements(run.id)]
