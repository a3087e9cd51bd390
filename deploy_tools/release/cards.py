"""Model cards: what somebody should know of a model before it reads for them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

from deploy_tools.release.card_tables import (
    accuracy_lines,
    latency_lines,
    parity_lines,
    shape_text,
    table_lines,
)
from deploy_tools.release.contents.findings import GateVerdict
from deploy_tools.release.contents.licence import UNKNOWN
from deploy_tools.release.contents.model import PackedModel
from deploy_tools.release.contents.naming import markdown_text, slug

FOLDER: Final = "cards"
_TASKS: Final = {
    "det": "finds where text is in a picture",
    "cls": "tells lines that stand upside down",
    "rec": "reads a line of text",
}
_COSTS: Final = {
    "parameters": "parameters",
    "macs": "multiplications for each input",
    "bytes": "bytes before conversion",
    "nb_bytes": "bytes after it",
}
_GATES: Final = {
    "passed": "passed all gates of its recipe",
    "failed": "FAILED a gate of its recipe",
    "not judged": "not judged by the gates of its recipe (an early look, or data that was not there)",
    "none": "never judged by gates",
}


def card_texts(models: Sequence[PackedModel]) -> dict[str, bytes]:
    """The cards of a release by their names in it; one for all conversions of a model."""
    groups: dict[tuple[str, str], list[PackedModel]] = {}
    for model in models:
        groups.setdefault((model.name, model.task), []).append(model)
    cards: dict[str, bytes] = {}
    for (name, task), group in sorted(groups.items()):
        file = f"{FOLDER}/{slug(name)}.md"
        if file.lower() in {other.lower() for other in cards}:
            apart = hashlib.sha256(f"{task}/{name}".encode()).hexdigest()[:8]
            file = f"{FOLDER}/{slug(name)}-{apart}.md"
        cards[file] = _card(group).encode()
    return cards


def _card(models: Sequence[PackedModel]) -> str:
    first = models[0]
    findings, manifest = first.findings, first.bundle.manifest
    lines = [
        f"# {markdown_text(first.name)}",
        "",
        f"{_TASKS[first.task].capitalize()}. Licence: {_licence(first.licence)}.",
        "",
    ]
    lines += table_lines(
        ["for", "computes in", "opt", "bytes", "sha256"],
        (
            [
                model.bundle.manifest.target,
                model.bundle.manifest.precision,
                model.bundle.manifest.opt_version,
                f"{model.bundle.nb.size:,}",
                f"`{model.bundle.nb.sha256[:16]}…`",
            ]
            for model in models
        ),
    )
    lines += ["## How it was made", "", *_made(first), ""]
    lines += ["## How it is used", ""]
    lines += [f"- input `{manifest.input.name}`: {shape_text(manifest.input.shape)}, {manifest.input.dtype}"]
    if manifest.classes is not None:
        lines += [
            f"- classes: {manifest.classes:,}, of which the dictionary beside the model tells the characters"
        ]
    lines += [f"- {name}: {_value(value)}" for name, value in vars(manifest.parameters).items()]
    lines += ["", "## How good it is", "", f"It {'was ' if findings.gates in ('not judged', 'none') else ''}"]
    lines[-1] += f"{_GATES[findings.gates]}."
    lines += ["", *map(_verdict, findings.verdicts)]
    lines += [""] if findings.verdicts else []
    lines += accuracy_lines(
        [*findings.figures, *dict.fromkeys(one for model in models for one in model.evaluated)]
    )
    lines += ["## How fast it is", "", *latency_lines(models)]
    lines += ["## Where it was seen to compute what Paddle does", "", *parity_lines(models)]
    warnings = dict.fromkeys(markdown_text(w) for model in models for w in model.bundle.manifest.warnings)
    limits = [*warnings, *_limits(models)]
    lines += ["## What to mind", "", *(f"- {limit}" for limit in limits), ""]
    return "\n".join(lines)


def _licence(licence: str) -> str:
    return "none is named" if licence == UNKNOWN else markdown_text(licence)


def _made(model: PackedModel) -> Iterable[str]:
    findings, source = model.findings, model.bundle.manifest.source
    if findings.recipe:
        yield f"By recipe `{markdown_text(findings.recipe)}` from `{markdown_text(findings.model)}`:"
        yield ""
        for number, step in enumerate(findings.steps, start=1):
            yield f"{number}. {markdown_text(step)}"
        costs = [f"{value:,} {_COSTS.get(name, name)}" for name, value in (findings.cost or {}).items()]
        yield ""
        yield f"It has {', '.join(costs)}."
    elif "zoo" in source:
        kind = markdown_text(str(source.get("kind", "")))
        yield f"Published by PaddleOCR as `{markdown_text(str(source['zoo']))}` ({kind})."
    else:
        yield "From an inference model of its maker's own."


def _verdict(verdict: GateVerdict) -> str:
    said = {True: "passed", False: "FAILED", None: "not judged"}[verdict.passed]
    return f"- {said}: {markdown_text(verdict.line)}"


def _limits(models: Sequence[PackedModel]) -> Iterable[str]:
    if any(model.bundle.manifest.precision == "int8" for model in models):
        yield "It computes in 8 bits on ARM; other processors' Paddle-Lite computes such models wrongly."
        if not all(model.findings.device or model.evaluated for model in models):
            yield "Its accuracy was measured in Paddle's simulation of 8 bits alone."
    if any(model.bundle.manifest.precision == "fp16" for model in models):
        yield "In half precision it needs a processor of ARMv8.2 or later, and a library built for that."
    if any("opencl" in model.bundle.nb.targets for model in models):
        yield "For OpenCL it needs a GPU whose driver has it, and a Paddle-Lite that was built with it."
    versions = sorted({model.bundle.manifest.opt_version for model in models})
    older = "an older one may compute garbage without a word"
    yield f"Use Paddle-Lite {' or '.join(versions)}, or a newer one; {older}."
    tolerance = max(model.tolerance for model in models)
    yield f"`selftest` lets its output differ from the golden one by {tolerance:g}."


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else markdown_text(str(value))
