"""Names of cases, as the report's parts write them. Everything here is HTML; texts are escaped."""

from __future__ import annotations

from html import escape

from deploy_tools.measurement.case import Case
from deploy_tools.report.figures import Figures
from deploy_tools.report.numbers import between, counted, quantity, share
from slim.html.fragments import mark


def shape_text(shape: tuple[int, ...]) -> str:
    """``1×3×48×320``."""
    return "×".join(map(str, shape))


def threads_text(threads: int) -> str:
    """``2 threads``."""
    return counted(threads, "thread")


def conditions(case: Case) -> str:
    """Under what a case was measured, but for its subject, as text."""
    parts = (
        case.precision,
        shape_text(case.shape),
        threads_text(case.threads),
        f"power {case.power_mode}" if case.power_mode else "",
        case.detail,
    )
    return " · ".join(filter(None, parts))


def subject_html(subject: str) -> str:
    """A subject that may be broken where names of models are joined, and at underscores."""
    return escape(subject).replace("+", "+<wbr>").replace("_", "_<wbr>")


def case_title(case: Case) -> str:
    """Subject and conditions."""
    return f'{subject_html(case.subject)} <span class="muted small">{escape(conditions(case))}</span>'


def spoken(case: Case, device: str) -> str:
    """A case on a device in words, as text: begins what screen readers say of a chart."""
    return f"{case.subject} on {device}, {conditions(case)}"


def figure_words(figures: Figures) -> str:
    """The median with its interval."""
    return (
        f"<b>{quantity(figures.median, figures.unit)}</b> "
        f'<span class="interval">{between(figures.low, figures.high, figures.unit)}</span>'
    )


def flag_marks(figures: Figures) -> str:
    """How many samples were flagged; nothing where none was."""
    parts = []
    for number, word in ((figures.disturbed, "disturbed"), (figures.throttled, "throttled")):
        if number:
            parts.append(mark(f"{share(number, figures.count)} {word}", "warned"))
    return " ".join(parts)
