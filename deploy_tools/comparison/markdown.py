"""A comparison as Markdown, for a pull request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from deploy_tools.comparison.case import CaseComparison
from deploy_tools.comparison.runs import RunComparison
from deploy_tools.comparison.verdict import FASTER, SAME, SLOWER, UNSURE
from deploy_tools.comparison.words import change, interval, milliseconds, remarks, statistic, summary, verdict

_SIGNS: Final = {SLOWER: "🔺", FASTER: "🔽", SAME: "▪️", UNSURE: "❔"}


def comparison_markdown(comparison: RunComparison) -> str:
    """A heading, a table with a row for each case, remarks, and what could not be compared."""
    before, after = _code(comparison.before), _code(comparison.after)
    lines = [f"### {before} → {after}: {summary(comparison)}", ""]
    if comparison.cases:
        lines += _table(comparison)
    noted = [(case, text) for case in comparison.cases for text in remarks(case)]
    lines += [f"- {_name(case)}: {_text(text)}" for case, text in noted] + ([""] if noted else [])
    if comparison.alone:
        lines += [f"<details><summary>Not compared: {len(comparison.alone)}</summary>", ""]
        lines += [f"- {_text(one.device)}, {_code(one.case)}: {_text(one.why)}" for one in comparison.alone]
        lines += ["", "</details>", ""]
    return "\n".join(lines)


def _table(comparison: RunComparison) -> list[str]:
    settings = comparison.settings
    head = ["", "device", "case", "before", "after", "change", f"{100 * settings.confidence:g} % interval"]
    rows = [_row([*head, "samples", "verdict"]), "|---|---|---|--:|--:|--:|--:|--:|---|"]
    rows += [_row(_cells(case)) for case in comparison.cases]
    return [*rows, "", f"Times are the {statistic(settings)} of the steady state.", ""]


def _cells(case: CaseComparison) -> list[str]:
    ratio, word = case.ratio, verdict(case)
    return [
        _SIGNS[case.verdict],
        _text(case.device),
        _code(case.name),
        milliseconds(ratio.before),
        milliseconds(ratio.after),
        change(ratio.ratio),
        interval(case),
        f"{len(case.before.samples)}, {len(case.after.samples)}",
        f"**{word}**" if case.regression else word,
    ]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _name(case: CaseComparison) -> str:
    return f"{_text(case.device)}, {_code(case.name)}"


def _code(text: str) -> str:
    """Text as code; within it nothing has a meaning but backticks, and in a table bars."""
    plain = " ".join(text.split()).replace("`", "'").replace("|", "\\|")
    return f"`{plain}`"


def _text(text: str) -> str:
    plain = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{letter}" if letter in "\\`*_[]|#~" else letter for letter in plain)
