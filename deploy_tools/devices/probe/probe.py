"""Asking a device what it is."""

from __future__ import annotations

import time
from typing import Final

from deploy_tools.devices.inventory.entry import AdbAddress, DeviceEntry
from deploy_tools.devices.probe.answer import parse_answer
from deploy_tools.devices.probe.asked import PYTHON_CODE, probe_script
from deploy_tools.devices.probe.facts import Probe
from deploy_tools.devices.store.asking import folder_argument
from deploy_tools.devices.wire.wire import Finished, Wire, script
from edge.errors import DeviceError

SECONDS: Final = 60.0
"""For all of it: an import of Paddle-Lite from a slow card takes ten."""


def probe_device(wire: Wire, entry: DeviceEntry) -> Probe:
    """Find out what a device is, in one round trip; nothing is changed there.

    Args:
        wire: Leads to it.
        entry: Says where files are kept there, and which Python is meant; on Android none is looked for
            where none is named.

    Raises:
        DeviceError: It cannot be reached, or does not answer as a POSIX shell does.
    """
    python = entry.python is not None or not isinstance(entry.address, AdbAddress)
    text = probe_script(python=python)
    arguments = (folder_argument(entry.folder), entry.python or "", PYTHON_CODE if python else "")
    done = wire.run(script(text, *arguments), seconds=SECONDS)
    try:
        return parse_answer(done.stdout, time.time())
    except ValueError as error:
        raise DeviceError(
            wire.name,
            f"its shell did not answer as it should: {error}{_last_words(done)}",
            "a POSIX shell is needed there (sh, BusyBox or Android's); see whether its login starts another "
            "program",
        ) from None


def _last_words(done: Finished) -> str:
    words = (done.stderr.strip() or done.stdout.strip()).decode(errors="replace").splitlines()
    said = f", {words[-1][:200]!r}" if words else ""
    return f" ({done.exit}{said})"
