"""The part of the page that shows what changed, in pictures."""

from __future__ import annotations

from html import escape
from typing import Final

from edge.errors import ImageError
from slim.evaluation import (
    ClassificationEvaluation,
    DetectionEvaluation,
    Evaluation,
    RecognitionEvaluation,
)
from slim.html.fragments import marked, picture, readings
from slim.pipeline.outcome import Findings
from slim.pipeline.step import Progress
from slim.report.changes import (
    AngleChange,
    LineChange,
    PageChange,
    angle_changes,
    line_changes,
    page_changes,
    spread,
)
from slim.report.pictures import line_picture, page_picture

PAGES: Final = 6
LINES: Final = 24
_LEGEND: Final = (
    '<p class="small"><span class="key both"></span>both'
    '<span class="key gone"></span>only the model before'
    '<span class="key new"></span>only the small model</p>'
)


def changed_part(findings: Findings, progress: Progress) -> str:
    """What the small model answers otherwise than the one it was made of, data set by data set."""
    found = findings.place_evaluations or findings.result.evaluations
    parts = []
    for number, (name, after) in enumerate(found.items(), 1):
        before = findings.beginning.evaluations[name]
        data = findings.sets[name]
        parts.append(f"<h3>{escape(name)} <span class='muted small'>{len(data)} pictures</span></h3>")
        parts.append(_compared(before, after, labelled=data.labelled))
        progress(number, len(found), "pictures")
    return "".join(parts)


def _compared(before: Evaluation, after: Evaluation, *, labelled: bool) -> str:
    if isinstance(before, DetectionEvaluation) and isinstance(after, DetectionEvaluation):
        return _pages(before, after)
    if isinstance(before, RecognitionEvaluation) and isinstance(after, RecognitionEvaluation):
        return _lines(before, after, labelled=labelled)
    assert isinstance(before, ClassificationEvaluation)  # noqa: S101  (both are of one kind)
    assert isinstance(after, ClassificationEvaluation)  # noqa: S101
    return _angles(before, after)


def _pages(before: DetectionEvaluation, after: DetectionEvaluation) -> str:
    changes = page_changes(before, after)
    gone, new = sum(len(one.gone) for one in changes), sum(len(one.new) for one in changes)
    both = sum(len(one.kept) for one in changes)
    touched = sum(one.size > 0 for one in changes)
    line = (
        f"{both} boxes of both models, {gone} only of the model before, {new} only of the small one; "
        f"{touched} of {len(changes)} photographs differ."
    )
    shown = "".join(filter(None, (_page(one) for one in spread(changes, PAGES))))
    return f'<p>{line}</p>{_LEGEND}<div class="pictures">{shown}</div>'


def _page(change: PageChange) -> str:
    caption = f"<code>{escape(change.image.name)}</code>: {len(change.kept)} in both"
    if change.size:
        caption += f", {len(change.gone)} gone, {len(change.new)} new"
    try:
        return picture(page_picture(change), f"boxes on {change.image.name}", caption)
    except ImageError:  # it was there when it was measured
        return ""


def _lines(before: RecognitionEvaluation, after: RecognitionEvaluation, *, labelled: bool) -> str:
    changes = line_changes(before, after, labelled=labelled)
    total = len(before.cases)
    if not changes:
        return f"<p>All {total} lines are read alike.</p>"
    better = f" {sum(one.lost < 0 for one in changes)} of them better than before." if labelled else ""
    shown = "".join(filter(None, map(_line, changes[:LINES])))
    more = f" The {LINES} that lost most:" if len(changes) > LINES else ""
    line = f"{len(changes)} of {total} lines are read otherwise.{better}{more}"
    return f'<p>{line}</p><div class="lines">{shown}</div>'


def _line(change: LineChange) -> str:
    if change.text is None:
        before, after = change.before, change.after
        rows = [("before", marked(before, after, "other")), ("now", marked(after, before, "other"))]
    else:
        is_ = change.text
        rows = [
            ("is", escape(is_)),
            ("before", marked(change.before, is_, "wrong")),
            ("now", marked(change.after, is_, "wrong")),
        ]
    try:
        address = line_picture(change.image)
    except ImageError:
        return ""
    return picture(address, f"line {change.image.name}", readings(rows))


def _angles(before: ClassificationEvaluation, after: ClassificationEvaluation) -> str:
    changes = angle_changes(before, after)
    total = 2 * len(before.cases)
    if not changes:
        return f"<p>Of all {total} judgements (each line upright and turned) none changed.</p>"
    worse = sum(one.worse for one in changes)
    shown = "".join(filter(None, map(_angle, changes[:LINES])))
    line = (
        f"{len(changes)} of {total} judgements (each line upright and turned) changed, {worse} for the worse."
    )
    return f'<p>{line}</p><div class="lines">{shown}</div>'


def _angle(change: AngleChange) -> str:
    is_ = "180°" if change.turned else "0°"
    shown = f'<span class="wrong">{change.after:.2f}</span>' if change.worse else f"{change.after:.2f}"
    probability = f"{change.before:.2f} → {shown}"
    try:
        address = line_picture(change.image, turned=change.turned)
    except ImageError:
        return ""
    rows = [("is", is_), ("180° is given", probability)]
    return picture(address, f"line {change.image.name}", readings(rows))
