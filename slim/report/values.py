"""``report.json``: the manifest, and what differs from run to run: times."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from typing import Any

from slim.pipeline.outcome import Findings


def report_values(findings: Findings, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The report as plain values."""
    milestones = [*findings.milestones, *([findings.published] if findings.published else [])]
    return {
        **manifest,
        "description": findings.recipe.description,
        "seconds": {one.key: one.seconds for one in milestones if one.seconds is not None},
        "latency": {
            "where": "Paddle on this host, one thread, models by turns; not the latency of a phone or board",
            "input_shape": list(findings.result.cost.input_shape),
            "median_ms": {
                key: round(statistics.median(samples), 3)
                for key, samples in findings.latency_ms.items()
                if samples
            },
            "samples_ms": {key: list(samples) for key, samples in findings.latency_ms.items()},
        },
    }
