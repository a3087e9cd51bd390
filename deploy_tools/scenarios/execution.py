"""Who measures which unit, and when. Measuring itself is `deploy_tools.scenarios.measure`'s."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final, Protocol

from deploy_tools.devices.base import Device
from deploy_tools.devices.closing import close_all
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.scenarios.measure import failed, measure_unit
from deploy_tools.scenarios.plan import Unit
from deploy_tools.scenarios.workplace import Workplace
from edge.errors import DeviceError, PpocrEdgeError

Keep = Callable[[Measurement], None]
"""Keeps a measurement at once; may be called by several threads."""
Told = Callable[[str, float], None]
"""Told of a device how many of its units are done, the one in hand by its part."""
_ENDING_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.1


@dataclass(frozen=True)
class Lost:
    """A device that could not be reached any more; what it had left was not measured.

    Attributes:
        device: Its name.
        units: How many units it had left.
        why: In one line.
    """

    device: str
    units: int
    why: str


class Executor(Protocol):
    """Has units measured somewhere."""

    def execute(self, units: Sequence[Unit], keep: Keep, told: Told) -> Sequence[Lost]:
        """Have units measured; returns when all are, or failed, or their device is lost.

        Args:
            units: Those of one device are measured one after the other, in this order.
            keep: Is given everything that was measured, and what failed.
            told: See `Told`.

        Raises:
            Exception: Of ``keep``; nothing goes on then. On Ctrl-C what runs on devices is ended.
        """
        ...


class HostExecutor:
    """This host measures on all devices at the same time, in a thread for each.

    Args:
        devices: By name. They are closed when their units are done.
        workplace: Makes a device one where is measured.
    """

    def __init__(
        self, devices: Mapping[str, Device], workplace: Callable[[Device], Workplace] = Workplace
    ) -> None:
        self._devices = devices
        self._workplace = workplace
        self._stop = threading.Event()
        self._lost: list[Lost] = []
        self._mistakes: list[BaseException] = []

    def execute(self, units: Sequence[Unit], keep: Keep, told: Told) -> Sequence[Lost]:
        """Have units measured; see `Executor`."""
        of_device: dict[str, list[Unit]] = {}
        for unit in units:
            of_device.setdefault(unit.device, []).append(unit)
        used = [self._devices[name] for name in of_device]
        # daemons: where a device does not answer, nobody waits for it at the end
        threads = [
            threading.Thread(target=self._run, args=(self._devices[name], own, keep, told), daemon=True)
            for name, own in of_device.items()
        ]
        try:
            run_until(threads, self._stop)
        except BaseException:
            self._stop.set()  # what fails from now on fails because of us
            close_all(used, _ENDING_SECONDS, threads)
            raise
        if self._mistakes:
            close_all(used, _ENDING_SECONDS, threads)
            raise self._mistakes[0]
        return self._lost

    def _run(self, device: Device, units: Sequence[Unit], keep: Keep, told: Told) -> None:
        try:
            try:
                self._measure(self._workplace(device), units, keep, told)
            finally:
                device.close()
        except PpocrEdgeError as error:
            if not isinstance(error, DeviceError):  # closing one that is gone is no failure
                self._fail(error)
        except BaseException as error:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        """Nothing goes on where what was measured cannot be kept, or we made a mistake."""
        self._mistakes.append(error)
        self._stop.set()

    def _measure(self, place: Workplace, units: Sequence[Unit], keep: Keep, told: Told) -> None:
        name = place.device.name
        for number, unit in enumerate(units):
            if self._stop.is_set():
                return
            error = self._attempt(unit, place, keep, share_of(told, name, number))
            told(name, number + 1)
            if isinstance(error, DeviceError) and not self._stop.is_set() and not place.alive():
                self._lost.append(Lost(name, len(units) - number - 1, error.one_line()))
                return

    def _attempt(
        self, unit: Unit, place: Workplace, keep: Keep, told: Callable[[float], None]
    ) -> PpocrEdgeError | None:
        """Measure a unit, and keep what comes of it; returns why it failed, if it did."""
        kept = 0
        with closing(measure_unit(unit, place, told)) as coming:
            while True:
                try:
                    measurement = next(coming, None)
                except PpocrEdgeError as error:
                    if not self._stop.is_set():
                        for one in failed(unit, kept, error, place.device.note):
                            keep(one)
                    return error
                if measurement is None or self._stop.is_set():
                    return None
                keep(measurement)
                kept += 1


def run_until(threads: Sequence[threading.Thread], stop: threading.Event) -> None:
    """Start threads, and wait until all have ended, or nothing is to go on."""
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) and not stop.is_set():
        for thread in threads:
            thread.join(_LOOK_SECONDS)


def share_of(told: Told, device: str, done: int) -> Callable[[float], None]:
    """What is told of the unit in hand on a device, of which so many are done: how much of it is, 0 to 1."""
    return lambda share: told(device, done + min(share, 1.0))
