"""Commands as lines for a device's shell: quoted, registered with the keeper, and then become the command."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HOME: Final = "/data/local/tmp"
"""Where an Android device lets the shell user write and run things; commands start there, as in a home."""

LONGEST_OLD: Final = 4000
"""Bytes of a service that every device takes; more than its packets hold ends the adb server of this host."""
LONGEST: Final = 60_000
"""Bytes of a service that devices with the second shell protocol take, and the adb server."""

# A full device may have no room for errors; its commands run all the same.
_ERRORS: Final = 'e="$d/$n.err"; ( : >"$e" ) || e=/dev/null\n'

NOT_KEPT: Final = 125
"""How a command ends that finds no keeper any more."""

# Writes its number, which is that of its process group, where the keeper finds it; then looks whether the
# keeper still wants it to run. Whichever of the two comes second sees what the first did. Where there is no
# room for a number it runs all the same, or a full device could not be tidied up.
_REGISTERED: Final = (
    '{ echo $$ >"$d/$n"; } 2>/dev/null; [ -e "$d/keeper" ] && [ ! -e "$d/$n.end" ] || '
    f"exit {NOT_KEPT}\nHOME={HOME} TMPDIR={HOME}; export HOME TMPDIR; cd {HOME} || exit {NOT_KEPT}\n"
)


@dataclass(frozen=True)
class Place:
    """Where a command stands in the keeper's folder.

    Attributes:
        folder: Of the keeper, on the device.
        number: Of the command.
    """

    folder: str
    number: int

    @property
    def registered(self) -> str:
        """The file with the number of its process group, while it runs."""
        return f"{self.folder}/{self.number}"

    def file(self, ending: str) -> str:
        """A file of the command."""
        return f"{self.registered}.{ending}"

    @property
    def _variables(self) -> str:
        return f"d={shlex.quote(self.folder)}; n={self.number}\n"

    def direct(self, body: str) -> bytes:
        """A line for devices that keep the streams apart and tell the exit code.

        Args:
            body: What becomes the command, see `exec_line`.
        """
        return os.fsencode(f"{self._variables}{_REGISTERED}{body}\n")

    def collected(self, body: str, *, stdin: str, mark: str) -> bytes:
        """A line for old devices that run a command to its end.

        After the output stands ``mark`` with the exit code, in a line of its own, then what was written to
        standard error.

        Args:
            body: As for `direct`.
            stdin: File that the command reads.
            mark: That the output does not hold.
        """
        return os.fsencode(
            f"{self._variables}exec 2>/dev/null\n{_REGISTERED}{_ERRORS}"
            f'( {body}\n) <{shlex.quote(stdin)} 2>"$e"; c=$?\n'
            f'echo; echo "{mark} $c"; cat "$e"; rm -f "$d/$n" "$d/$n".*\n'
        )

    def kept(self, body: str) -> bytes:
        """A line for old devices that talk to a process: its words and its exit code go to files."""
        return os.fsencode(
            f"{self._variables}exec 2>/dev/null\n{_REGISTERED}{_ERRORS}"
            f'( {body}\n) 2>"$e"\n'
            'echo $? >"$d/$n.exit.new"; mv "$d/$n.exit.new" "$d/$n.exit"; rm -f "$d/$n"\n'
        )


def exec_line(command: Sequence[str]) -> str:
    """What makes a shell become a command."""
    return "exec " + " ".join(shlex.quote(word) for word in command)


def source_line(path: str) -> str:
    """What makes a shell read on in a file, for commands that are too long."""
    return f". {shlex.quote(path)}"
