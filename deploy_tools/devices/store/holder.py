"""Who holds the lock of a device."""

from __future__ import annotations

import getpass
import json
import os
import socket
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Holder:
    """Who holds a lock, or held it.

    Attributes:
        owner: What the one who took it calls himself.
        host: Its name.
        since: When it was taken, by that host's clock: for people only.
        seconds: For how long, by the device's own count; None where it was started anew since.
        alive: It is held; otherwise its holder is gone, and the next one takes it.
    """

    owner: str
    host: str
    since: str
    seconds: int | None
    alive: bool

    def __str__(self) -> str:
        text = f"{self.owner} on {self.host}"
        if self.since:
            text += f" since {self.since}"
        return text if self.seconds is None else f"{text}, for {_duration(self.seconds)}"


def describe_us(owner: str) -> str:
    """Who takes a lock, as one line of ASCII that `read_holder` reads."""
    own = {
        "owner": owner,
        "host": socket.gethostname(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "pid": os.getpid(),
    }
    return json.dumps(own)


def default_owner() -> str:
    """The user's name, as far as this host knows it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def read_holder(lines: list[str], *, alive: bool) -> Holder:
    """What the lock's scripts tell of a holder: seconds, and its own description.

    What is damaged or was written by another version is told as far as it can be read.
    """
    seconds = int(lines[0]) if lines and lines[0].isdigit() else None
    own = {}
    try:
        value = json.loads(lines[1])
        own = value if isinstance(value, dict) else {}
    except (IndexError, ValueError):
        pass
    owner, host, since = (str(own.get(key, ""))[:200] for key in ("owner", "host", "since"))
    return Holder(owner or "somebody", host or "an unknown host", since, seconds, alive)


def _duration(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
