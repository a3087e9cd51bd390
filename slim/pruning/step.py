"""The step ``prune``: make spans of channels narrower, to widths that suit the kernels."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from edge.errors import InputError
from slim.distillation.settings import sample_pictures
from slim.networks.network import build_network
from slim.networks.stored import StoredNetwork, read_stored, write_stored
from slim.pipeline.step import Form, Precision, StepContext
from slim.pruning.budget import WidthCost
from slim.pruning.choice import Budget, choose_widths
from slim.pruning.cut import cut, most_important
from slim.pruning.importance import CRITERIA, Criterion
from slim.pruning.sensitivity import Sensitivity, read_sensitivity
from slim.pruning.statistics import StatisticsFitter
from slim.recipes.fields import Fields

KERNEL_STEP: Final = 8
"""Paddle-Lite's ARM kernels compute channels in blocks and pad what is between: other widths gain nothing."""


@dataclass(frozen=True)
class Prune:
    """Structured pruning; see :class:`slim.pipeline.step.Step`.

    Attributes:
        criterion: How channels are judged.
        widths: Pairs of a span's name (or the beginning of several spans' names, ending in ``*``) and its new
            width.
        budget: What the network may have at most; further spans are chosen for it by what the step
            ``sensitivity`` measured.
    """

    kind: ClassVar[str] = "prune"
    revision: ClassVar[int] = 1
    takes: ClassVar[frozenset[Form]] = frozenset({"network"})
    gives: ClassVar[Form | None] = None
    precision: ClassVar[Precision | None] = None

    criterion: Criterion
    widths: tuple[tuple[str, int], ...]
    budget: Budget

    def describe(self) -> str:
        """See :class:`slim.pipeline.step.Step`."""
        return f"prune by {self.criterion}: {self.budget.in_words(self.widths)}"

    def estimate(self, before: Path, context: StepContext) -> float:  # noqa: ARG002
        """See :class:`slim.pipeline.step.Step`."""
        started = time.perf_counter()
        if self.widths:
            stored = read_stored(before)
            widths = matching_widths(build_network(stored.plan).ledger.widths, dict(self.widths))
            cut(stored, most_important(stored, widths, self.criterion))
        return time.perf_counter() - started

    def run(self, before: Path, after: Path, work: Path, context: StepContext) -> None:  # noqa: ARG002
        """See :class:`slim.pipeline.step.Step`."""
        stored = read_stored(before)
        present = build_network(stored.plan).ledger.widths
        widths = matching_widths(present, dict(self.widths))
        if self.budget.bounded:
            widths = self._within_budget(stored, read_sensitivity(before), widths)
        kept = most_important(stored, widths, self.criterion)
        fitter = StatisticsFitter(stored, next(sample_pictures(before, context)))
        write_stored(fitter.fit(cut(stored, kept), kept), after)

    def _within_budget(
        self, stored: StoredNetwork, sensitivity: Sensitivity | None, settled: Mapping[str, int]
    ) -> dict[str, int]:
        if sensitivity is None:
            raise InputError(
                "recipe",
                "prune has a budget, but no sensitivity was measured",
                "put the step 'sensitivity: {}' before it",
            )
        widths = choose_widths(WidthCost(stored.plan), sensitivity, self.budget, KERNEL_STEP, settled)
        if widths is None:
            raise InputError(
                "recipe",
                "prune's budget cannot be reached with the widths that sensitivity tried",
                "allow more, or let sensitivity try smaller shares (kept: […])",
            )
        return dict(widths)


def matching_widths(
    present: Mapping[str, int], asked: Mapping[str, int], kind: str = Prune.kind
) -> dict[str, int]:
    """New widths by span.

    Args:
        present: Widths of the network's spans.
        asked: Widths by name, or by the beginning of names with ``*`` behind.
        kind: Of the step that asks.

    Raises:
        InputError: A name is no span's, or a width more than there is.
    """
    widths: dict[str, int] = {}
    for name, width in asked.items():
        if name.endswith("*"):
            found = [one for one in present if one.startswith(name[:-1])]
        else:
            found = [name] if name in present else []
        if not found:
            known = ", ".join(sorted(present)[:4])
            raise InputError(f"{kind}.widths.{name}", "is no part of this network", f"parts are: {known}, …")
        for one in found:
            if width > present[one]:
                raise InputError(
                    f"{kind}.widths.{name}",
                    f"is {width}, but {one} has {present[one]} channels",
                    "write a smaller width",
                )
            widths[one] = width
    return widths


def parse_wanted(fields: Fields) -> tuple[tuple[tuple[str, int], ...], Budget]:
    """Read how narrow a network is to become: ``widths`` by the names of spans, ``parameters``, ``macs``.

    Raises:
        InputError: A value is impossible, or there is none.
    """
    widths: list[tuple[str, int]] = []
    if (inner := fields.inner_or_none("widths")) is not None:
        for name in inner.keys:
            width = inner.whole(name, least=1, most=4096)
            if width % 4:
                inner.refuse(
                    name, f"is {width}", "write a multiple of 4, better 8: kernels pad what is between"
                )
            widths.append((name, width))
        inner.finish()
    parameters = fields.whole("parameters", 0, most=10**9) or None
    budget = Budget(parameters, fields.share("macs", 0.0) or None)
    if not widths and not budget.bounded:
        fields.refuse("widths", "is empty", "name channels and their new widths, or parameters or macs")
    return tuple(widths), budget


def parse(fields: Fields) -> Prune:
    """Read the step's part of a recipe."""
    criterion = fields.choice("criterion", CRITERIA, "fpgm")
    return Prune(criterion, *parse_wanted(fields))
