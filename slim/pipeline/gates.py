"""Judging a result by the gates of its recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from slim.evaluation import Evaluation, Measure, agreement, paired_loss
from slim.recipes.recipe import AGREEMENT, COSTS, Gate

_DIGITS: Final = 6
"""Differences of shares are compared after rounding, so that 0.5 points are not more than 0.5 points."""


@dataclass(frozen=True)
class Evidence:
    """What gates are judged by.

    Attributes:
        costs: Of the result, by name.
        result: Its evaluations by data set: on the device where there is one, else on Paddle.
        beginning: Of the model the recipe began with, on Paddle.
        published: Of the published slim model, where a gate asks for it, at the same place as the result's.
        where: Name of that place.
    """

    costs: Mapping[str, int]
    result: Mapping[str, Evaluation]
    beginning: Mapping[str, Evaluation]
    published: Mapping[str, Evaluation]
    where: str


@dataclass(frozen=True)
class Verdict:
    """How a gate was judged.

    Attributes:
        gate: The gate.
        passed: Whether the result holds it; None where it could not be judged.
        found: The figure with its interval; None for costs and where there is none.
        cost: The figure of a cost.
        where: Name of the place it was measured at; empty for costs.
    """

    gate: Gate
    passed: bool | None
    found: Measure | None = None
    cost: int | None = None
    where: str = ""

    def line(self) -> str:
        """One line: which measure, what was found, what is allowed."""
        gate = self.gate
        what = gate.measure if gate.data is None else f"{gate.measure} on {gate.data}"
        if self.passed is None:
            return f"{what}: there is no such data"
        if self.cost is not None:
            return f"{what}: {self.cost:,}, allowed are {_limit(gate)}"
        assert self.found is not None  # noqa: S101  (costs and missing data are done with)
        interval = f"{self.found.low:.2f} … {self.found.high:.2f}"
        sure = ", the interval too" if gate.confident else ""
        if gate.largest_loss is None:
            share = f"{self.found.value:.2f} % ({interval})"
            return f"{what}: {share} on {self.where}, wanted is {_limit(gate)}{sure}"
        lost = (
            f"loses {self.found.value:.2f} points"
            if self.found.value >= 0
            else f"gains {-self.found.value:.2f} points"
        )
        standard = "the model it was made of" if gate.against == "float" else "the published slim model"
        return (
            f"{what}: {lost} (interval of the loss {interval}) against {standard} on {self.where}, "
            f"allowed are {gate.largest_loss:g} points{sure}"
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        gate = self.gate
        return {
            "measure": gate.measure,
            "data": gate.data,
            "largest_loss": gate.largest_loss,
            "against": gate.against if gate.largest_loss is not None else None,
            "least": gate.least,
            "most": gate.most,
            "confident": gate.confident,
            "passed": self.passed,
            "found": self.found.to_json() if self.found is not None else self.cost,
            "where": self.where,
            "line": self.line(),
        }


def judge(gate: Gate, evidence: Evidence) -> Verdict:
    """Judge one gate."""
    if gate.measure in COSTS:
        cost = evidence.costs.get(gate.measure)
        passed = None if cost is None else _within(gate, cost, cost, cost)
        return Verdict(gate, passed, cost=cost)
    assert gate.data is not None  # noqa: S101  (the reader asks for it)
    standard = evidence.published if gate.against == "published" else evidence.beginning
    if gate.data not in evidence.result or gate.data not in standard:
        return Verdict(gate, None)
    ours, theirs = evidence.result[gate.data], standard[gate.data]
    if gate.largest_loss is not None:
        found = paired_loss(theirs, ours, gate.measure)
    elif gate.measure == AGREEMENT:
        found = agreement(theirs, ours)
    else:
        found = ours.measures()[gate.measure]
    return Verdict(gate, _within(gate, found.value, found.low, found.high), found, where=evidence.where)


def _within(gate: Gate, value: float, low: float, high: float) -> bool:
    least, most = (low, high) if gate.confident else (value, value)
    upper = gate.largest_loss if gate.largest_loss is not None else gate.most
    if gate.least is not None:
        return round(least, _DIGITS) >= gate.least
    assert upper is not None  # noqa: S101  (a gate has one limit)
    return round(most, _DIGITS) <= upper


def _limit(gate: Gate) -> str:
    unit = "" if gate.measure in COSTS else " %"
    if gate.least is not None:
        return f"{gate.least:,g}{unit} or more" if unit else f"{gate.least:,.0f} or more"
    assert gate.most is not None  # noqa: S101
    return f"{gate.most:,g}{unit} or less" if unit else f"{gate.most:,.0f} or less"
