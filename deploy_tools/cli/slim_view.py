"""Printing a preview and a result of slimming."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.table import Table

from deploy_tools.cli.slim_progress import duration
from edge.sizes import size_text

if TYPE_CHECKING:
    from slim.pipeline.preview import Preview

_PASSED = {True: "held", False: "FAILED", None: "not judged"}


def preview_lines(preview: Preview) -> Iterator[str]:
    """What would be done, part by part, with its time."""
    yield f"{preview.name}  {preview.description}"
    yield f"made of {preview.model}, seed {preview.seed}, {preview.threads} threads"
    yield ""
    width = max(len(part.label) for part in preview.parts)
    for part in preview.parts:
        expected = f", expected are at most {part.minutes:g} min" if part.minutes is not None else ""
        yield f"{duration(part.seconds):>10}  {part.label:<{width}}  {part.description}{expected}"
    yield f"{duration(preview.seconds):>10}  {'in all':<{width}}  on this machine"
    if preview.gates:
        yield ""
    for gate in preview.gates:
        yield f"gate  {gate}"
    for remark in preview.remarks:
        yield f"note  {remark}"


def outcome_lines(manifest: Mapping[str, Any]) -> Iterator[Table | str]:
    """What a result is: sizes and accuracy after each step, and its gates."""
    yield _table(manifest)
    for remark in manifest["remarks"]:
        yield f"note  {remark}"
    for verdict in manifest["verdicts"]:
        if not manifest["quick"]:
            yield f"gate  {_PASSED[verdict['passed']]}: {verdict['line']}"
        else:
            yield f"gate  {verdict['line']} (an early look, not judged)"


def _table(manifest: Mapping[str, Any]) -> Table:
    rows = [*manifest["steps"], *([manifest["published"]] if manifest["published"] else [])]
    columns = [
        (data, _first_measure(accuracy)) for data, accuracy in manifest["steps"][0]["accuracy"].items()
    ]
    table = Table("", "parameters", "MACs", "size", ".nb", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for data, measure in columns:
        table.add_column(f"{measure} on {data}", justify="right")
    for row in rows:
        table.add_row(
            row["label"] if row["key"] in ("0", "published") else f"{row['key']} {row['label']}",
            f"{row['cost']['parameters'] / 1e3:,.0f} k",
            f"{row['cost']['macs'] / 1e6:,.0f} M",
            size_text(row["cost"]["bytes"]),
            size_text(row["cost"]["nb_bytes"]) if "nb_bytes" in row["cost"] else "",
            *(_figure(row["accuracy"][data], measure) for data, measure in columns),
        )
    device = manifest["device"]
    if device:
        on = [_figure(device["accuracy"][data], measure) for data, measure in columns]
        table.add_row(f"on {device['name']}", "", "", "", "", *on)
    return table


def _first_measure(accuracy: Mapping[str, Any]) -> str:
    return next(iter(accuracy["measures"]), "agreement")


def _figure(accuracy: Mapping[str, Any], measure: str) -> str:
    found = accuracy["measures"].get(measure) or accuracy["agreement"]
    if not found:
        return ""
    return f"{found['value']:.2f} % ({found['low']:.1f} … {found['high']:.1f})"
