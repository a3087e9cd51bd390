"""Whether models passed the gates of their recipes: asked before anything is converted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from deploy_tools.conversion.source import ModelSource
from deploy_tools.release.contents.policy import Allow
from deploy_tools.ship.reporter import Ended
from deploy_tools.ship.stopped import Objection, Stopped
from edge.bundle.manifest import Task


def judge_gates(sources: Mapping[Task, ModelSource], allow: Collection[Allow]) -> Ended:
    """Look at how every model was judged.

    Args:
        sources: By task.
        allow: What may pass.

    Raises:
        Stopped: A gate was failed, or none could be judged, and that is not allowed.
    """
    objections: list[Objection] = []
    words = set()
    for task, source in sources.items():
        found = _objections(task, source)
        word: Allow = "failed-gates" if found and gates_of(source) == "failed" else "no-gates"
        if found and word not in allow:
            objections += found
            words.add(word)
    if objections:
        raise Stopped("gates", objections, [*_remedies(words), *_reports(sources, objections)])
    return Ended(", ".join(f"{task} {gates_of(source)}" for task, source in sources.items()))


def gates_of(source: ModelSource) -> str:
    """How a model was judged: ``passed``, ``failed``, ``not judged``, or ``none``."""
    result = source.origin.get("result")
    return str(result["gates"]) if result else "none"


def _objections(task: Task, source: ModelSource) -> list[Objection]:
    gates = gates_of(source)
    subject = f"{task} {source.name}"
    if gates == "passed":
        return []
    if gates == "failed":
        verdicts = source.origin["result"]["verdicts"]
        return [Objection(subject, one["line"]) for one in verdicts if one["passed"] is False]
    if gates == "none":
        return [Objection(subject, "no recipe judged it")]
    return [Objection(subject, "no gate of its recipe could be judged: their data was not given")]


def _remedies(words: Collection[str]) -> Iterator[str]:
    if "failed-gates" in words:
        yield (
            "change the steps or the data of the recipe of 'slim' (finished steps that still hold are kept), "
            "or its gates where they ask for too much"
        )
    if "no-gates" in words:
        yield "give the data of its gates under 'evaluate', or install fonts that render it"
    for word in sorted(words):
        yield f"or write allow: [{word}] (--allow {word}), which the release then says of itself"


def _reports(sources: Mapping[Task, ModelSource], objections: Collection[Objection]) -> Iterator[str]:
    subjects = {one.subject for one in objections}
    for task, source in sources.items():
        report = Path(source.folder) / "report.html"
        if f"{task} {source.name}" in subjects and report.is_file():
            yield f"look at {report}: what each step gained and lost"
