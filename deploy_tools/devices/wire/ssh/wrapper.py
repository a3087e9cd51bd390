"""What a command is wrapped in over there: it says when it begins, and can be found again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Final

NAME: Final = "ppocr-edge"
"""Stands before the tag in the wrapping shell's command line."""
LONGEST: Final = 120_000
"""Bytes of one command, quoted: it reaches the device's shell as one argument, which may have 128 KiB."""

# Its first line is for `lifeline.SCRIPT`, which looks for it in command lines. Both streams begin with the
# tag: what a login shell's own files print comes before. The shell itself says nothing: stderr is the
# command's.
_SCRIPT: Final = r""": {name} {tag};
cd 2>/dev/null
of() {{ session=$4; }}
read -r stat 2>/dev/null </proc/self/stat && of ${{stat##*) }}
printf '%s %s;\n' {tag} "$session"
printf '%s;\n' {tag} >&2
exec 3>&2 2>/dev/null
(exec "$@") 2>&3 3>&-
exit"""


def wrapped(command: Sequence[str], tag: str) -> bytes:
    """The line for the device's login shell.

    Args:
        command: Program and arguments.
        tag: Of letters, digits and hyphens.

    Raises:
        ValueError: A word holds NUL.
    """
    if any("\0" in word for word in command):
        raise ValueError("NUL in a command")
    return quoted(["sh", "-c", _SCRIPT.format(name=NAME, tag=tag), "sh", *command])


def quoted(command: Sequence[str]) -> bytes:
    """Words for a shell."""
    # names of files are bytes, whatever the locale makes of them
    return b" ".join(shlex.quote(word).encode(errors="surrogateescape") for word in command)


class Beginning:
    """Takes from a stream what came before the command's own output.

    Args:
        tag: Of the command.
    """

    def __init__(self, tag: str) -> None:
        self._mark = re.compile(re.escape(tag.encode()) + rb"( \d*)?;\n")
        self._before: bytes | None = b""
        self.session = ""

    @property
    def begun(self) -> bool:
        """Whether the command began."""
        return self._before is None

    @property
    def before(self) -> str:
        """The end of what came instead, so far."""
        return (self._before or b"").decode(errors="replace")

    def after(self, data: bytes) -> bytes:
        """What of a piece is the command's."""
        if self._before is None:
            return data
        self._before += data
        found = self._mark.search(self._before)
        if found is None:
            self._before = self._before[-(1 << 14) :]
            return b""
        own = self._before[found.end() :]
        self.session = (found[1] or b"").decode().strip()
        self._before = None
        return own
