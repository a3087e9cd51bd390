"""From the last words of a process to why it died and what helps."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Final

from edge.failures.log_text import plain
from edge.failures.row import Row, Severity, Stage
from edge.failures.table import TABLE

MAX_EVIDENCE: Final = 300
_MAX_VALUE: Final = 120


@dataclass(frozen=True)
class Failure:
    """One explained failure.

    Attributes:
        key: Its stable name.
        stage: ``load``, ``run``, ``convert`` or ``device``.
        severity: ``death``, ``warning``, or ``unknown`` for a fatal line that the table does not explain.
        cause: Why it happened, as a clause.
        remedy: What helps, as a clause.
        evidence: What in the log says so, on one line; the exit where the log says nothing.
    """

    key: str
    stage: Stage
    severity: Severity
    cause: str
    remedy: str
    evidence: str


def explain(output: str, returncode: int | None = None) -> Failure | None:
    """The most telling of `findings`.

    Args:
        output: What the process printed (both streams), or any log that holds it.
        returncode: How it ended: as ``subprocess`` says it (−11), as a shell does (139), None where unknown.

    Returns:
        The failure, or None where nothing in the log or the exit is known.
    """
    found = findings(output, returncode)
    return found[0] if found else None


def findings(output: str, returncode: int | None = None) -> tuple[Failure, ...]:
    """Everything that is known about a log, the most telling first.

    First the deaths, the last one first; where there is none, what the exit says; then warnings, in their
    order. A fatal line that the table does not know counts only as the very last word. Each failure is
    listed once.

    Args:
        output: As for `explain`.
        returncode: As for `explain`.
    """
    text = plain(output)
    deaths: dict[
        int, Failure
    ] = {}  # by line; a more special row comes first in the table, and keeps its line
    warnings: dict[int, Failure] = {}
    for row in TABLE:
        found = _last_match(row, text)
        if found is not None:
            line, failure = found
            (warnings if row.severity == "warning" else deaths).setdefault(line, failure)
    ordered = [deaths[line] for line in sorted(deaths, reverse=True)]
    ordered = [failure for place, failure in enumerate(ordered) if failure.severity == "death" or place == 0]
    if not ordered and returncode is not None:
        ordered = [_failure(row, {}, _exit_text(returncode)) for row in TABLE if _says(row, returncode)]
    ordered += [warnings[line] for line in sorted(warnings)]
    return tuple({failure.key: failure for failure in reversed(ordered)}.values())[::-1]


def _last_match(row: Row, text: str) -> tuple[int, Failure] | None:
    """The last place where a row fits: number of its last line, and the failure."""
    if not any(needle in text for needle in row.needles):
        return None
    match = None
    for match in row.expression().finditer(text):  # noqa: B007  (the last one is wanted)
        pass
    if match is None:
        return None
    first = text.rfind("\n", 0, match.start()) + 1
    last = text.find("\n", match.end())
    evidence = text[first : last if last >= 0 else len(text)]
    return text.count("\n", 0, match.end()), _failure(row, match.groupdict(), evidence)


def _failure(row: Row, values: dict[str, str | None], evidence: str) -> Failure:
    shown = {name: _one_line(value or "?", _MAX_VALUE) for name, value in values.items()}
    return Failure(
        key=row.key,
        stage=row.stage,
        severity=row.severity,
        cause=row.cause.format_map(shown),
        remedy=row.remedy.format_map(shown),
        evidence=_one_line(evidence, MAX_EVIDENCE),
    )


def _one_line(text: str, limit: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _signal_number(returncode: int) -> int:
    """The signal behind an exit: −N from ``subprocess``, 128 + N from a shell; 0 where there is none."""
    return -returncode if returncode < 0 else max(returncode - 128, 0)


def _says(row: Row, returncode: int) -> bool:
    return returncode in row.exits or _signal_number(returncode) in row.signals


def _exit_text(returncode: int) -> str:
    number = _signal_number(returncode)
    try:
        return f"exit code {returncode} ({signal.Signals(number).name})"
    except ValueError:
        return f"exit code {returncode}"
