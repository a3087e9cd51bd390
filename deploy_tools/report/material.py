"""What a report is drawn from, and the choices that all its parts share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.run import Run
from deploy_tools.report.figures import Figures, figures_of
from deploy_tools.report.models import ModelFacts


@dataclass(frozen=True, eq=False)
class RunResults:
    """A run and what it measured.

    Attributes:
        run: The run.
        measurements: In the order they were taken.
    """

    run: Run
    measurements: tuple[Measurement, ...]


@dataclass(frozen=True, eq=False)
class Taken:
    """One measurement of one run.

    Attributes:
        run: The run it belongs to.
        measurement: What was measured.
        anchor: Its place in the page.
    """

    run: Run
    measurement: Measurement
    anchor: str

    @property
    def case(self) -> Case:
        """What was measured."""
        return self.measurement.case

    @property
    def device(self) -> str:
        """Where."""
        return self.measurement.environment.device

    @cached_property
    def figures(self) -> Figures | None:
        """The figures of its steady state; None where it has none."""
        return figures_of(self.measurement)


class Material:
    """Everything that a report shows.

    Args:
        runs: Runs with their measurements, in any order.
        tag: Whose history this is; empty where the runs were named one by one.
        models: Sizes and accuracies of models, where they are known.
    """

    def __init__(
        self, runs: Iterable[RunResults], *, tag: str = "", models: Sequence[ModelFacts] = ()
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
        return sorted(chosen.values(), key=lambda one: (*case_order(one.case), one.device))

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
        return sorted({taken.device for taken in self.taken})

    def histories(self) -> Iterator[list[Taken]]:
        """What was measured more than once: all measurements of one case on one device, oldest first."""
        groups: dict[tuple[Case, str], list[Taken]] = {}
        for taken in self.taken:
            if taken.figures is not None:
                groups.setdefault((taken.case, taken.device), []).append(taken)
        repeated = (group for group in groups.values() if len(group) > 1)
        return iter(sorted(repeated, key=lambda group: (*case_order(group[0].case), group[0].device)))


def case_order(case: Case) -> tuple[object, ...]:
    """A key that sorts cases as people count: 2 threads before 10, small inputs before large ones."""
    return (
        case.scenario,
        case.subject,
        case.precision,
        case.shape,
        case.threads,
        case.power_mode,
        case.detail,
    )
