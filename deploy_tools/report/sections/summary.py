"""For somebody in a hurry: what was measured, and what one must know before trusting it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from deploy_tools.comparison.verdict import FASTER, SLOWER
from deploy_tools.measurement.series import FEW
from deploy_tools.report.material import Material
from deploy_tools.report.numbers import counted, moment, share
from deploy_tools.report.taken import Taken
from slim.html.fragments import figure_panel, mark


def summary(material: Material) -> str:
    """Figures in panels, and findings below them."""
    panels = "".join(_panels(material))
    findings = "".join(f"<li>{badge}<span>{text}</span></li>" for badge, text in _findings(material))
    return f'<div class="figures">{panels}</div><ul class="findings panel">{findings}</ul>'


def _panels(material: Material) -> Iterator[str]:
    subjects = {taken.case.subject for taken in material.newest}
    yield figure_panel("Devices", str(len(material.devices)), ", ".join(material.devices[:4]))
    yield figure_panel(
        "Cases",
        f"{len(material.newest):,}",
        f"of {counted(len(subjects), 'model or pipeline', 'models and pipelines')}",
    )
    found = [taken.figures for taken in material.taken if taken.figures is not None]
    samples, flagged = sum(one.count for one in found), sum(one.flagged for one in found)
    last = material.runs[-1].run.started
    yield figure_panel(
        "Samples", f"{samples:,}", f"in {counted(len(material.runs), 'run')}, the last {moment(last)}"
    )
    rest = f"disturbed or throttled; no part of medians where {FEW} others are left"
    yield figure_panel("Flagged", share(flagged, samples), rest)


def _findings(material: Material) -> Iterator[tuple[str, str]]:
    failed = material.failed
    if failed:
        yield (
            mark("failed", "failed"),
            f'<a href="#failures">{counted(len(failed), "case")} could not be measured</a>: {_named(failed)}',
        )
    else:
        yield mark("complete", "passed"), "Every case was measured."
    yield from _parity(material)
    yield from _flags(material)
    yield from _changes(material)
    yield from _fastest(material)
    notes = {
        (taken.device, taken.measurement.environment.note)
        for taken in material.newest
        if taken.measurement.environment.note
    }
    for device, note in sorted(notes):
        yield mark("note", "open"), f"<b>{escape(device)}</b>: {escape(note)}"


def _parity(material: Material) -> Iterator[tuple[str, str]]:
    checked = list(material.of("parity"))
    if not checked:
        return
    differ = [taken for taken in checked if taken.measurement.verdict]
    if differ:
        yield (
            mark("outputs differ", "failed"),
            f'<a href="#parity">{len(differ)} of {counted(len(checked), "check")}</a>: {_named(differ)}',
        )
    else:
        count = counted(len(checked), "check")
        yield mark("outputs agree", "passed"), f'<a href="#parity">{count}</a> of outputs: none differs.'


def _flags(material: Material) -> Iterator[tuple[str, str]]:
    for device in material.devices:
        found = [
            taken.figures
            for taken in material.newest
            if taken.device == device and taken.figures is not None and taken.case.scenario != "sustained"
        ]
        count = sum(one.count for one in found)
        for word, number in (
            ("disturbed", sum(one.disturbed for one in found)),
            ("throttled", sum(one.throttled for one in found)),
        ):
            if 20 * number > count:
                yield (
                    mark(word, "warned"),
                    f"{share(number, count)} of the samples of <b>{escape(device)}</b>; "
                    "do not trust small differences.",
                )


def _changes(material: Material) -> Iterator[tuple[str, str]]:
    found = material.histories
    if not found:
        return
    changed = False
    for verdict, kind in ((SLOWER, "failed"), (FASTER, "passed")):
        chosen = [one.last for one in found if one.verdict == verdict]
        if chosen:
            changed = True
            yield (
                mark(verdict, kind),
                f'<a href="#history">{len(chosen)} of {counted(len(found), "case")}</a> '
                f"than in the run before: {_named(chosen)}",
            )
    if not changed:
        cases = f'<a href="#history">{counted(len(found), "case")}</a>'
        yield mark("as before", "open"), f"{cases} measured again: none changed for sure."


def _fastest(material: Material) -> Iterator[tuple[str, str]]:
    """On which device most cases are fastest, where there are several."""
    best: dict[str, int] = {}
    groups: dict[object, list[Taken]] = {}
    for taken in material.of("latency", "ocr"):
        if taken.figures is not None:
            groups.setdefault(taken.case, []).append(taken)
    shared = [group for group in groups.values() if len(group) > 1]
    for group in shared:
        first = min(group, key=lambda one: one.figures.median if one.figures else 0.0)
        best[first.device] = best.get(first.device, 0) + 1
    if best:
        device = max(best, key=lambda name: best[name])
        yield (
            mark("fastest", "open"),
            f"<b>{escape(device)}</b>, in "
            f'<a href="#matrix">{best[device]} of {counted(len(shared), "case")}</a> that '
            " several devices share.",
        )


def _named(several: list[Taken], most: int = 3) -> str:
    names = list(dict.fromkeys(f"{taken.case.subject} on {taken.device}" for taken in several))
    more = " and others" if len(names) > most else ""
    return escape(", ".join(names[:most])) + more + "."
