"""Passwords and passphrases: asked for when they are needed, kept in memory while the wire is used."""

from __future__ import annotations

import getpass
import threading
from collections.abc import Callable
from typing import Final

from edge.errors import DeviceError

Ask = Callable[[str], str]
"""Asks a person for a secret, with a prompt."""

# several devices connect at the same time, and there is one terminal
_ONE_AT_A_TIME: Final = threading.Lock()


def ask_terminal(prompt: str) -> str:
    """Ask at the terminal, without echo.

    Raises:
        OSError: There is none.
    """
    with open("/dev/tty", "r+b", buffering=0):  # noqa: PTH123
        pass  # getpass would read standard input instead
    return getpass.getpass(prompt)


class Secrets:
    """What was asked for and turned out right.

    Args:
        device: Name of the device, for messages.
        ask: How a person is asked.
    """

    def __init__(self, device: str, ask: Ask = ask_terminal) -> None:
        self._device = device
        self._ask = ask
        self._right: dict[str, str] = {}

    def get(self, what: str) -> str:
        """A secret.

        Args:
            what: It is for: ``password of pi@10.0.0.7``.

        Raises:
            DeviceError: There is nobody to ask.
        """
        if what in self._right:
            return self._right[what]
        with _ONE_AT_A_TIME:
            try:
                return self._ask(f"{self._device}: {what}: ")
            except (OSError, EOFError):
                raise DeviceError(
                    self._device,
                    f"the {what} is needed, and there is no terminal to ask for it",
                    "load a key into the SSH agent ('ssh-add'), or run this in a terminal",
                ) from None

    def right(self, what: str, secret: str) -> None:
        """Keep a secret that was accepted."""
        self._right[what] = secret

    def wrong(self, what: str) -> None:
        """Forget one that was not."""
        self._right.pop(what, None)
