"""A recorder for what shall not be kept."""

from __future__ import annotations

import threading

from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.run import Run


class MemoryRecorder:
    """Remembers what was measured as long as the process lives; see `deploy_tools.measurement.run.Recorder`.

    Attributes:
        runs: By id.
        finished: Ids of runs nothing more comes of.
    """

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}
        self.finished: set[str] = set()
        self._kept: dict[str, dict[tuple[str, str], Measurement]] = {}
        self._turn = threading.Lock()

    def begin(self, run: Run) -> None:
        """Remember a run."""
        self.runs[run.id] = run
        self._kept[run.id] = {}

    def add(self, run_id: str, measurement: Measurement) -> None:
        """Remember a measurement.

        Raises:
            ValueError: The case was measured on the device before: a mistake of whoever measures.
        """
        key = (measurement.environment.device, measurement.case.key)
        with self._turn:
            before = self._kept[run_id].get(key)
            if before is not None and before.ok:
                raise ValueError(f"{key} was measured before")
            self._kept[run_id][key] = measurement

    def finish(self, run_id: str) -> None:
        """Note that nothing more is to come."""
        self.finished.add(run_id)

    def measured(self, run_id: str) -> frozenset[tuple[str, str]]:
        """Device and key of the case of what did not fail."""
        with self._turn:
            return frozenset(key for key, one in self._kept[run_id].items() if one.ok)

    def measurements(self, run_id: str) -> list[Measurement]:
        """Everything that is remembered of a run."""
        with self._turn:
            return list(self._kept[run_id].values())
