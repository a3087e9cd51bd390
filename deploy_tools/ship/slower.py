"""Whether something got slower than it may: whatever it was compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from deploy_tools.comparison.case import CaseComparison
from deploy_tools.comparison.runs import RunComparison
from deploy_tools.comparison.words import change, interval, milliseconds
from deploy_tools.ship.stopped import Objection, Stopped


def stop_where_slower(comparison: RunComparison, file: Path, closer: Callable[[CaseComparison], str]) -> None:
    """Go on, or do not.

    Args:
        comparison: Of the last release with this one.
        file: With the run of now.
        closer: The command that looks closer at a case.

    Raises:
        Stopped: A case is surely slower, by more than the threshold.
    """
    slower = [case for case in comparison.cases if case.regression]
    if slower:
        raise Stopped("slower", [_objection(case) for case in slower], _remedies(map(closer, slower), file))


def _objection(case: CaseComparison) -> Objection:
    ratio = case.ratio
    times = f"{milliseconds(ratio.before)} before, {milliseconds(ratio.after)} now"
    return Objection(
        f"{case.case.subject} on {case.device}", f"{times}: {change(ratio.ratio)} ({interval(case)})"
    )


def _remedies(closer: Iterable[str], file: Path) -> list[str]:
    return [
        *(f"look closer: {command}" for command in dict.fromkeys(closer)),
        f"or measure again, where something disturbed the device: rm -r {file.parents[2]}",
        "or write a measure.threshold that lets it pass",
    ]
