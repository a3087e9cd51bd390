"""Choosing widths for a budget: where the least is lost for what is saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from slim.pruning.budget import WidthCost
from slim.pruning.sensitivity import Sensitivity

_LEAST_GROWTH: Final = 1e-6


@dataclass(frozen=True)
class Budget:
    """What the network may have at most.

    Attributes:
        parameters: Numbers in the inference model; None for as many as there are.
        macs: Operations, as a share of the unpruned network's; None likewise.
    """

    parameters: int | None
    macs: float | None

    @property
    def bounded(self) -> bool:
        """Whether it says anything."""
        return self.parameters is not None or self.macs is not None

    def in_words(self, widths: Iterable[tuple[str, int]]) -> str:
        """What it says, for people, behind widths that are decided already."""
        words = [f"{name} to {width}" for name, width in widths]
        if self.parameters is not None:
            words.append(f"at most {self.parameters} parameters")
        if self.macs is not None:
            words.append(f"at most {100 * self.macs:g} % of the operations")
        return ", ".join(words)


def choose_widths(
    cost: WidthCost,
    sensitivity: Sensitivity,
    budget: Budget,
    step: int,
    settled: Mapping[str, int] = MappingProxyType({}),
) -> Mapping[str, int] | None:
    """Narrow spans one kernel step at a time, each time the one that loses least for what it saves.

    Args:
        cost: Of the network by widths.
        sensitivity: What narrowing costs.
        budget: To get within.
        step: Channels at a time; widths stay multiples of it.
        settled: Widths that are decided already.

    Returns:
        New widths of the spans that change; None where the budget cannot be reached with what was measured.
    """
    full = {name: cost.widths[name] for name in sensitivity.curves if name in cost.widths}
    most_macs = cost.macs({}) * budget.macs if budget.macs is not None else None
    widths = {**full, **settled}
    free = [name for name in full if name not in settled]
    while True:
        parameters, macs = cost.parameters(widths), cost.macs(widths)
        over_parameters = budget.parameters is not None and parameters > budget.parameters
        over_macs = most_macs is not None and macs > most_macs
        if not over_parameters and not over_macs:
            return {name: width for name, width in widths.items() if width != full.get(name)}
        best: tuple[float, str, int] | None = None
        for name in free:
            width = widths[name]
            narrower = (width - 1) // step * step
            if narrower < step or (growth := sensitivity.growth(name, narrower)) == float("inf"):
                continue
            lost = max(growth - sensitivity.growth(name, width), _LEAST_GROWTH)
            trial = {**widths, name: narrower}
            saved = 0.0
            if over_parameters:
                saved += (parameters - cost.parameters(trial)) / parameters
            if over_macs:
                saved += (macs - cost.macs(trial)) / macs
            if saved > 0 and (best is None or lost / saved < best[0]):
                best = (lost / saved, name, narrower)
        if best is None:
            return None
        widths[best[1]] = best[2]
