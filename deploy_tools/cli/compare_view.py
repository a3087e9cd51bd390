"""How ``ppocr-edge compare`` shows its results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from rich.markup import escape
from rich.table import Table

from deploy_tools.cli.console import stdout_console
from deploy_tools.cli.visible import printable
from deploy_tools.comparison.verdict import FASTER, SAME, SLOWER, UNSURE
from deploy_tools.comparison.words import change, interval, milliseconds, remarks, summary, verdict

if TYPE_CHECKING:
    from deploy_tools.comparison.case import CaseComparison
    from deploy_tools.comparison.runs import RunComparison

_STYLES: Final[Mapping[str, str]] = {SLOWER: "red", FASTER: "green", SAME: "dim", UNSURE: "yellow"}


def show_comparison(comparison: RunComparison) -> None:
    """Print the table, what must be known of its rows, what was not compared, and how many became what."""
    console = stdout_console()
    if comparison.cases:
        console.print(comparison_table(comparison))
    several = len({case.device for case in comparison.cases}) > 1
    lines = [f"{_name(case, several=several)}: {text}" for case in comparison.cases for text in remarks(case)]
    lines += [f"not compared: {one.device}: {one.case}: {one.why}" for one in comparison.alone]
    for line in lines:
        console.print(escape(printable(line)), style="yellow", soft_wrap=True)
    console.print(summary(comparison), style="bold red" if comparison.regressions else "bold")


def comparison_table(comparison: RunComparison) -> Table:
    """One row for each case."""
    several = len({case.device for case in comparison.cases}) > 1
    table = Table(*(["device"] if several else []), "case", box=None, pad_edge=False)
    confidence = f"{100 * comparison.settings.confidence:g} % interval"
    for name in ("before", "after", "change", confidence, "samples"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict")
    for case in comparison.cases:
        style = _STYLES[case.verdict]
        table.add_row(
            *([escape(printable(case.device))] if several else []),
            escape(printable(case.name)),
            milliseconds(case.ratio.before),
            milliseconds(case.ratio.after),
            f"[{style}]{change(case.ratio.ratio)}[/]",
            interval(case),
            f"{len(case.before.samples)}, {len(case.after.samples)}",
            f"[{'bold ' if case.regression else ''}{style}]{verdict(case)}[/]",
        )
    return table


def _name(case: CaseComparison, *, several: bool) -> str:
    return f"{case.device}: {case.name}" if several else case.name
