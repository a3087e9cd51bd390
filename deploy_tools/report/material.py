"""What a report is drawn from, and the choices that all its parts share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from deploy_tools.measurement.case import Case
from deploy_tools.report.history import History
from deploy_tools.report.models import ModelFacts
from deploy_tools.report.taken import Taken
from deploy_tools.results.record import RunRecord


class Material:
    """Everything that a report shows.

    Args:
        runs: Runs with their measurements, in any order.
        tag: Whose history this is; empty where the runs were named one by one.
        models: Sizes and accuracies of models, where they are known.
    """

    def __init__(
        self, runs: Iterable[RunRecord], *, tag: str = "", models: Sequence[ModelFacts] = ()
    ) -> None:
        self.runs = sorted(runs, key=lambda one: one.run.started)
        self.tag = tag
        self.models = tuple(models)
        self.taken = [
            Taken(one.run, measurement, f"m{number}-{place}")
            for number, one in enumerate(self.runs)
            for place, measurement in enumerate(one.measurements)
        ]

    @cached_property
    def newest(self) -> list[Taken]:
        """Of every case on every device the newest measurement, rather one that did not fail; sorted."""
        chosen: dict[tuple[Case, str], Taken] = {}
        for taken in self.taken:  # oldest first
            key = taken.case, taken.device
            if taken.measurement.ok or key not in chosen or not chosen[key].measurement.ok:
                chosen[key] = taken
        return sorted(chosen.values(), key=lambda one: (*case_order(one.case), counting(one.device)))

    def of(self, *scenarios: str) -> Iterator[Taken]:
        """The newest measurements of these scenarios that did not fail."""
        return (taken for taken in self.newest if taken.measurement.ok and taken.case.scenario in scenarios)

    @property
    def failed(self) -> list[Taken]:
        """What failed, and was not measured otherwise either."""
        return [taken for taken in self.newest if not taken.measurement.ok]

    @cached_property
    def devices(self) -> list[str]:
        """Names of all devices."""
        return sorted({taken.device for taken in self.taken}, key=counting)

    @cached_property
    def histories(self) -> list[History]:
        """Every case that was measured in several runs, in one unit."""
        groups: dict[tuple[Case, str], list[Taken]] = {}
        for taken in self.taken:
            if taken.figures is not None:
                groups.setdefault((taken.case, taken.device), []).append(taken)
        found = [History(group) for group in groups.values() if len(group) > 1]
        found = [one for one in found if len({point.figures.unit for point in one.points}) == 1]
        return sorted(found, key=lambda one: (*case_order(one.last.case), counting(one.last.device)))


def counting(name: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts names as people count: board 2 before board 10."""
    parts = re.split(r"([0-9]{1,15})", name)
    return tuple((int(part), "") if place % 2 else (-1, part) for place, part in enumerate(parts))


def case_order(case: Case) -> tuple[object, ...]:
    """A key that sorts cases as people count: 2 threads before 10, small inputs before large ones."""
    return (
        case.scenario,
        counting(case.subject),
        case.precision,
        case.shape,
        case.threads,
        case.power_mode,
        case.detail,
    )
