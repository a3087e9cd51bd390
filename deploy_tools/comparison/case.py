"""One case measured twice on the same device: whether it got slower."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from deploy_tools.comparison.environments import differences
from deploy_tools.comparison.ratio import Ratio, ratio_of, ratio_of_visits
from deploy_tools.comparison.settings import USUAL, CompareSettings
from deploy_tools.comparison.side import Side, has_samples, side_of
from deploy_tools.comparison.verdict import SLOWER, UNSURE, samples_needed, verdict_of
from deploy_tools.comparison.visits import in_turn, paired_visits
from deploy_tools.measurement.case import Case
from deploy_tools.measurement.measurement import Measurement

FEWEST_PAIRS: Final = 8
"""Fewer pairs of visits hardly know how much they differ from one another."""


@dataclass(frozen=True)
class CaseComparison:
    """What became of a case.

    Attributes:
        device: Where it was measured.
        case: As it was measured afterwards.
        case_before: As it was before; the same but where cases were paired by hand.
        before: What is compared of the one.
        after: And of the other.
        ratio: With its interval.
        verdict: One of `deploy_tools.comparison.verdict.VERDICTS`.
        regression: Whether it is slower by more than the threshold.
        needed: Samples a side that would tell, if the ratio stays; None where it is told, or no number would.
        in_turn: Whether both were measured at the same time, in turn.
        differs: In what environments differ, of what matters.
        notes: What else a reader must know.
    """

    device: str
    case: Case
    case_before: Case
    before: Side
    after: Side
    ratio: Ratio
    verdict: str
    regression: bool
    needed: int | None
    in_turn: bool
    differs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def told(self) -> bool:
        """Whether there are samples enough, and sound ones, for an interval."""
        return self.before.sound and self.after.sound and math.isfinite(self.ratio.half_width)

    @property
    def name(self) -> str:
        """The case in one line; of a pair both, where they differ."""
        old, new = (case.key.split(" / ") for case in (self.case_before, self.case))
        if len(old) != len(new):
            return f"{self.case_before.key} → {self.case.key}"
        return " / ".join(a if a == b else f"{a} → {b}" for a, b in zip(old, new, strict=True))


def compare_measurements(
    before: Measurement, after: Measurement, settings: CompareSettings = USUAL, *, spread: float | None = None
) -> CaseComparison:
    """Compare what was measured of one case on one device.

    Args:
        before: Measured, with samples of a steady state.
        after: The same.
        settings: Of the comparison.
        spread: How much runs of it on this device differed before, as a share; None where it is not known.
            It counts where they were not measured in turn.

    Raises:
        ValueError: One of them has no samples; see `why_not`.
    """
    old, new = side_of(before), side_of(after)
    if not len(old.samples) or not len(new.samples):
        raise ValueError("nothing to compare: a measurement without samples of a steady state")
    together = in_turn(before, after)
    busy = not together and (old.busy or new.busy)
    usual = _usual(settings, together=together, busy=busy, known=spread is not None)
    between = usual if together else max(usual, spread or 0.0)
    sound = old.sound and new.sound
    ratio = _paired(before, after, (old, new), settings) if together and sound else None
    if ratio is None:
        ratio = ratio_of(
            old.samples,
            new.samples,
            level=settings.percentile / 100,
            confidence=settings.confidence,
            between=between,
        )
    verdict = verdict_of(ratio, settings.margin) if sound else UNSURE
    fewer = min(len(old.samples), len(new.samples))
    notes = [f"{which}: {note}" for which, side in (("before", old), ("after", new)) for note in side.notes]
    if between > usual:
        notes.append(f"earlier runs differed by {100 * between:.1f} %, as a standard deviation")
    if busy and sound:
        notes.append(
            "others used the device, so that times may differ by much: measure in turn, or when idle"
        )
    if math.isinf(ratio.half_width):
        notes.append(f"{fewer} samples are too few for an interval")
    return CaseComparison(
        device=after.environment.device,
        case=after.case,
        case_before=before.case,
        before=old,
        after=new,
        ratio=ratio,
        verdict=verdict,
        regression=verdict == SLOWER and ratio.ratio > 1 + settings.threshold,
        needed=samples_needed(ratio, fewer, settings.margin) if sound and verdict == UNSURE else None,
        in_turn=together,
        differs=differences(before.environment, after.environment),
        notes=tuple(notes),
    )


def _usual(settings: CompareSettings, *, together: bool, busy: bool, known: bool) -> float:
    """How much the medians of two processes differ at the least, where nothing changed."""
    if together:
        return settings.between
    if busy:
        return settings.busy
    return settings.known if known else settings.apart


def _paired(
    before: Measurement, after: Measurement, sides: tuple[Side, Side], settings: CompareSettings
) -> Ratio | None:
    """By visits; None where they are too few, or where medians of some runs each say nothing.

    Of a few runs a low percentile is as low as their number lets it be, which is not the same on both sides.
    """
    if settings.percentile != 50:
        return None
    visits = paired_visits(before, after, sides)
    if len(visits) < FEWEST_PAIRS:
        return None
    old, new = (side.samples for side in sides)
    ratio = ratio_of_visits(old, new, visits, confidence=settings.confidence, between=settings.between)
    return ratio if math.isfinite(ratio.half_width) else None


def why_not(measurement: Measurement) -> str:
    """Why a measurement cannot be compared; empty where it can."""
    if not measurement.ok:
        return f"failed: {measurement.error}"
    return "" if has_samples(measurement) else "has no samples of a steady state"
