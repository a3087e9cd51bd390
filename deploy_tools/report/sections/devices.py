"""What was measured on, and by which runs."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from deploy_tools.measurement.environment import Environment
from deploy_tools.report.material import Material
from deploy_tools.report.numbers import counted, moment
from deploy_tools.report.tables import Cell, scrolled, sortable, text_cell
from deploy_tools.results.record import RunRecord
from slim.html.fragments import definitions


def devices(material: Material) -> str:
    """A panel per device, as it was when it was measured last."""
    last: dict[str, Environment] = {}
    for taken in material.taken:
        last[taken.device] = taken.measurement.environment
    shown = "".join(_device(last[name]) for name in material.devices)
    return f'<div class="small-multiples">{shown}</div>'


def runs(material: Material) -> str:
    """A table of the runs, the newest first."""
    rows = [_run(one) for one in reversed(material.runs)]
    heads = ("Run", "Began", "Scenario", "Tags", "Measured", "Samples", "Command")
    return f'<div class="panel">{scrolled(sortable("Runs", heads, rows, "stacked"), "Runs")}</div>'


def _device(environment: Environment) -> str:
    note = f'<p class="note">{escape(environment.note)}</p>' if environment.note else ""
    facts = definitions((name, value, "") for name, value in _facts(environment) if value)
    name = escape(environment.device)
    return f'<div class="panel"><h3>{name}</h3>{note}<div class="facts">{facts}</div></div>'


def _facts(environment: Environment) -> Iterator[tuple[str, str]]:
    yield "board", environment.board
    yield "chip", environment.soc
    yield "processor", environment.cores
    memory = environment.memory_bytes
    yield "memory", "" if memory is None else f"{memory / 1e9:.1f} GB"
    yield "library", " ".join(filter(None, (environment.library, environment.library_version)))
    yield "runner", environment.runner
    yield "reached by", environment.wire
    yield "system", environment.os
    yield "kernel", " ".join(filter(None, (environment.kernel, environment.machine)))
    yield "governor", environment.governor
    yield "bound to cores", ", ".join(map(str, environment.affinity))
    battery = environment.battery_percent
    charging = {True: ", charging", False: ", not charging", None: ""}[environment.charging]
    yield "battery", "" if battery is None else f"{battery} %{charging}"
    yield "measured from", environment.host
    yield from environment.versions.items()


def _run(one: RunRecord) -> tuple[Cell, ...]:
    run = one.run
    done = sum(measurement.ok for measurement in one.measurements)
    failed = len(one.measurements) - done
    samples = sum(len(series) for measurement in one.measurements for series in measurement.series.values())
    when = f'<time datetime="{run.started.isoformat()}">{moment(run.started)}</time>'
    measured = counted(done, "case") + (f", {failed} failed" if failed else "")
    return (
        Cell(f"<code>{escape(run.id)}</code>", run.id),
        Cell(when, run.started.timestamp()),
        text_cell(run.scenario),
        text_cell(", ".join(run.tags)),
        Cell(measured, float(done)),
        Cell(f"{samples:,}", float(samples)),
        Cell(f"<code>{escape(run.command)}</code>", run.command),
    )
