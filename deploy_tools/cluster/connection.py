"""A client's way to a scheduler, and through it to the workers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import edge
from deploy_tools.cluster.address import Address
from deploy_tools.cluster.dask import set_up
from deploy_tools.cluster.reached import ABSENT, why_not_reached
from deploy_tools.cluster.work import PREFIX, measure, resource
from deploy_tools.devices.settings import RunSettings
from edge.errors import DeviceError, InputError

OPTION: Final = "--cluster"
_CONNECT_SECONDS: Final = 20.0
_ANSWER_SECONDS: Final = 20.0
_CLOSING_SECONDS: Final = 5.0


class WorkerLostError(Exception):
    """A worker does not answer any more, or answers nothing we know; the scheduler does."""


class WorkerRefusedError(DeviceError):
    """A worker does not do what it is asked, and says why."""


@dataclass(frozen=True)
class Worker:
    """A worker of ours, as it says.

    Attributes:
        address: Of it.
        label: Name of its host in the cluster.
        started: When, in seconds since 1970.
        devices: What is usual on each of its devices.
    """

    address: str
    label: str
    started: float
    devices: Mapping[str, RunSettings]


class Asked:
    """A unit that a worker was asked to measure.

    Args:
        future: Dask's.
    """

    def __init__(self, future: Any) -> None:
        self._future = future
        self._over = threading.Event()
        future.add_done_callback(lambda _: self._over.set())

    def wait(self, seconds: float) -> bool:
        """Whether it is over, after so many seconds at most."""
        return self._over.wait(seconds)

    def answer(self) -> dict[str, Any]:
        """What the worker answered.

        Raises:
            WorkerLostError: Nothing: it is gone, or the scheduler forgot.
        """
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        try:
            found = json.loads(self._future.result(timeout=_ANSWER_SECONDS))
        except (KilledWorker, FutureCancelledError, OSError, asyncio.TimeoutError) as error:
            raise WorkerLostError(type(error).__name__) from None
        assert isinstance(found, dict)  # noqa: S101  (so does our own task)
        return found

    def cancel(self) -> None:
        """Nobody wants it any more."""
        with contextlib.suppress(Exception):  # the scheduler may be gone
            self._future.cancel()


class Connection:
    """To a scheduler. Safe to use from several threads.

    Args:
        address: Of the scheduler.
        security: See `deploy_tools.cluster.certificates.security_of`.

    Raises:
        DeviceError: It does not answer.
        InputError: Dask is not installed.
    """

    def __init__(self, address: Address, security: Any) -> None:
        set_up(OPTION)
        from distributed import Client

        self._address = address
        subject = f"{OPTION} {address}"
        if refused := why_not_reached(address):
            raise DeviceError(subject, f"no scheduler answers there ({refused})", ABSENT)
        try:
            self._client: Any = Client(
                str(address),
                security=security,
                timeout=_CONNECT_SECONDS,
                set_as_default=False,
                name="ppocr-edge",
            )
        except (OSError, asyncio.TimeoutError, ValueError):
            raise DeviceError(subject, "what answers there is no scheduler for us", ABSENT) from None

    def workers(self) -> list[Worker]:
        """The workers of ours, those that are there for the longest first.

        Raises:
            DeviceError: The scheduler is gone.
            InputError: A worker is of another version.
        """
        found = []
        for address in self._listed():
            with contextlib.suppress(WorkerLostError):
                found.append(_worker(address, self._send(address, "hello", {}, _ANSWER_SECONDS)))
        return sorted(found, key=lambda one: (one.started, one.address))

    def has(self, worker: str) -> bool:
        """Whether a worker is there.

        Raises:
            DeviceError: The scheduler is gone.
        """
        return worker in self._listed()

    def ask(
        self, worker: str, operation: str, seconds: float = _ANSWER_SECONDS, **how: Any
    ) -> dict[str, Any]:
        """Ask a worker something; see `deploy_tools.cluster.desk.Desk`.

        Args:
            worker: Its address.
            operation: Name of a method.
            seconds: Time limit.
            how: Its arguments.

        Raises:
            WorkerLostError: It is gone.
            WorkerRefusedError: It refuses.
            DeviceError: The scheduler is gone.
        """
        if not self.has(worker):
            raise WorkerLostError("it left")
        return self._send(worker, operation, how, seconds)

    def tell_all(self, operation: str, **how: Any) -> None:
        """Tell all workers something, as far as they can be reached."""
        with contextlib.suppress(Exception):
            self._do(
                self._client.scheduler.broadcast,
                _CLOSING_SECONDS,
                msg={"op": PREFIX + operation, **how},
                on_error="ignore",
            )

    def submit(self, worker: str, device: str, values: Mapping[str, Any]) -> Asked:
        """Have a worker measure a unit as soon as it has the device free.

        Args:
            worker: Its address.
            device: Its name for the device.
            values: See `deploy_tools.cluster.desk.Desk.measure`.
        """
        future = self._client.submit(
            measure,
            json.dumps(values),
            key=f"{PREFIX}{values['token']}",
            workers=[worker],
            resources={resource(device): 1},
            pure=False,
            retries=0,
        )
        return Asked(future)

    def close(self) -> None:
        """End the connection."""
        with contextlib.suppress(Exception):
            self._client.close(timeout=_CLOSING_SECONDS)

    def _listed(self) -> list[str]:
        """Addresses of all workers that the scheduler has.

        Raises:
            DeviceError: The scheduler is gone.
        """
        try:
            return list(self._do(self._client.scheduler.identity, _ANSWER_SECONDS)["workers"])
        except (OSError, asyncio.TimeoutError, RuntimeError):
            raise DeviceError(
                f"{OPTION} {self._address}",
                "the scheduler does not answer any more",
                "see whether it still runs",
            ) from None

    def _send(self, worker: str, operation: str, how: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        message = {"op": PREFIX + operation, **how}
        try:
            answers = self._do(
                self._client.scheduler.broadcast, seconds, msg=message, workers=[worker], on_error="ignore"
            )
        except (OSError, asyncio.TimeoutError, RuntimeError) as error:
            raise WorkerLostError(type(error).__name__) from None
        found = answers.get(worker)
        if not isinstance(found, dict):  # gone, or none of ours
            raise WorkerLostError("it does not answer")
        if "error" in found:
            raise WorkerRefusedError(OPTION, str(found["error"]))
        return found

    def _do(self, work: Any, seconds: float, **how: Any) -> Any:
        async def limited() -> Any:
            return await asyncio.wait_for(work(**how), seconds)

        return self._client.sync(limited)


def _worker(address: str, said: Mapping[str, Any]) -> Worker:
    label, version = str(said["label"]), str(said["version"])
    if version != edge.__version__:
        raise InputError(
            f"worker {label}",
            f"is of version {version}, this is {edge.__version__}",
            "use one version everywhere",
        )
    devices = {
        str(name): RunSettings(usual["threads"], usual["power_mode"])
        for name, usual in said["devices"].items()
    }
    return Worker(address, label, float(said["started"]), devices)
