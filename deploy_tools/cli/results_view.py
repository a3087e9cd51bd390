"""Showing runs: tables for people, plain values for machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from deploy_tools.cli.console import stdout_console
from deploy_tools.cli.visible import printable

if TYPE_CHECKING:
    from deploy_tools.measurement.environment import Environment
    from deploy_tools.measurement.measurement import Measurement
    from deploy_tools.measurement.run import Run
    from deploy_tools.measurement.series import Series
    from deploy_tools.results.record import RunRecord
    from deploy_tools.results.summary import RunSummary


def summary_table(runs: Sequence[RunSummary]) -> Table:
    """One row for each run."""
    table = Table("run", "started", "scenario", "devices", box=None, pad_edge=False)
    table.add_column("cases", justify="right")
    table.add_column("samples", justify="right")
    table.add_column("tags")
    for name in (0, 1, 4, 5):
        table.columns[name].no_wrap = True
    for one in runs:
        run = one.run
        words = (run.id, _when(run.started), run.scenario, ", ".join(one.devices), _cases(one))
        table.add_row(*(escape(printable(word)) for word in (*words, str(one.samples), ", ".join(run.tags))))
    return table


def summary_line(one: RunSummary) -> str:
    """A run on one line."""
    words = (one.run.id, _when(one.run.started), one.run.scenario, ", ".join(one.devices), _cases(one))
    return printable("  ".join(filter(None, words)))


def summary_json(one: RunSummary) -> dict[str, Any]:
    """A run and how much of it is there, as plain values."""
    return {
        **_run_json(one.run, one.finished),
        "devices": list(one.devices),
        "measured": one.measured,
        "failed": one.failed,
        "samples": one.samples,
    }


def show_record(record: RunRecord) -> None:
    """Print what a run measured, and where."""
    console = stdout_console()
    run = record.run
    console.print(f"[bold]{run.id}[/]  {escape(printable(run.scenario))}")
    facts = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 1))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, text in _facts(record):
        facts.add_row(name, escape(printable(text)))
    console.print(facts)
    if table := _case_table(record.measurements):
        console.print()
        console.print(table)
    for one in record.measurements:
        for text in filter(None, (one.error, one.verdict)):
            console.print(
                escape(printable(f"{one.environment.device}: {one.case.key}: {text}")), soft_wrap=True
            )


def record_json(record: RunRecord) -> dict[str, Any]:
    """What a run measured, as plain values; of its series percentiles alone."""
    return {
        **_run_json(record.run, record.finished),
        "measurements": [_measurement_json(one) for one in record.measurements],
    }


def _run_json(run: Run, finished: datetime | None) -> dict[str, Any]:
    return {
        "run": run.id,
        "scenario": run.scenario,
        "started": run.started.isoformat(),
        "finished": None if finished is None else finished.isoformat(),
        "host": run.host,
        "command": run.command,
        "version": run.version,
        "tags": list(run.tags),
    }


def _measurement_json(one: Measurement) -> dict[str, Any]:
    from deploy_tools.measurement.json_form import case_to_json, environment_to_json

    return {
        "case": {**case_to_json(one.case), "key": one.case.key},
        "environment": environment_to_json(one.environment),
        "started": one.started.isoformat(),
        "seconds": one.seconds,
        "series": {name: _series_json(series) for name, series in one.series.items()},
        "readings": len(one.readings),
        "peak_rss_mb": one.peak_rss_mb,
        "inputs": dict(one.inputs),
        "verdict": one.verdict,
        "error": one.error,
    }


def _series_json(series: Series) -> dict[str, Any]:
    from deploy_tools.results.percentiles import used_percentiles

    return {
        "unit": series.unit,
        "count": len(series),
        "flagged": series.flagged,
        **used_percentiles(series),
    }


def _facts(record: RunRecord) -> Iterator[tuple[str, str]]:
    run = record.run
    yield "started", _when(run.started)
    yield "finished", "not yet, or it was broken off" if record.finished is None else _when(record.finished)
    if run.tags:
        yield "tags", ", ".join(run.tags)
    if run.host:
        yield "host", run.host
    if run.command:
        yield "command", run.command
    if run.version:
        yield "version", run.version
    for environment in {one.environment.device: one.environment for one in record.measurements}.values():
        yield "device", ", ".join(_environment(environment))


def _environment(environment: Environment) -> Iterator[str]:
    yield environment.device
    yield from filter(None, (environment.board, environment.soc, environment.cores))
    yield from filter(None, (environment.os, environment.kernel and f"kernel {environment.kernel}"))
    yield from filter(None, (f"{environment.library} {environment.library_version}".strip(),))
    if environment.runner:
        yield f"{environment.runner} runner"
    if environment.governor:
        yield f"governor {environment.governor}"
    if environment.note:
        yield environment.note


def _case_table(measurements: Sequence[Measurement]) -> Table | None:
    measured = [one for one in measurements if one.ok]
    if not measured:
        return None
    table = Table("device", "case", box=None, pad_edge=False)
    for name in ("load", "first", "p50", "p90", "p99", "runs", "flagged", "peak MB"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in measured:
        device = one.environment.device
        table.add_row(escape(printable(device)), escape(printable(one.case.key)), *_figures(one))
    return table


def _figures(one: Measurement) -> Iterator[str]:
    from deploy_tools.measurement.series import FIRST, LOAD, RUN
    from deploy_tools.results.imports.made import RUN_AVG

    for name in (LOAD, FIRST):
        series = one.series.get(name)
        yield _values(series)[0] if series is not None else ""
    run = one.series.get(RUN)
    if run is not None:
        yield from _values(run)
        yield str(len(run))
        yield str(run.flagged or "")
    else:
        average = one.series.get(RUN_AVG)
        yield "" if average is None else f"avg {_values(average)[0]}"
        yield from ("", "", "", "")
    yield "" if one.peak_rss_mb is None else f"{one.peak_rss_mb:.0f}"


def _values(series: Series) -> list[str]:
    from deploy_tools.results.percentiles import used_percentiles

    found = used_percentiles(series).values()
    return ["" if value is None else f"{value:.1f} {series.unit}" for value in found]


def counted(count: int, one: str) -> str:
    """A number of things, such as ``1 run`` and ``2 runs``."""
    return f"{count} {one}{'' if count == 1 else 's'}"


def _cases(one: RunSummary) -> str:
    words = [str(one.measured)] + ([f"{one.failed} failed"] if one.failed else [])
    return ", ".join(words) + ("" if one.finished else " (unfinished)")


def _when(time: datetime) -> str:
    return time.astimezone().strftime("%Y-%m-%d %H:%M")
