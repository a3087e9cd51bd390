"""How ``ppocr-edge evaluate`` shows its results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

if TYPE_CHECKING:
    from deploy_tools.evaluation.result import Judged, Judgement
    from slim.evaluation import Measure

_NAMES: Final = {
    "hmean": "hmean at IoU 0.5",
    "precision": "precision",
    "recall": "recall",
    "exact": "lines without a mistake",
    "alphanumeric": "letters and digits right, in any case",
    "cer": "character error rate",
    "accuracy": "more probable angle right",
    "accuracy_in_use": "decided right by the pipeline's threshold",
    "upright_kept": "  upright lines kept",
    "turned_found": "  turned lines found",
}
_AGREEMENT: Final = {
    "det": "hmean of the model's boxes, those of the other taken as truth",
    "cls": "lines of which both decide alike",
    "rec": "lines that both read alike",
}


def heading(judgement: Judgement) -> list[str]:
    """What was measured where: a line for the data, and one for every model where there are two."""
    data = judgement.data
    lines = [
        f"{len(data)} {'photograph' if data.pages else 'line'}{'' if len(data) == 1 else 's'}, {data.path}"
    ]
    if judgement.other is not None:
        model, other = (f"{judged.candidate.name} on {judged.device}" for judged in judgement.all)
        lines += [f"model: {model}", f"other: {other}"]
    return lines


def results_table(judgement: Judgement) -> Table:
    """A row per measure; with another model its values too, and what is lost from it."""
    model, other, losses = judgement.model, judgement.other, judgement.losses()
    table = Table("", box=None, pad_edge=False)
    columns = [f"{model.candidate.label} on {model.device}"] if other is None else ["model", "other", "loss"]
    for column in columns:
        table.add_column(column, justify="right")
        table.add_column("95 % interval", justify="right")
    for name in model.evaluation.scores:
        measures = [judged.measures[name] for judged in judgement.all]
        measures += [losses[name]] if name in losses else []
        table.add_row(_NAMES[name], *(cell for measure in measures for cell in _cells(measure)))
    return table


def agreement_line(judgement: Judgement) -> str | None:
    """How far the two models agree, whatever the labels say; None where there is one."""
    agreement = judgement.agreement()
    if agreement is None:
        return None
    value, interval = _cells(agreement)
    what = _AGREEMENT[judgement.model.candidate.task]
    return f"agreement  {value}  {interval}  ({what})"


def _cells(measure: Measure) -> tuple[str, str]:
    if measure.unit == "points":
        return f"{measure.value:+.2f} points", f"{measure.low:+.2f} … {measure.high:+.2f}"
    return f"{measure.value:.2f} %", f"{measure.low:.2f} … {measure.high:.2f}"


def judgement_json(judgement: Judgement) -> dict[str, Any]:
    """Everything that was measured, as plain values."""
    data, other, agreement = judgement.data, judgement.other, judgement.agreement()
    values: dict[str, Any] = {
        "task": judgement.model.candidate.task,
        "data": {"path": str(data.path), "count": len(data), "labelled": data.labelled},
        **_judged_json(judgement.model, data.labelled),
    }
    if other is not None and agreement is not None:
        values["against"] = _judged_json(other, data.labelled)
        values["loss"] = {name: loss.to_json() for name, loss in judgement.losses().items()}
        values["agreement"] = agreement.to_json()
    return values


def _judged_json(judged: Judged, labelled: bool) -> dict[str, Any]:
    from edge.bundle.bundle import Bundle

    values, form = judged.evaluation.to_json(), judged.candidate.form
    measures = values["measures"] if labelled else {}
    return {
        "model": judged.candidate.name,
        "sha256": form.nb.sha256 if isinstance(form, Bundle) else None,
        "device": judged.device,
        "measures": measures,
        "images": values["images"],
    }
