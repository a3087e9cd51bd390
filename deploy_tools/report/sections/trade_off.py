"""Size, accuracy and latency: what was made smaller beside what it was made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from deploy_tools.report.charts.plot import chart
from deploy_tools.report.charts.trade_off import Spot, trade_off
from deploy_tools.report.figures import Figures
from deploy_tools.report.material import Material
from deploy_tools.report.models import Accuracy, ModelFacts
from deploy_tools.report.numbers import change, quantity
from deploy_tools.report.tables import folded, table
from deploy_tools.report.taken import Taken
from deploy_tools.report.words import subject_html
from edge.sizes import size_text

_MEASURES: Final = {
    "hmean": "hmean at IoU 0.5",
    "exact": "lines without a mistake",
    "accuracy": "angles right",
}
_LABELS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class _Model:
    """A model with what is known of it on some pictures."""

    label: str
    facts: ModelFacts
    accuracy: Accuracy
    latency: dict[str, Figures]


def trade_offs(material: Material) -> str:
    """A panel for every task and every set of pictures that several models, or one, were measured on."""
    groups: dict[tuple[str, str, str, str], list[tuple[ModelFacts, Accuracy]]] = {}
    for facts in material.models:
        for accuracy in facts.accuracies:
            key = facts.task, accuracy.data, accuracy.measure, accuracy.device
            groups.setdefault(key, []).append((facts, accuracy))
    parts = []
    for (_, data, measure, device), found in groups.items():
        models = [
            _Model(label, facts, accuracy, _latency(material, facts))
            for label, (facts, accuracy) in zip(_LABELS, found, strict=False)
        ]
        parts.append(_panel(data, measure, device, models))
    return "".join(parts)


def _panel(data: str, measure: str, device: str, models: Sequence[_Model]) -> str:
    what = _MEASURES[measure]
    sized = [(one, float(one.facts.size) / 1e6) for one in models if one.facts.size is not None]
    parts = []
    if sized:
        plot = trade_off(_spots(sized), "size of the .nb", "MB", what)
        parts.append(chart("Accuracy and size", plot))
    timed_on = dict.fromkeys(name for one in models for name in one.latency)
    for name in timed_on:
        if sum(name in one.latency for one in models) < 2:
            continue  # one model alone trades nothing off; the table has it
        timed = [(one, one.latency[name].median) for one in models if name in one.latency]
        plot = trade_off(_spots(timed), f"median latency on {name}", timed[0][0].latency[name].unit, what)
        parts.append(chart(f"Accuracy and latency on {name}", plot))
    where = f" on {device}" if device else ""
    count = models[0].accuracy.count
    return (
        f'<div class="panel"><h3>{escape(what)} <span class="muted small">{escape(data)}, {count} pictures'
        f"{escape(where)}; better is up and to the left</span></h3>{_list(models)}"
        f'<div class="charts">{"".join(parts)}</div>'
        f"{folded(_values(models, list(timed_on)))}</div>"
    )


def _spots(costs: Sequence[tuple[_Model, float]]) -> list[Spot]:
    labels = {one.facts.name: one.label for one, _ in costs}
    return [
        Spot(
            label=one.label,
            name=one.facts.name,
            cost=cost,
            value=one.accuracy.value,
            low=one.accuracy.low,
            high=one.accuracy.high,
            slim=one.facts.slim,
            origin=labels.get(one.facts.origin, ""),
        )
        for one, cost in costs
    ]


def _list(models: Sequence[_Model]) -> str:
    rows = []
    by_name = {one.facts.name: one for one in models}
    for one in models:
        kind = "slim" if one.facts.slim else "float"
        told = [f"{one.accuracy.value:.1f} %"]
        if one.facts.size is not None:
            told.append(size_text(one.facts.size))
        was = by_name.get(one.facts.origin)
        if was is not None and one.facts.size and was.facts.size:
            told.append(f"{change(one.facts.size, was.facts.size)} size")
        if was is not None:
            told.append(f"{one.accuracy.value - was.accuracy.value:+.2f} points")
        rows.append(
            f'<li><span class="key {kind}"></span><b>{one.label}</b> {subject_html(one.facts.name)} '
            f'<span class="muted small">{escape(one.facts.precision)} · {" · ".join(told)}</span></li>'
        )
    return f'<ul class="spots">{"".join(rows)}</ul>'


def _values(models: Sequence[_Model], devices: Sequence[str]) -> str:
    rows = [
        (
            f"{one.label} {one.facts.name}",
            one.facts.precision,
            "" if one.facts.size is None else size_text(one.facts.size),
            f"{one.accuracy.value:.2f} % ({one.accuracy.low:.2f} … {one.accuracy.high:.2f})",
            *(
                quantity(one.latency[name].median, one.latency[name].unit) if name in one.latency else ""
                for name in devices
            ),
        )
        for one in models
    ]
    return table(rows, ("model", "precision", "size", "accuracy (95 % interval)", *devices))


def _latency(material: Material, facts: ModelFacts) -> dict[str, Figures]:
    """By device: of the case with the fewest threads, where several were measured."""
    found: dict[str, Figures] = {}
    for taken in sorted(material.of("latency"), key=lambda one: (one.case.threads, one.case.shape)):
        if taken.figures is not None and _is_of(taken, facts):
            found.setdefault(taken.device, taken.figures)
    return found


def _is_of(taken: Taken, facts: ModelFacts) -> bool:
    if not facts.hashes.isdisjoint(taken.measurement.inputs.values()):
        return True
    return taken.case.subject == facts.name and taken.case.precision == facts.precision
