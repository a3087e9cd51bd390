"""Downloads as a part of a run."""

from __future__ import annotations

from slim.pipeline.schedule import Reporter
from slim.pipeline.step import Progress


class Pulling:
    """Takes what the zoo reports (:class:`slim.zoo.progress.Progress`) and passes it on.

    Args:
        progress: Of the stage that pulls.
        reporter: For remarks.
    """

    def __init__(self, progress: Progress, reporter: Reporter) -> None:
        self._progress = progress
        self._reporter = reporter
        self._label, self._total = "", 0

    def started(self, label: str, total: int | None) -> None:
        """A file begins."""
        self._label, self._total = label, total or 0

    def advanced(self, done: int) -> None:
        """So many of its bytes are here."""
        self._progress(done, self._total, self._label)

    def note(self, text: str) -> None:
        """A remark."""
        self._reporter.note(text)
