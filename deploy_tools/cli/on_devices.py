"""The same work on the devices that ``--device`` names: one as if there were no others, several together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from deploy_tools.cli.console import remark
from edge.errors import PpocrEdgeError

if TYPE_CHECKING:
    from deploy_tools.devices.base import Device, NamedDevice
    from deploy_tools.devices.together import Outcome

T = TypeVar("T")


def work_on(devices: Sequence[Device], work: Callable[[Device], T]) -> list[Outcome[T]]:
    """Do the work everywhere; the devices are closed afterwards.

    Raises:
        PpocrEdgeError: There is one device, and the work failed; of several each has its outcome.
    """
    from deploy_tools.devices.together import Outcome, on_each

    if len(devices) > 1:
        return on_each(devices, work)
    try:
        return [Outcome(devices[0], result=work(devices[0]))]
    finally:
        devices[0].close()


def tell_failures(outcomes: Sequence[Outcome[T]]) -> int:
    """Say on standard error which devices failed, and why; returns the exit code."""
    failed = [outcome for outcome in outcomes if outcome.error is not None]
    for outcome in failed:
        remark(failure_line(outcome.device, outcome.error))
    if failed:
        remark(f"{len(failed)} of {len(outcomes)} devices failed")
    return PpocrEdgeError.exit_code if failed else 0


def failure_line(device: Device, error: PpocrEdgeError | None) -> str:
    """An error in one line that names the device."""
    line = "" if error is None else error.one_line()
    return line if device.name in line else f"{device.name}: {line}"


def tell_notes(devices: Sequence[NamedDevice]) -> None:
    """Say on standard error what a reader of figures must know of the devices they are from."""
    for device in devices:
        if device.note:
            where = f" on {device.name}" if len(devices) > 1 else ""
            remark(f"note{where}: {device.note}")
