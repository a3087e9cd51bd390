"""The step ``prune``: make spans of channels narrower, to widths that suit the kernels."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from edge.errors import InputError
from slim.networks.network import build_network
from slim.networks.stored import StoredNetwork, read_stored, write_stored
from slim.pipeline.step import Form, Precision, StepContext
from slim.pruning.cut import cut, most_important
from slim.pruning.importance import Criterion
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
    """

    kind: ClassVar[str] = "prune"
    revision: ClassVar[int] = 1
    takes: ClassVar[frozenset[Form]] = frozenset({"network"})
    gives: ClassVar[Form | None] = None
    precision: ClassVar[Precision | None] = None

    criterion: Criterion
    widths: tuple[tuple[str, int], ...]

    def describe(self) -> str:
        """See :class:`slim.pipeline.step.Step`."""
        narrowed = ", ".join(f"{name} to {width}" for name, width in self.widths)
        return f"prune by {self.criterion}: {narrowed}"

    def estimate(self, before: Path, context: StepContext) -> float:  # noqa: ARG002
        """See :class:`slim.pipeline.step.Step`."""
        started = time.perf_counter()
        _pruned(read_stored(before), self)
        return time.perf_counter() - started

    def run(self, before: Path, after: Path, work: Path, context: StepContext) -> None:  # noqa: ARG002
        """See :class:`slim.pipeline.step.Step`."""
        write_stored(_pruned(read_stored(before), self), after)


def _pruned(stored: StoredNetwork, step: Prune) -> StoredNetwork:
    widths = matching_widths(build_network(stored.plan).ledger.widths, dict(step.widths))
    return cut(stored, most_important(stored, widths, step.criterion))


def matching_widths(present: Mapping[str, int], asked: Mapping[str, int]) -> dict[str, int]:
    """New widths by span.

    Args:
        present: Widths of the network's spans.
        asked: Widths by name, or by the beginning of names with ``*`` behind.

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
            raise InputError(f"prune.widths.{name}", "is no part of this network", f"parts are: {known}, …")
        for one in found:
            if width > present[one]:
                raise InputError(
                    f"prune.widths.{name}",
                    f"is {width}, but {one} has {present[one]} channels",
                    "write a smaller width",
                )
            widths[one] = width
    return widths


def parse(fields: Fields) -> Prune:
    """Read the step's part of a recipe."""
    criterion: Criterion = "l1" if fields.choice("criterion", ("fpgm", "l1"), "fpgm") == "l1" else "fpgm"
    inner = fields.inner("widths")
    widths = []
    for name in inner.keys:
        width = inner.whole(name, least=1, most=4096)
        if width % 4:
            inner.refuse(
                name, f"is {width}", "write a multiple of 4, better 8: the kernels pad what is between"
            )
        widths.append((name, width))
    inner.finish()
    if not widths:
        fields.refuse("widths", "is empty", "name channels and their new widths")
    return Prune(criterion, tuple(widths))
