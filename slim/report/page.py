"""placeholder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slim.pipeline.outcome import Findings
from slim.pipeline.step import Progress


def report_page(findings: Findings, values: Mapping[str, Any], progress: Progress) -> str:
    """The page."""
    return "<!doctype html>"
