"""By what a device knows the hosts that use it."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path
from typing import Final

_MACHINE: Final = Path("/etc/machine-id")


def this_host() -> str:
    """This user of this machine: the same every time, and not to be read back."""
    try:
        machine = _MACHINE.read_text()
    except OSError:
        machine = ""
    words = f"{machine.strip()}\n{socket.gethostname()}\n{os.getuid()}"
    return hashlib.sha256(words.encode()).hexdigest()[:16]
