"""The child process behind a predictor: its channel, its last words, and that it never outlives us."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Protocol

import edge
from edge.predictor.frames import Channel

LAST_WORDS: Final = 64 * 1024
"""So many bytes of the child's stderr are kept for the explanation."""
PACKAGES_FOLDER: Final = Path(edge.__file__).resolve().parent.parent
"""Where this project's packages are. Children start there, to import nothing of the user's folder."""


@dataclass(frozen=True)
class Ending:
    """How a child ended.

    Attributes:
        code: Exit code; negative: the signal.
        words: The end of what it wrote to stderr.
        by_itself: It was not ended by us.
    """

    code: int
    words: str
    by_itself: bool

    def __str__(self) -> str:
        return exit_text(self.code) if self.by_itself else "closed its pipe, was ended"


class SpeakingProcess(Protocol):
    """A process, wherever it runs, that speaks frames and ends with us.

    Attributes:
        channel: To it.
        greeting: What it said first, once somebody has read it.
    """

    channel: Channel
    greeting: Mapping[str, Any] | None

    def end(self, grace: float) -> Ending:
        """End the process, if it has not ended by itself, and give back all that is held for it.

        Args:
            grace: Seconds to wait for it to do so, so that its own exit code is seen.
        """
        ...


class Child:
    """A child process that speaks frames over its standard streams.

    It ends with us: at the latest when this process is gone, however it went, by ``--lifeline``
    (`edge.runner.child.end_with`).

    Args:
        command: Program and arguments; ``--lifeline`` is added.

    Raises:
        OSError: The process cannot be started.
    """

    def __init__(self, command: Sequence[str]) -> None:
        theirs, ours = lifeline_pipe()
        self._lifeline = open(ours, "wb", buffering=0)  # noqa: SIM115, PTH123
        try:
            self.process = subprocess.Popen(
                [*command, "--lifeline", str(theirs)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=PACKAGES_FOLDER,
                env=child_environment(),
                pass_fds=[theirs],
                start_new_session=True,  # Ctrl-C is ours to handle; the whole group is ended together
            )
        except BaseException:
            self._lifeline.close()
            raise
        finally:
            os.close(theirs)
        assert self.process.stdin is not None  # noqa: S101  (PIPE was asked for)
        assert self.process.stdout is not None  # noqa: S101
        assert self.process.stderr is not None  # noqa: S101
        self.channel = Channel(self.process.stdout.fileno(), self.process.stdin.fileno())
        self.greeting: Mapping[str, Any] | None = None
        self._words = bytearray()
        self._listener = threading.Thread(target=self._listen, args=(self.process.stderr,), daemon=True)
        self._listener.start()

    def _listen(self, stderr: IO[bytes]) -> None:
        with stderr:
            while data := os.read(stderr.fileno(), 1 << 14):
                self._words += data
                del self._words[:-LAST_WORDS]

    def end(self, grace: float) -> Ending:
        """End the process, if it has not ended by itself.

        Args:
            grace: Seconds to wait for it to do so, so that its own exit code is seen.
        """
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=grace)
        by_itself = self.process.returncode is not None
        if not by_itself:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        code = self.process.wait()
        self._listener.join(timeout=2.0)
        for pipe in (self.process.stdin, self.process.stdout, self._lifeline):
            assert pipe is not None  # noqa: S101
            with contextlib.suppress(OSError):
                pipe.close()
        return Ending(code, self._words.decode(errors="replace"), by_itself)


def lifeline_pipe() -> tuple[int, int]:
    """A pipe for ``--lifeline``: the child's end and ours.

    Never descriptor 0, 1 or 2, which the system hands out where a standard stream was closed, and which a
    child needs for its own.
    """
    ends = os.pipe()
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 3) for end in ends)
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


def child_environment() -> dict[str, str]:
    """The environment of a child that imports this project's packages: found wherever they are here."""
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    # absolute, because a child starts in another folder; an empty part means the current folder
    path = [str(PACKAGES_FOLDER), *(os.path.abspath(part) for part in given if part)]  # noqa: PTH100
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path)}


def python_command(module: str, *arguments: str) -> list[str]:
    """The command line of a module of this project in a Python of its own."""
    return [sys.executable, "-m", module, *arguments]


def exit_text(code: int) -> str:
    """An exit code in words: ``ended by SIGSEGV``, ``ended with exit code 1``.

    Args:
        code: As ``subprocess`` says it: negative for a signal.
    """
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"ended by {signal.Signals(-code).name}"
    except ValueError:  # real-time signals have no name
        return f"ended by signal {-code}"
