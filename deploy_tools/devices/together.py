"""Several devices at the same time: one that fails never hides what the others did."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from deploy_tools.devices.base import Device
from deploy_tools.devices.closing import close_all
from edge.errors import PpocrEdgeError

T = TypeVar("T")
_ENDING_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What came of one device.

    Attributes:
        device: Which.
        result: What the work returned; None where it failed.
        error: Why it failed; None where it did not.
    """

    device: Device
    result: T | None = None
    error: PpocrEdgeError | None = None


def on_each(devices: Sequence[Device], work: Callable[[Device], T]) -> list[Outcome[T]]:
    """Do the same work on every device, in a thread for each; each is closed when its work is done.

    On Ctrl-C what runs on them is ended.

    Args:
        devices: Where.
        work: What to do; several run at once.

    Returns:
        What came of it, in the order of the devices.

    Raises:
        Exception: Of the work, where it is none of the toolkit's own: a mistake of ours. Raised when all are
            done.
    """
    outcomes: list[Outcome[T] | None] = [None] * len(devices)
    mistakes: list[BaseException] = []

    def run(place: int) -> None:
        device = devices[place]
        try:
            try:
                outcomes[place] = Outcome(device, result=work(device))
            finally:
                device.close()
        except PpocrEdgeError as error:
            outcomes[place] = Outcome(device, error=error)
        except BaseException as error:
            mistakes.append(error)

    # daemons: where a device does not answer, nobody waits for it at the end
    threads = [threading.Thread(target=run, args=(place,), daemon=True) for place in range(len(devices))]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except BaseException:
        # those that do not answer in time end it themselves when we are gone
        close_all(devices, _ENDING_SECONDS, threads)
        raise
    if mistakes:
        raise mistakes[0]
    return [outcome for outcome in outcomes if outcome is not None]
