"""The step ``subspace``: narrow linear spans to the directions that matter."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Final

from edge.errors import InputError
from slim.distillation.settings import sample_pictures
from slim.networks.stored import read_stored, write_stored
from slim.pipeline.step import Form, Precision, StepContext
from slim.pruning.budget import WidthCost
from slim.pruning.choice import Budget, choose_widths
from slim.pruning.fisher import span_moments
from slim.pruning.linear import linear_spans
from slim.pruning.sensitivity import Sensitivity
from slim.pruning.step import matching_widths, parse_wanted
from slim.pruning.subspace import Basis, best_basis, narrow
from slim.recipes.fields import Fields
from slim.training.team import use_one_thread
from slim.zoo.entry import Task

_BATCH: Final = 8
_QUICK_PICTURES: Final = 16


@dataclass(frozen=True)
class Subspace:
    """Narrowing in the best basis; see :class:`slim.pipeline.step.Step` and :mod:`slim.pruning.subspace`.

    Attributes:
        pictures: Training pictures to measure on.
        multiple: What widths that are chosen are multiples of.
        widths: As those of ``prune``, of linear spans.
        budget: As that of ``prune``; widths are chosen by what is measured here.
    """

    kind: ClassVar[str] = "subspace"
    revision: ClassVar[int] = 1
    takes: ClassVar[frozenset[Form]] = frozenset({"network"})
    gives: ClassVar[Form | None] = None
    precision: ClassVar[Precision | None] = None

    pictures: int
    multiple: int
    widths: tuple[tuple[str, int], ...]
    budget: Budget

    def describe(self) -> str:
        """See :class:`slim.pipeline.step.Step`."""
        return f"narrow linear parts in their best basis: {self.budget.in_words(self.widths)}"

    def estimate(self, before: Path, context: StepContext) -> float:
        """See :class:`slim.pipeline.step.Step`."""
        started = time.perf_counter()
        batches = list(self._batches(before, context, 1))
        span_moments(read_stored(before).build(), batches, categorical=False, seed=context.seed)
        return (time.perf_counter() - started) * self._count(context) / _BATCH

    def run(self, before: Path, after: Path, work: Path, context: StepContext) -> None:  # noqa: ARG002
        """See :class:`slim.pipeline.step.Step`."""
        stored = read_stored(before)
        network = stored.build()
        present = {name: span.width for name, span in linear_spans(network).items()}
        widths = matching_widths(present, dict(self.widths), self.kind)
        categorical = context.entry.task is not Task.DETECTION
        batches = self._batches(before, context, self._count(context) // _BATCH)
        moments = span_moments(network, batches, categorical=categorical, seed=context.seed)
        bases = {name: best_basis(one) for name, one in moments.items()}
        if self.budget.bounded:
            widths = self._within_budget(WidthCost(stored.plan), bases, widths)
        lost = sum(bases[name].lost(width) for name, width in widths.items())
        told = ", ".join(f"{name} {width}" for name, width in widths.items())
        context.progress(1, 1, f"{told}: about {lost:.3g} nats a picture are lost")
        write_stored(narrow(stored, bases, widths), after)

    def _count(self, context: StepContext) -> int:
        return min(self.pictures, _QUICK_PICTURES) if context.quick else self.pictures

    def _batches(self, before: Path, context: StepContext, count: int) -> Iterator[Any]:
        use_one_thread()
        for number, pictures in enumerate(sample_pictures(before, context, _BATCH, count), 1):
            yield pictures
            context.progress(number, count, "measure what matters")

    def _within_budget(
        self, cost: WidthCost, bases: Mapping[str, Basis], settled: Mapping[str, int]
    ) -> dict[str, int]:
        curves = {
            name: MappingProxyType({width: basis.lost(width) for width in range(1, len(basis.cost) + 1)})
            for name, basis in bases.items()
        }
        measured = Sensitivity(MappingProxyType(curves))
        widths = choose_widths(cost, measured, self.budget, self.multiple, settled)
        if widths is None:
            raise InputError(
                "recipe",
                "subspace's budget cannot be reached by its linear parts alone",
                "allow more, or prune other parts before it",
            )
        return {**settled, **widths}


def parse(fields: Fields) -> Subspace:
    """Read the step's part of a recipe."""
    widths, budget = parse_wanted(fields)
    return Subspace(
        fields.whole("pictures", 128, least=_BATCH, most=100_000),
        fields.whole("multiple", 4, least=1, most=64),
        widths,
        budget,
    )
