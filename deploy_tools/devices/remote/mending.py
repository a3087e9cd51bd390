"""The command that changes what the inventory says of a device, for messages."""

from __future__ import annotations

import shlex


def change_command(device: str, option: str) -> str:
    """The command that gives a device another value for an option, and leaves the rest as it is.

    Args:
        device: Its name.
        option: The option with what stands for its value: ``--python PROGRAM``.
    """
    return f"{shlex.join(['ppocr-edge', 'devices', 'add', device])} {option} --replace"
