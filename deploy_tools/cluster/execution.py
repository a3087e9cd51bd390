"""Having units measured by workers: each device's one after the other, elsewhere where a worker is lost."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from deploy_tools.cluster.connection import Asked, Connection, WorkerLostError, WorkerRefusedError
from deploy_tools.cluster.files import MOST_AT_ONCE
from deploy_tools.cluster.homes import ClusterDevice, choose_home
from deploy_tools.cluster.wire_form import Packed, pack
from deploy_tools.measurement.json_form import measurement_from_json
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.scenarios.execution import Keep, Lost, Told, run_until, share_of
from deploy_tools.scenarios.measure import failed
from deploy_tools.scenarios.plan import Unit
from edge.errors import DeviceError, PpocrEdgeError

MOST_LOST: Final = 3
"""A unit over which so many workers were lost is not tried again."""
PATIENCE: Final = 5.0
"""Seconds to wait for another worker that leads to a device."""
_POLL_SECONDS: Final = 0.5
_PIECE: Final = MOST_AT_ONCE // 4


class ClusterExecutor:
    """Workers measure on all devices at the same time; see `deploy_tools.scenarios.execution.Executor`.

    A device is used by one unit at a time: those of one client come one after the other, and of those of
    several clients the worker's resource lets one in, as they ask the same worker where several lead to it.
    Where they do not, because one joined meanwhile, the device's own lock makes the second wait.

    Args:
        connection: To the scheduler.
        devices: By `find_cluster_devices`.
        patience: See `PATIENCE`.
    """

    def __init__(
        self, connection: Connection, devices: Sequence[ClusterDevice], *, patience: float = PATIENCE
    ) -> None:
        self._connection = connection
        self._devices = {one.name: one for one in devices}
        self._patience = patience
        self._session = secrets.token_hex(8)
        self._stop = threading.Event()
        self._lost: list[Lost] = []
        self._mistakes: list[BaseException] = []
        self._asked: set[Asked] = set()
        self._sent: set[tuple[str, str]] = set()  # files that workers have

    def execute(self, units: Sequence[Unit], keep: Keep, told: Told) -> Sequence[Lost]:
        """Have units measured; see `deploy_tools.scenarios.execution.Executor`."""
        threads = [
            threading.Thread(target=self._run, args=(group, units, keep, told), daemon=True)
            for group in _by_what_they_are([self._devices[name] for name in _names(units)])
        ]
        try:
            run_until(threads, self._stop)
        finally:
            self._stop.set()
            for asked in list(self._asked):
                asked.cancel()
            self._connection.tell_all("leave", session=self._session)
        if self._mistakes:
            raise self._mistakes[0]
        return self._lost

    def _run(self, devices: Sequence[ClusterDevice], units: Sequence[Unit], keep: Keep, told: Told) -> None:
        """Everything for one device, whatever names it has."""
        try:
            for device in devices:
                own = [unit for unit in units if unit.device == device.name]
                for number, unit in enumerate(own):
                    if self._stop.is_set():
                        return
                    attempts = _Attempts(self, unit, device, keep, share_of(told, device.name, number))
                    why = attempts.run()
                    if self._stop.is_set():
                        return
                    told(device.name, number + 1)
                    if why:
                        self._lost.append(Lost(device.name, len(own) - number - 1, why))
                        break
        except BaseException as error:
            if not self._stop.is_set():  # what fails from now on fails because of us
                self._mistakes.append(error)
                self._stop.set()


class _Attempts:
    """A unit, tried until it is measured, or nobody is left to measure it."""

    def __init__(
        self,
        executor: ClusterExecutor,
        unit: Unit,
        device: ClusterDevice,
        keep: Keep,
        told: Callable[[float], None],
    ) -> None:
        self._executor = executor
        self._connection = executor._connection
        self._unit = unit
        self._device = device
        self._keep = keep
        self._told = told
        self._kept: set[tuple[str, str]] = set()

    def run(self) -> str:
        """Have it measured; returns why the device is lost, empty where it is not."""
        device, lost, why = self._device, 0, ""
        tried: set[str] = set()
        failures: list[Measurement] = []
        while not self._stopped:
            rest = self._unit.without(self._kept)
            if rest is None:
                return ""
            home = self._home(tried)
            if home is None:
                gone = DeviceError(device.name, why or "no worker leads to it any more")
                self._keep_all(failures or failed(rest, 0, gone, device.note))
                return why if failures else gone.one_line()
            try:
                packed = pack(rest, device.there)
            except PpocrEdgeError as error:
                return self._fail(rest, error)
            try:
                self._send_files(home, packed)
                answer = self._measure(home, rest, packed)
            except WorkerRefusedError as error:
                return self._fail(rest, error)
            except WorkerLostError:
                device.homes.discard(home)
                lost += 1
                why = "its worker was lost, and no other host leads to it"
                if lost >= MOST_LOST:
                    over = DeviceError(device.name, f"{lost} workers were lost over it", "measure it alone")
                    return self._fail(rest, over)
                continue
            failures = [self._read(text) for text in answer["failed"]]
            if not answer["gone"]:
                self._keep_all(failures)
                return ""
            tried.add(home)
            why = str(answer["gone"])
        return ""

    def _fail(self, unit: Unit, error: PpocrEdgeError) -> str:
        """Keep that a unit failed; the device is there."""
        self._keep_all(failed(unit, 0, error, self._device.note))
        return ""

    @property
    def _stopped(self) -> bool:
        return self._executor._stop.is_set()

    def _home(self, tried: set[str]) -> str | None:
        """The worker to ask; None where none leads to the device."""
        end = time.monotonic() + (0.0 if tried else self._executor._patience)
        while not self._stopped:
            if home := choose_home(self._connection, self._device, tried):
                return home
            if time.monotonic() >= end:
                return None
            self._executor._stop.wait(_POLL_SECONDS)
        return None

    def _send_files(self, worker: str, packed: Packed) -> None:
        sent = self._executor._sent
        sizes = {
            name: path.stat().st_size for name, path in packed.files.items() if (worker, name) not in sent
        }
        if not sizes:
            return
        lacks = self._connection.ask(worker, "lacks", files=sizes)["lacks"]
        for name in lacks:
            self._send_file(worker, name, sizes[name], packed.files[name])
        sent.update((worker, name) for name in sizes)

    def _send_file(self, worker: str, name: str, size: int, path: Path) -> None:
        token, offset = secrets.token_hex(8), 0
        with path.open("rb") as stream:
            while not self._stopped:
                data = stream.read(_PIECE)
                self._connection.ask(
                    worker, "put", name=name, size=size, offset=offset, data=data, token=token
                )
                offset += len(data)
                if not data or offset >= size:
                    return

    def _measure(self, worker: str, unit: Unit, packed: Packed) -> dict[str, Any]:
        """What a worker answers; what was measured is kept as soon as it is known."""
        token = secrets.token_hex(8)
        values = {
            "token": token,
            "session": self._executor._session,
            "plan": packed.plan,
            "as": unit.device,
            "names": packed.names,
        }
        asked = self._connection.submit(worker, self._device.there, values)
        self._executor._asked.add(asked)
        have = 0
        try:
            while not asked.wait(_POLL_SECONDS):
                if self._stopped:
                    return {"failed": [], "gone": ""}  # nobody looks at it
                so_far = self._connection.ask(worker, "take", token=token, have=have)
                for text in so_far.get("measured", ()):
                    self._keep_all([self._read(text)])
                    have += 1
                self._told(float(so_far.get("share", 0.0)))
            answer = asked.answer()
        finally:
            self._executor._asked.discard(asked)
            asked.cancel()
        self._keep_all(self._read(text) for text in answer["measured"][have:])
        if answer["stopped"]:
            raise WorkerLostError("it ends")
        return answer

    def _read(self, text: str) -> Measurement:
        """A measurement that was asked for.

        Raises:
            DeviceError: It is another.
        """
        measurement = measurement_from_json(json.loads(text))
        key = (measurement.environment.device, measurement.case.key)
        if key not in {(self._unit.device, part.case.key) for part in self._unit.parts}:
            raise DeviceError(
                self._device.name, "its worker measured something else", "use one version everywhere"
            )
        return measurement

    def _keep_all(self, measurements: Iterable[Measurement]) -> None:
        for one in measurements:
            if self._stopped:
                return
            self._keep(one)
            self._kept.add((one.environment.device, one.case.key))
            self._device.note = one.environment.note or self._device.note


def _names(units: Sequence[Unit]) -> list[str]:
    return list(dict.fromkeys(unit.device for unit in units))


def _by_what_they_are(devices: Sequence[ClusterDevice]) -> list[list[ClusterDevice]]:
    """Devices that are one and the same together: it is used for one thing at a time."""
    groups: list[list[ClusterDevice]] = []
    for device in devices:
        same = next((group for group in groups if any(one.marks & device.marks for one in group)), None)
        if same is None:
            groups.append([device])
        else:
            same.append(device)
    return groups
