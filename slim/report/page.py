"""``report.html``: one page without scripts, which needs no network; for any screen, light or dark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from edge.sizes import size_text
from slim.html.fragments import definitions, figure_panel, interval_rows, mark, table
from slim.html.page import package_text, page, section
from slim.pipeline.outcome import Findings
from slim.pipeline.step import Progress
from slim.report.changed import changed_part

_JUDGED: Final = {"passed": "all gates held", "failed": "a gate failed", "not judged": "not judged"}
_KINDS: Final = {"passed": "passed", "failed": "failed", "not judged": "open"}
_PRECISION: Final = {
    "fp32": "float",
    "int8": "INT8",
    "int8-weights": "float, weights of 8 bits",
    "int16-weights": "float, weights of 16 bits",
}


def report_page(findings: Findings, values: Mapping[str, Any], progress: Progress) -> str:
    """The page.

    Args:
        findings: Of the run: for the pictures.
        values: The report's values: for everything else.
        progress: Told how far the pictures are.
    """
    parts = [
        _head(values),
        f'<section class="figures">{"".join(_figures(values))}</section>',
        section("Gates", _gates(values)),
        section("After each step", _steps(values)),
        section("Accuracy", "".join(_accuracy(values))),
        section("What changed", changed_part(findings, progress)),
        section("How it was made", _details(values)),
    ]
    return page(
        f"{values['name']}: what slimming did",
        f"<main>{''.join(parts)}</main>",
        style=package_text("slim.report", "style.css"),
    )


def _head(values: Mapping[str, Any]) -> str:
    judged = values["gates"]
    early = " ".join([mark("an early look", "open")] if values["quick"] else [])
    notes = "".join(f"<li>{escape(remark)}</li>" for remark in values["remarks"])
    return (
        f"<header>{mark(_JUDGED[judged], _KINDS[judged])} {early}"
        f"<h1>{escape(values['name'])}</h1>"
        f"<p class='muted'>{escape(values['description'])}. Made of "
        f"{escape(values['inputs']['model']['name'])}; {escape(_PRECISION[values['precision']])}.</p>"
        f"{f'<ul class=notes>{notes}</ul>' if notes else ''}</header>"
    )


def _figures(values: Mapping[str, Any]) -> Iterator[str]:
    first, last = values["steps"][0], values["steps"][-1]
    for key, name, show in _COSTS:
        if key in last["cost"] and not (key == "bytes" and "nb_bytes" in last["cost"]):
            now, was = last["cost"][key], first["cost"][key]
            yield figure_panel(name, show(now), f"{_ratio(now, was)} of {show(was)}")
    for data, accuracy in _judged_by(values).items():
        for measure, loss in list(accuracy["losses"].items())[:1]:
            lost = loss["value"]
            found = accuracy["measures"][measure]["value"]
            word = f"{abs(lost):.2f} points {'less' if lost > 0 else 'more'}" if lost else "as before"
            yield figure_panel(f"{_spoken(measure)} on {data}", f"{found:.2f} %", word)
        if not accuracy["losses"] and accuracy["agreement"]:
            found = accuracy["agreement"]["value"]
            yield figure_panel(f"agreement on {data}", f"{found:.2f} %", "with the model before")
    times = values["latency"]["median_ms"]
    if first["key"] in times and last["key"] in times and last["precision"] != "int8":
        now, was = times[last["key"]], times[first["key"]]
        yield figure_panel("on this host", f"{now:.1f} ms", f"{_ratio(now, was)} of {was:.1f} ms")


def _judged_by(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The result's accuracy: on the device where there is one."""
    accuracy: Mapping[str, Any] = (values["device"] or values["steps"][-1])["accuracy"]
    return accuracy


def _gates(values: Mapping[str, Any]) -> str:
    rows = []
    for verdict in values["verdicts"]:
        word, kind = {True: ("held", "passed"), False: ("failed", "failed"), None: ("not judged", "open")}[
            verdict["passed"]
        ]
        rows.append(f"<li>{mark(word, kind)}<span>{escape(verdict['line'])}</span></li>")
    return f'<ul class="gates panel">{"".join(rows)}</ul>' if rows else ""


def _steps(values: Mapping[str, Any]) -> str:
    rows = [*values["steps"], *([values["published"]] if values["published"] else [])]
    return f'<div class="steps">{"".join(_step(values, row) for row in rows)}</div>'


def _step(values: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    first = values["steps"][0]
    facts = [
        (name, show(row["cost"][key]), "" if row is first else _ratio(row["cost"][key], first["cost"][key]))
        for key, name, show in _COSTS
        if key in row["cost"]
    ]
    times = values["latency"]["median_ms"]
    if row["key"] in times:
        simulated = "simulated" if row["precision"] == "int8" else ""
        share = "" if row is first or simulated else _ratio(times[row["key"]], times[first["key"]])
        facts.append(("on this host", f"{times[row['key']]:.1f} ms", simulated or share))
    seconds = values["seconds"].get(row["key"])
    if seconds is not None:
        facts.append(("took", _duration(seconds), ""))
    return (
        f'<div class="panel step"><h3>{escape(_label(row))}</h3>'
        f'<p class="muted small">{escape(row["description"])}</p>{definitions(facts)}</div>'
    )


def _accuracy(values: Mapping[str, Any]) -> Iterator[str]:
    rows = [(_label(row), row["accuracy"]) for row in values["steps"]]
    if values["published"]:
        rows.append((_label(values["published"]), values["published"]["accuracy"]))
    if values["device"]:
        rows.append((f"on {values['device']['name']}", values["device"]["accuracy"]))
    for data, facts in values["data"].items():
        kind = "rendered" if facts["synthetic"] else "labelled" if facts["labelled"] else "without labels"
        yield f"<h3>{escape(data)} <span class='muted small'>{facts['pictures']} pictures, {kind}</span></h3>"
        measures = list(rows[0][1][data]["measures"])
        if measures:
            shown = [(label, accuracy[data]["measures"][measures[0]]) for label, accuracy in rows]
            yield f"<p class='small muted'>{escape(_spoken(measures[0]))}</p>{interval_rows(shown)}"
        agreeing = [
            (label, accuracy[data]["agreement"]) for label, accuracy in rows if accuracy[data]["agreement"]
        ]
        if agreeing and not measures:
            yield f"<p class='small muted'>agreement with the model before</p>{interval_rows(agreeing)}"
        yield _more(measures, rows, data)


def _more(measures: list[str], rows: list[tuple[str, Any]], data: str) -> str:
    """Every figure, for who wants them."""
    cells = []
    for label, accuracy in rows:
        found = accuracy[data]
        for measure in measures:
            loss = found["losses"].get(measure)
            cells.append((label, _spoken(measure), _interval(found["measures"][measure]), _interval(loss)))
        if found["agreement"]:
            cells.append((label, "agreement", _interval(found["agreement"]), ""))
    if not cells:
        return ""
    heads = ("", "measure", "value (95 % interval)", "loss in points (interval of the loss)")
    return f"<details><summary>all figures</summary>{table(cells, heads)}</details>"


def _interval(found: Mapping[str, Any] | None) -> str:
    return f"{found['value']:.2f} ({found['low']:.2f} … {found['high']:.2f})" if found else ""


def _details(values: Mapping[str, Any]) -> str:
    inputs = values["inputs"]
    steps = [
        (str(number), step["kind"], ", ".join(f"{key}: {value}" for key, value in step["settings"].items()))
        for number, step in enumerate(inputs["recipe"]["steps"], 1)
    ]
    facts = [
        ("seed", str(inputs["seed"])),
        ("threads", str(inputs["threads"])),
        *((f"trained on {name}", sha256) for name, sha256 in inputs["train"].items()),
        *((f"measured on {name}", sha256) for name, sha256 in inputs["evaluate"].items()),
        *((f"model {name}", sha256) for name, sha256 in inputs["model"]["sha256"].items()),
        *inputs["versions"].items(),
        ("input of MACs and times", " × ".join(map(str, values["latency"]["input_shape"]))),
        ("times", values["latency"]["where"]),
    ]
    files = [(name, f"{entry['size']:,}", entry["sha256"]) for name, entry in values["files"].items()]
    listed = table(files, ("file", "bytes", "sha256"))
    return (
        f"{table(steps, ('', 'step', 'settings'))}"
        f"<details><summary>what went in</summary>{table(facts)}</details>"
        f"<details><summary>files of the result</summary>{listed}</details>"
    )


def _label(row: Mapping[str, Any]) -> str:
    return str(row["label"]) if row["key"] in ("0", "published") else f"{row['key']} {row['label']}"


def _spoken(measure: str) -> str:
    return {"cer": "character errors", "exact": "exact lines"}.get(measure, measure.replace("_", " "))


def _ratio(now: float, was: float) -> str:
    return f"{100 * now / was:.0f} %" if was else ""


def _thousands(value: float) -> str:
    return f"{value / 1e6:.2f} M" if value >= 1e7 else f"{value / 1e3:,.0f} k"


def _millions(value: float) -> str:
    return f"{value / 1e9:.2f} G" if value >= 1e9 else f"{value / 1e6:,.1f} M"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


_COSTS: Final = (
    ("nb_bytes", ".nb for ARM", size_text),
    ("bytes", "inference model", size_text),
    ("parameters", "parameters", _thousands),
    ("macs", "MACs", _millions),
)
