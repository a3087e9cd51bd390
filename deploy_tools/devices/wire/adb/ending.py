"""How commands end, as adb tells it."""

from __future__ import annotations

import signal

from deploy_tools.devices.wire.wire import Exit

_SIGNALLED = 128


def exit_of(code: int) -> Exit:
    """From what a shell, and adbd, make of an ending: 128 and the signal, where one ended it."""
    return Exit(_SIGNALLED - code if code - _SIGNALLED in set(signal.Signals) else code)
