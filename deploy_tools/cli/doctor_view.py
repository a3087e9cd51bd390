"""Showing what a doctor found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy_tools.cli.visible import printable
from deploy_tools.devices.doctor.finding import NOT_LOOKED_AT

if TYPE_CHECKING:
    from deploy_tools.devices.doctor.finding import Finding
    from edge.failures.explain import Failure

_STYLES: Final = {"ok": "green", "note": "yellow", "mend": "bold red", "skipped": "dim"}
_WORDS: Final = {"ok": "ok", "note": "note", "mend": "MEND", "skipped": "-"}
_SEVERITIES: Final = {"death": "died", "warning": "warned", "unknown": "died"}
_STAGES: Final = {
    "load": "while it loaded a model",
    "run": "while it ran",
    "convert": "while it converted a model",
    "device": "when it was started",
}


def show_findings(console: Console, name: str, findings: Sequence[Finding]) -> None:
    """Print the checklist of one device, and in how many places it must be mended."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    looked_at = [one for one in findings if one.found != NOT_LOOKED_AT]
    for finding in looked_at:
        state = finding.state.value
        table.add_row(
            f"[{_STYLES[state]}]{_WORDS[state]}[/]", finding.check, escape(printable(finding.found))
        )
        if finding.remedy:
            table.add_row("", "", f"[bold]{escape(printable(finding.remedy))}[/]")
    if len(looked_at) < len(findings):
        table.add_row("-", "the rest", NOT_LOOKED_AT)
    console.print(f"[bold]{escape(printable(name))}[/]")
    console.print(table)
    count = sum(finding.state.value == "mend" for finding in findings)
    verdict = f"{count} to mend" if count else "sound"
    console.print(f"{escape(printable(name))}: {verdict}")


def show_failures(console: Console, failures: Sequence[Failure]) -> None:
    """Print what a log means, the most telling first."""
    if not failures:
        console.print("Nothing in this log is known. Give all of it, with its last lines, or --exit-code.")
        return
    for number, failure in enumerate(failures):
        if number:
            console.print()
        happened = f"{_SEVERITIES[failure.severity]} {_STAGES[failure.stage]}"
        console.print(f"[bold]{happened}: {escape(printable(failure.cause))}[/]  ({failure.key})")
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 1))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        table.add_row("do", escape(printable(failure.remedy)))
        table.add_row("seen", escape(printable(failure.evidence)))
        console.print(table)
