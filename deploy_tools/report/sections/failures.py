"""What could not be measured, and why."""

from __future__ import annotations

from html import escape

from deploy_tools.report.material import Material
from deploy_tools.report.words import case_title


def failures(material: Material) -> str:
    """A row per case of a device."""
    rows = "".join(
        f'<li id="{taken.anchor}"><div><b>{escape(taken.device)}</b> {case_title(taken.case)}</div>'
        f'<div class="error">{escape(taken.measurement.error)}</div></li>'
        for taken in material.failed
    )
    return f'<ul class="failures panel">{rows}</ul>' if rows else ""
