"""Writing both reports of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slim.pipeline.outcome import Findings
from slim.pipeline.step import Progress
from slim.report.page import report_page
from slim.report.values import report_values


def write_report(findings: Findings, manifest: Mapping[str, Any], folder: Path, progress: Progress) -> None:
    """Write ``report.json`` and ``report.html``.

    Args:
        findings: Of the run.
        manifest: Of the result.
        folder: Where to.
        progress: Told how far the pictures are.
    """
    values = report_values(findings, manifest)
    text = json.dumps(values, indent=1, ensure_ascii=False) + "\n"
    (folder / "report.json").write_text(text, encoding="utf-8")
    (folder / "report.html").write_text(report_page(findings, values, progress), encoding="utf-8")
