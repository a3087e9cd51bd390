"""Looking at a device from end to end, step by step."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import Final

from deploy_tools.devices.doctor import judging
from deploy_tools.devices.doctor.finding import NOT_LOOKED_AT, Finding, State
from deploy_tools.devices.doctor.trial import Trial, try_folder
from deploy_tools.devices.inventory.entry import DeviceEntry
from deploy_tools.devices.probe.facts import Probe
from deploy_tools.devices.probe.probe import probe_device
from deploy_tools.devices.store.holder import Holder
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.wire import Wire, script
from edge.errors import PpocrEdgeError

CHECKS: Final = (
    "connection",
    "shell",
    "folder",
    "programs",
    "space",
    "sha256",
    "runner",
    "library",
    "clock",
    "lock",
    "left over",
    "speed",
)
"""What is looked at, in its order."""
_FIRST: Final = ("connection", "shell")
"""Without these nothing else can be looked at."""
_TRIPS: Final = 3


def examine_device(wire: Wire, entry: DeviceEntry) -> tuple[Finding, ...]:
    """Look at everything in `CHECKS`; what cannot be looked at, as something before it failed, is skipped.

    Writes a small file and removes it. Nothing is sent but scripts.

    Args:
        wire: Leads to the device; not used yet.
        entry: What is said of it.
    """
    examination = _Examination(wire, entry)
    findings: list[Finding] = []
    for check in CHECKS:
        try:
            finding = examination.look(check)
        except PpocrEdgeError as error:
            finding = Finding(check, State.MEND, error.found, error.remedy)
        findings.append(finding)
        if finding.state is State.MEND and check in _FIRST:
            break
    rest = CHECKS[len(findings) :]
    return (*findings, *(Finding(check, State.SKIPPED, NOT_LOOKED_AT) for check in rest))


class _Examination:
    """Asks a device what the checks need, each thing once."""

    def __init__(self, wire: Wire, entry: DeviceEntry) -> None:
        self._wire = wire
        self._entry = entry

    def look(self, check: str) -> Finding:
        """Look at one thing.

        Raises:
            PpocrEdgeError: It cannot be looked at.
        """
        entry = self._entry
        checks: dict[str, Callable[[], Finding]] = {
            "connection": self._connection,
            "shell": lambda: judging.judge_shell(self._probe),
            "folder": lambda: judging.judge_folder(self._probe, self._trial),
            "programs": lambda: judging.judge_programs(self._probe, self._trial),
            "space": lambda: judging.judge_space(self._probe, entry),
            "sha256": lambda: judging.judge_sha256(self._probe),
            "runner": lambda: judging.judge_runner(self._probe, entry, self._trial),
            "library": lambda: judging.judge_library(self._probe, entry),
            "clock": lambda: judging.judge_clock(self._probe),
            "lock": lambda: judging.judge_lock(self._holder, entry),
            "left over": lambda: judging.judge_left_over(self._trial, self._holder, entry),
            "speed": lambda: judging.judge_speed(self._probe),
        }
        return checks[check]()

    def _connection(self) -> Finding:
        self._wire.run(script("exit 0"))
        start = time.perf_counter()
        for _ in range(_TRIPS):
            self._wire.run(script("exit 0"))
        milliseconds = (time.perf_counter() - start) / _TRIPS * 1000
        found = f"{self._wire.address}, {milliseconds:.0f} ms for a round trip"
        return Finding("connection", State.OK, found)

    @cached_property
    def _probe(self) -> Probe:
        return probe_device(self._wire, self._entry)

    @cached_property
    def _trial(self) -> Trial:
        return try_folder(self._wire, self._entry.folder)

    @cached_property
    def _holder(self) -> Holder | None:
        return DeviceStore(self._wire, self._entry.folder).holder()
