"""A comparison in words and figures, for whatever shows it."""

from __future__ import annotations

import math

from deploy_tools.comparison.case import CaseComparison
from deploy_tools.comparison.runs import RunComparison
from deploy_tools.comparison.settings import CompareSettings
from deploy_tools.comparison.verdict import SLOWER, UNSURE


def milliseconds(value: float) -> str:
    """A time with at least three digits."""
    decimals = 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:.{decimals}f} ms"


def change(ratio: float) -> str:
    """A ratio as what it changes."""
    return f"{100 * (ratio - 1):+.1f} %"


def interval(case: CaseComparison) -> str:
    """The interval of a ratio as what it changes; a dash where there are too few samples."""
    low, high = case.ratio.low, case.ratio.high
    if low <= 0 and math.isinf(high):
        return "–"
    first = f"{100 * (low - 1):+.1f}" if low > 0 else "?"
    last = f"{100 * (high - 1):+.1f}" if math.isfinite(high) else "?"
    return f"{first} … {last} %"


def verdict(case: CaseComparison) -> str:
    """The verdict, and what would make it surer."""
    if case.verdict == UNSURE and case.needed is not None:
        return f"{UNSURE}: take about {case.needed:,} samples"
    if case.verdict == UNSURE and not case.in_turn and case.told:
        return f"{UNSURE}: measure in turn"
    return case.verdict


def summary(comparison: RunComparison) -> str:
    """How many cases became what."""
    if not comparison.cases:
        return "nothing compared"
    threshold = f"{100 * comparison.settings.threshold:g} %"
    words = []
    for name, count in comparison.counts.items():
        beyond = f" ({comparison.regressions} by more than {threshold})" if name == SLOWER else ""
        words.append(f"{count} {name}{beyond}")
    return ", ".join(words)


def remarks(case: CaseComparison) -> list[str]:
    """What a reader must know of a case: other environments first."""
    differs = [f"not the same: {', '.join(case.differs)}"] if case.differs else []
    return [*differs, *case.notes]


def statistic(settings: CompareSettings) -> str:
    """What is compared."""
    return "median" if settings.percentile == 50 else f"percentile {settings.percentile:g}"
