"""What was measured of a model, as tables of its card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deploy_tools.release.contents.figure import Figure
from deploy_tools.release.contents.model import PackedModel
from deploy_tools.release.contents.naming import markdown_text


def accuracy_lines(figures: Sequence[Figure]) -> list[str]:
    """How good a model was found to be."""
    if not figures:
        return ["No accuracy was measured of it.", ""]
    lost = {(one.place, one.data, one.name): one for one in figures if one.kind == "loss"}
    rows = []
    for figure in figures:
        if figure.kind == "loss":
            continue
        loss = lost.get((figure.place, figure.data, figure.name))
        rows.append(
            [
                markdown_text(figure.data),
                markdown_text(figure.name.replace("_", " ")) or "agreement with the model it was made of",
                str(figure),
                "" if loss is None else str(loss),
                str(figure.count),
                markdown_text(figure.place) + (f" (`{figure.run}`)" if figure.run else ""),
            ]
        )
    head = [
        "data",
        "measure",
        "figure (95 % interval)",
        "lost against the model it was made of",
        "pictures",
        "on",
    ]
    return table_lines(head, rows)


def latency_lines(models: Sequence[PackedModel]) -> list[str]:
    """How fast models ran on devices."""
    rows, notes = [], {}
    for model in models:
        for one in model.measured:
            values = one.to_json()
            if one.is_parity or values["ms"] is None:
                continue
            notes[values["device"]] = values["note"]
            times = values["ms"]
            rows.append(
                [
                    markdown_text(values["device"]),
                    shape_text(values["shape"]),
                    f"{values['threads']}",
                    *(f"{times[part]:.2f} ms" for part in ("p50", "p90", "p99")),
                    str(times["samples"]),
                    "" if values["peak_rss_mb"] is None else f"{values['peak_rss_mb']:.0f} MB",
                    f"`{one.run}`",
                ]
            )
    if not rows:
        return ["No time was measured of it on a device.", ""]
    head = ["device", "input", "threads", "p50", "p90", "p99", "samples", "memory", "run"]
    about = [f"{markdown_text(device)}: {markdown_text(note)}." for device, note in notes.items() if note]
    return [*table_lines(head, rows), *(line for note in about for line in (note, ""))]


def parity_lines(models: Sequence[PackedModel]) -> list[str]:
    """Where models were seen to compute what Paddle does."""
    rows = []
    for model in models:
        for one in model.measured:
            values = one.to_json()
            if one.is_parity:
                differs = "" if values["differs"] is None else f"{values['differs']:.2g}"
                cells = (values["device"], values["library_version"], differs, values["verdict"])
                rows.append([*map(markdown_text, cells), f"`{one.run}`"])
    if not rows:
        return ["It was compared with Paddle's output on no device; `selftest` does that.", ""]
    return table_lines(["device", "Paddle-Lite", "golden output differs by", "verdict", "run"], rows)


def table_lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table of Markdown, and an empty line."""
    return [_row(head), _row(["---"] * len(head)), *map(_row, rows), ""]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def shape_text(shape: Sequence[int]) -> str:
    """Sizes of a tensor for people."""
    return " × ".join("any" if size < 0 else str(size) for size in shape)
