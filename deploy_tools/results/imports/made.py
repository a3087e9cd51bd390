"""Runs made of imported measurements."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.run import Run
from deploy_tools.measurement.series import Series
from deploy_tools.results.imports.content import Content
from deploy_tools.results.imports.naming import Naming
from deploy_tools.results.record import RunRecord

IMPORT = "import"
"""The scenario of a run that came to be elsewhere."""
# what a program says instead of its samples; none of them is the series that comparisons are about
RUN_AVG, RUN_MIN, RUN_MAX = "run-avg", "run-min", "run-max"


def made_runs(
    content: Content, naming: Naming, kind: str, measurements: Sequence[Measurement]
) -> list[RunRecord]:
    """Runs of measurements: one, or more where a case was measured on a device again.

    The same content gives the same ids, so nothing is imported twice.
    """
    runs: list[dict[tuple[str, str], Measurement]] = []
    for measurement in measurements:
        key = (measurement.environment.device, measurement.case.key)
        free = next((run for run in runs if key not in run), None)
        if free is None:
            runs.append({key: measurement})
        else:
            free[key] = measurement
    return [
        RunRecord(
            Run(
                _run_id(content, naming, index),
                IMPORT,
                content.written,
                command=f"results import {content.name}",
                plan={"from": kind},
            ),
            content.written,
            tuple(run.values()),
        )
        for index, run in enumerate(runs)
    ]


def series_by_name(values: Mapping[str, Iterable[float]]) -> dict[str, Series]:
    """Series of times in ms, those that have samples."""
    series = {name: Series(name, np.asarray(list(times), np.float64)) for name, times in values.items()}
    return {name: one for name, one in series.items() if len(one)}


def _run_id(content: Content, naming: Naming, index: int) -> str:
    words = (content.text, naming.device or "", naming.model or "", naming.precision or "", str(index))
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:12]
