"""What ``ppocr-edge measure`` prints: tables for people, every sample as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.table import Table

from deploy_tools.cli.console import print_json, remark, stdout_console
from deploy_tools.cli.on_devices import tell_notes
from deploy_tools.cli.visible import printable

if TYPE_CHECKING:
    from deploy_tools.devices.base import NamedDevice
    from deploy_tools.measurement.measurement import Measurement
    from deploy_tools.scenarios.plan import Plan
    from deploy_tools.scenarios.running import Done


def print_done(done: Done, plan: Plan, devices: Sequence[NamedDevice], *, place: str, as_json: bool) -> None:
    """Print what was measured now, what failed, and where it is kept."""
    if as_json:
        print_json(done_json(done))
    measured = [one for one in done.measurements if one.ok]
    if measured and not as_json:
        stdout_console().print(measured_table(done.run.scenario, measured))
        for line in _in_turn(done, plan):
            click.echo(printable(line))
    for one in done.measurements:
        for text in filter(None, (one.error, one.verdict)):
            remark(f"{one.environment.device}: {one.case.key}: {text}")
    seen = {one.environment.device for one in measured}
    tell_notes([device for device in devices if device.name in seen])
    _tell_flags(measured)
    if done.before:
        cases = "case was" if done.before == 1 else "cases were"
        remark(f"{done.before} {cases} measured before")
    if place:
        remark(f"run {done.run.id}, kept in {place}")


def done_json(done: Done) -> dict[str, Any]:
    """Plain values with every sample."""
    from deploy_tools.measurement.json_form import measurement_to_json

    return {
        "run": done.run.id,
        "scenario": done.run.scenario,
        "tags": list(done.run.tags),
        "missing": done.missing,
        "lost": [{"device": lost.device, "error": lost.why} for lost in done.lost],
        "measurements": [{**measurement_to_json(one), "key": one.case.key} for one in done.measurements],
    }


def measured_table(scenario: str, measured: Sequence[Measurement]) -> Table:
    """One row for each measurement; what is the same everywhere and goes without saying is left out."""
    table = Table(box=None, pad_edge=False)
    columns = [[name, *values] for name, usual, values in _named(scenario, measured) if set(values) - {usual}]
    count = len(columns)
    figures = {"parity": _parity, "ocr": _ocr, "sustained": _sustained}.get(scenario, _latency)
    rows = [dict(figures(one)) for one in measured]
    filled = (name for name in rows[0] if any(row[name] for row in rows))
    columns += [[name, *(row[name] for row in rows)] for name in filled]
    for number, (name, *_) in enumerate(columns):
        table.add_column(name, justify="left" if number < count else "right", no_wrap=number >= count)
    for cells in list(zip(*columns, strict=True))[1:]:
        table.add_row(*(escape(printable(cell)) for cell in cells))
    return table


def _named(scenario: str, measured: Sequence[Measurement]) -> Iterator[tuple[str, str, list[str]]]:
    """Columns that say what was measured: name, what goes without saying, and values."""
    devices = [one.environment.device for one in measured]
    yield "device", devices[0], devices
    subjects = [one.case.subject for one in measured]
    yield "model", subjects[0] if scenario == "ocr" else "", subjects
    yield "precision", "fp32", [one.case.precision for one in measured]
    yield "input", "", ["x".join(map(str, one.case.shape)) for one in measured]
    yield "threads", "1", [str(one.case.threads) for one in measured]
    yield "power mode", "", [one.case.power_mode for one in measured]
    yield "photograph" if scenario == "ocr" else "which", "", [one.case.detail for one in measured]


def _latency(one: Measurement) -> Iterator[tuple[str, str]]:
    from deploy_tools.measurement.series import FIRST, LOAD

    yield "load", _ms(one.series[LOAD].percentile(50))
    yield "first", _ms(one.series[FIRST].percentile(50))
    yield from _steady(one)
    yield _peak(one)


def _steady(one: Measurement) -> Iterator[tuple[str, str]]:
    """Of the samples that ``compare`` takes."""
    import numpy as np

    from deploy_tools.comparison.quantile import quantile_interval
    from deploy_tools.comparison.side import side_of
    from deploy_tools.measurement.series import RUN

    run = one.series[RUN]
    samples = side_of(one).samples
    median, low, high = quantile_interval(samples)
    known = math.isfinite(low) and math.isfinite(high)
    interval = f" [{_number(low)}, {_number(high)}]" if known else ""
    yield "median [95 %]", f"{_number(median)}{interval} ms"
    for percent in (90, 99):
        yield f"p{percent}", _ms(float(np.percentile(samples, percent))) if len(samples) else ""
    yield "runs", str(len(run))
    yield "flagged", str(run.flagged or "")


def _ocr(one: Measurement) -> Iterator[tuple[str, str]]:
    import numpy as np

    from deploy_tools.measurement.series import RUN
    from deploy_tools.scenarios.ocr import NETWORK, REST, STAGES

    yield "lines", str(len(one.texts))
    for name, series in (("all", RUN), *((stage, stage) for stage in (*STAGES, REST, NETWORK))):
        yield name, _ms(float(np.median(one.series[series].used)))
    yield "runs", str(len(one.series[RUN]))
    yield "flagged", str(one.series[RUN].flagged or "")
    yield _peak(one)


def _sustained(one: Measurement) -> Iterator[tuple[str, str]]:
    import numpy as np

    from deploy_tools.measurement.series import RUN, THROTTLED

    run = one.series[RUN]
    undisturbed = run.undisturbed.values
    tenth = max(1, len(undisturbed) // 10)
    begin, end = float(np.median(undisturbed[:tenth])), float(np.median(undisturbed[-tenth:]))
    hottest = [max(reading.celsius.values()) for reading in one.readings if reading.celsius]
    yield "minutes", f"{sum(run.values) / 60_000:.1f}"
    yield "at first", _ms(begin)
    yield "at last", _ms(end)
    yield "slower by", f"{(end / begin - 1) * 100:+.1f} %"
    yield "runs", str(len(run))
    yield "throttled", f"{float(np.mean((run.flags & THROTTLED) > 0)) * 100:.0f} %" if len(run.flags) else ""
    yield "°C", f"{hottest[0]:.0f} to {max(hottest):.0f}" if hottest else ""


def _parity(one: Measurement) -> Iterator[tuple[str, str]]:
    from deploy_tools.scenarios.parity import ALLOWED, GOLDEN, PADDLE

    for name in (GOLDEN, PADDLE, ALLOWED):
        series = one.series.get(name)
        yield name, "" if series is None else f"{series.values[0]:.2g}"
    yield "verdict", "differs" if one.verdict else "agrees"


def _in_turn(done: Done, plan: Plan) -> Iterator[str]:
    """What was measured in turn, each against the first."""
    from deploy_tools.comparison import words
    from deploy_tools.comparison.case import compare_measurements, why_not

    found = {(one.environment.device, one.case.key): one for one in done.measurements}
    for unit in plan.units:
        if unit.scenario != "latency":
            continue
        of_unit = [found.get((unit.device, part.case.key)) for part in unit.parts]
        measured = [one for one in of_unit if one is not None and not why_not(one)]
        for other in measured[1:]:
            compared = compare_measurements(measured[0], other)
            change = f"{words.change(compared.ratio.ratio)} ({words.interval(compared)})"
            yield f"{compared.device}: {compared.name}: {change}, {words.verdict(compared)}"


def _tell_flags(measured: Sequence[Measurement]) -> None:
    from deploy_tools.measurement.series import DISTURBED, RUN, THROTTLED

    for flag, what in ((DISTURBED, "disturbed by other work"), (THROTTLED, "throttled")):
        runs = [one.series[RUN] for one in measured if RUN in one.series]
        count, total = sum(int(((run.flags & flag) > 0).sum()) for run in runs), sum(map(len, runs))
        if count:
            remark(f"{count} of {total} samples were {what}: kept, and flagged")


def _peak(one: Measurement) -> tuple[str, str]:
    return "peak MB", "" if one.peak_rss_mb is None else f"{one.peak_rss_mb:.0f}"


def _ms(value: float) -> str:
    return f"{_number(value)} ms"


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"
