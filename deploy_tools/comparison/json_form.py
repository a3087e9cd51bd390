"""Comparisons as JSON values."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from deploy_tools.comparison.case import CaseComparison
from deploy_tools.comparison.runs import RunComparison


def comparison_to_json(comparison: RunComparison) -> dict[str, Any]:
    """Plain values; null for an open end of an interval."""
    return {
        "before": comparison.before,
        "after": comparison.after,
        "settings": asdict(comparison.settings),
        "regressions": comparison.regressions,
        "counts": comparison.counts,
        "cases": [_case(case) for case in comparison.cases],
        "alone": [asdict(one) for one in comparison.alone],
    }


def _case(case: CaseComparison) -> dict[str, Any]:
    ratio = case.ratio
    return {
        "device": case.device,
        "case": case.case.key,
        "case_before": case.case_before.key,
        "before_ms": ratio.before,
        "after_ms": ratio.after,
        "ratio": ratio.ratio,
        "low": ratio.low if ratio.low > 0 else None,
        "high": ratio.high if math.isfinite(ratio.high) else None,
        "verdict": case.verdict,
        "regression": case.regression,
        "samples": [len(case.before.samples), len(case.after.samples)],
        "left_out": [case.before.left_out, case.after.left_out],
        "samples_needed": case.needed,
        "in_turn": case.in_turn,
        "paired_visits": ratio.pairs,
        "differs": list(case.differs),
        "notes": list(case.notes),
    }
