"""Every case on every device: all its samples, how they are distributed, and what else was measured."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import Final

import numpy as np

from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.series import FEW, FIRST, LOAD, RUN, WARMUP
from deploy_tools.report.charts.distribution import distribution
from deploy_tools.report.charts.over_time import EVERY, over_time
from deploy_tools.report.charts.stages import stages
from deploy_tools.report.figures import Figures
from deploy_tools.report.material import Material
from deploy_tools.report.numbers import counted, moment, quantity
from deploy_tools.report.sections.matrix import SHOWN
from deploy_tools.report.taken import Taken
from deploy_tools.report.words import case_title, figure_words, flag_marks, spoken
from slim.html.fragments import definitions

_OPEN: Final = 4
_MOST: Final = 400
_NETWORK: Final = "network"
"""What all networks took where they ran: part of the stages, none itself."""
_SPANS: Final = (40, 240)
_ALL_SPANS: Final = 60_000


def distributions(material: Material) -> str:
    """A block per case and device, which opens to its charts."""
    found = [taken for taken in material.of(*SHOWN) if taken.figures is not None]
    if not found:
        return ""
    most = max(_SPANS[0], min(_SPANS[1], _ALL_SPANS // len(found)))
    every = max(most, min(EVERY, _ALL_SPANS // len(found)))
    parts = []
    if len(found) > _MOST:
        parts.append(f'<p class="small muted">Charts of the first {_MOST} of {len(found)} cases.</p>')
    number = 0
    for case, several in groupby(found, key=lambda one: one.case):
        blocks = []
        for taken in several:
            blocks.append(_block(taken, most, every, opened=number < _OPEN, drawn=number < _MOST))
            number += 1
        parts.append(f'<div class="case"><h3>{case_title(case)}</h3>{"".join(blocks)}</div>')
    return "".join(parts)


def _block(taken: Taken, most: int, every: int, *, opened: bool, drawn: bool) -> str:
    figures = taken.figures
    series = taken.samples
    assert figures is not None  # noqa: S101  (chosen so)
    assert series is not None  # noqa: S101
    line = (
        f'<span class="device">{escape(taken.device)}</span> <span>{figure_words(figures)}</span>'
        f'<span class="muted small">{_slow(figures)}{counted(figures.count, "sample")}</span>'
        f"{flag_marks(figures)}"
    )
    if not drawn:
        return f'<div class="block panel flat" id="{taken.anchor}">{line}</div>'
    what = spoken(taken.case, taken.device)
    charts = over_time(series, figures, what, most=most, every=every)
    if figures.used >= FEW:  # of a handful there is no distribution
        charts += distribution(series, figures, what)
    return (
        f'<details class="block panel" id="{taken.anchor}"{" open" if opened else ""}>'
        f"<summary>{line}</summary>"
        f'<div class="charts">{charts}{_stages(taken.measurement, figures, what)}</div>'
        f'<div class="facts">{definitions(_facts(taken, figures))}</div></details>'
    )


def _slow(figures: Figures) -> str:
    return f"p99 {quantity(figures.p99, figures.unit)} · " if figures.used >= FEW else ""


def _stages(measurement: Measurement, figures: Figures, what: str) -> str:
    """Where the time goes; nothing where the case is one model."""
    known = (RUN, FIRST, LOAD, WARMUP, _NETWORK)
    parts = [
        (name, float(np.median(series.used)))
        for name, series in measurement.series.items()
        if name not in known and series.unit == figures.unit and len(series)
    ]
    return stages(parts, figures.unit, figures.median, what) if parts else ""


def _facts(taken: Taken, figures: Figures) -> Iterator[tuple[str, str, str]]:
    measurement = taken.measurement
    for name, title in ((LOAD, "load"), (FIRST, "first run")):
        series = measurement.series.get(name)
        if series is not None and len(series):
            yield title, quantity(float(np.median(series.values)), series.unit), ""
    network = measurement.series.get(_NETWORK)
    if network is not None and len(network):
        yield "networks alone", quantity(float(np.median(network.used)), network.unit), "of the stages"
    warmup = measurement.series.get(WARMUP)
    if warmup is not None and len(warmup):
        yield "warm-up", counted(len(warmup), "run"), ""
    yield "p50", quantity(figures.median, figures.unit), ""
    if figures.used >= FEW:
        yield "p90", quantity(figures.p90, figures.unit), ""
        yield "p99", quantity(figures.p99, figures.unit), ""
    yield "fastest", quantity(figures.least, figures.unit), ""
    yield "slowest", quantity(figures.most, figures.unit), ""
    if measurement.peak_rss_mb is not None:
        yield "memory, peak", f"{measurement.peak_rss_mb:,.0f} MB", ""
    celsius = [degrees for one in measurement.readings for degrees in one.celsius.values()]
    if celsius:
        yield "hottest", f"{max(celsius):.0f} °C", ""
    environment = measurement.environment
    library = " ".join(filter(None, (environment.library, environment.library_version)))
    if library:
        yield "library", library, ""
    if environment.governor:
        yield "governor", environment.governor, ""
    yield "measured", moment(measurement.started), f"run {taken.run.id}"
