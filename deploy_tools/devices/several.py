"""Asking several devices at once: a broken one never hides the others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from queue import Queue
from typing import Final, TypeVar

from deploy_tools.devices.closing import close_all
from deploy_tools.devices.inventory.entry import DeviceEntry, SshAddress
from deploy_tools.devices.wire.open import open_wire
from deploy_tools.devices.wire.wire import Wire
from edge.errors import PpocrEdgeError

T = TypeVar("T")
MOST_AT_ONCE: Final = 16
_CLOSING_SECONDS: Final = 2.0


def ask_devices(
    entries: Sequence[DeviceEntry], ask: Callable[[Wire, DeviceEntry], T]
) -> Iterator[tuple[DeviceEntry, T | PpocrEdgeError]]:
    """Ask devices at the same time; results come in the order of the entries, each as soon as it can.

    Wires are closed at the end, and when nobody wants the rest of the results.

    Args:
        entries: The devices. Where one of them asks for a password, one after the other is asked.
        ask: What is asked; runs in several threads.

    Yields:
        The device, and what came of it, or why nothing did.
    """
    one_by_one = any(isinstance(one.address, SshAddress) and one.address.ask_password for one in entries)
    turns = threading.Semaphore(1 if one_by_one else MOST_AT_ONCE)
    wires: list[Wire] = []
    answers: list[Queue[T | Exception]] = [Queue() for _ in entries]

    def answer(entry: DeviceEntry, result: Queue[T | Exception]) -> None:
        try:
            with turns:
                wire = open_wire(entry)
                wires.append(wire)
                result.put(ask(wire, entry))
        except Exception as error:
            result.put(error)

    # daemons: where a device does not answer, Ctrl-C does not wait for it
    for pair in zip(entries, answers, strict=True):
        threading.Thread(target=answer, args=pair, daemon=True).start()
    try:
        for entry, waiting in zip(entries, answers, strict=True):
            result = waiting.get()
            if isinstance(result, Exception) and not isinstance(result, PpocrEdgeError):
                raise result  # a mistake of ours
            yield entry, result
    finally:
        close_all(wires, _CLOSING_SECONDS)  # one that is about to connect is not needed any more
