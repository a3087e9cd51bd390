"""The page: one file with everything in it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final

from deploy_tools.report.material import Material
from deploy_tools.report.numbers import counted, moment
from deploy_tools.report.sections.devices import devices, runs
from deploy_tools.report.sections.distributions import distributions
from deploy_tools.report.sections.failures import failures
from deploy_tools.report.sections.history import histories
from deploy_tools.report.sections.matrix import matrix
from deploy_tools.report.sections.parity import parity
from deploy_tools.report.sections.pictures import pictures
from deploy_tools.report.sections.summary import summary
from deploy_tools.report.sections.sustained import sustained
from deploy_tools.report.sections.sweeps import sweeps
from deploy_tools.report.sections.trade_off import trade_offs
from slim.html.page import package_text, page

Part = Callable[[Material], str]

_PARTS: Final[tuple[tuple[str, str, Part], ...]] = (
    ("summary", "In short", summary),
    ("failures", "Failures", failures),
    ("matrix", "Devices and models", matrix),
    ("trade-off", "Size, accuracy, latency", trade_offs),
    ("sweeps", "Sweeps", sweeps),
    ("sustained", "Under load", sustained),
    ("history", "History", histories),
    ("parity", "Parity", parity),
    ("pictures", "What was read", pictures),
    ("distributions", "Every sample", distributions),
    ("devices", "Devices", devices),
    ("runs", "Runs", runs),
)


def report_page(
    material: Material, *, title: str = "", progress: Callable[[int, int], None] = lambda *_: None
) -> str:
    """The page's text.

    Args:
        material: At least one run with at least one measurement.
        title: Of the page; one that says what was measured where empty.
        progress: Told how many parts are made, of how many.
    """
    made = []
    for number, (anchor, name, part) in enumerate(_PARTS, 1):
        made.append((anchor, name, part(material)))
        progress(number, len(_PARTS))
    shown = [one for one in made if one[2]]
    links = "".join(f'<a href="#{anchor}">{escape(name)}</a>' for anchor, name, _ in shown)
    sections = "".join(
        f'<section id="{anchor}" aria-labelledby="{anchor}-title"><h2 id="{anchor}-title">{escape(name)}</h2>'
        f"{content}</section>"
        for anchor, name, content in shown
    )
    title = title or _title(material)
    body = (
        '<a class="skip" href="#report">Skip to the results</a>'
        f'<header class="top"><h1>{escape(title)}</h1><p class="muted">{escape(_subtitle(material))}</p>'
        f'<nav aria-label="Parts of this report">{links}</nav></header>'
        f'<main id="report" tabindex="-1">{sections}</main>'
    )
    return page(
        title,
        body,
        style=package_text("deploy_tools.report", "report.css"),
        script=package_text("deploy_tools.report", "report.js"),
    )


def _title(material: Material) -> str:
    if material.tag:
        return f"Benchmarks: {material.tag}"
    shown = material.devices[:3]
    more = len(material.devices) - len(shown)
    return f"Benchmarks on {', '.join(shown)}{f' and {more} more' if more else ''}"


def _subtitle(material: Material) -> str:
    first, last = material.runs[0].run.started, material.runs[-1].run.started
    when = moment(first) if first == last else f"{moment(first)} to {moment(last)}"
    version = material.runs[-1].run.version
    by = f", ppocr-edge {version}" if version else ""
    return f"{counted(len(material.runs), 'run')}, {when}{by}"
