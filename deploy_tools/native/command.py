"""Running cmake: its whole family of processes ends with us, and its last words tell what went wrong."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Sequence
from typing import Final

from edge.errors import BuildError

TIME_LIMIT: Final = 600.0
"""Seconds for one step; the whole build takes a few."""

# the most telling comes first: CMake's own words, and what a compiler says of its linker, stand for others
_ERRORS: Final = (
    re.compile(r"^.*\berror: (?!linker command failed|ld returned).*$", re.MULTILINE),
    re.compile(r"^.*(?:undefined reference|cannot find |\bld: ).*$", re.MULTILINE),
    re.compile(r"^CMake Error.*:\s+(.*)$", re.MULTILINE),
)


def run_step(command: Sequence[str], subject: str, what: str) -> None:
    """Run one step of a build.

    Args:
        command: Program and arguments.
        subject: What is being built, for messages.
        what: The step, as in ``what`` failed.

    Raises:
        BuildError: It failed or did not end.
    """
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # a compiler that cmake started is ended with it
        env={**os.environ, "LC_ALL": "C"},
    ) as process:
        try:
            words = process.communicate(timeout=TIME_LIMIT)[0].decode(errors="replace")
        except subprocess.TimeoutExpired:
            _end(process)
            raise BuildError(
                subject, f"{what} did not end within {TIME_LIMIT:g} s", "see whether the machine is busy"
            ) from None
        except BaseException:
            _end(process)
            raise
    if process.returncode != 0:
        found = next((match for error in _ERRORS if (match := error.search(words))), None)
        last = found[found.re.groups] if found else (words.strip().splitlines() or ["it said nothing"])[-1]
        raise BuildError(
            subject,
            f"{what} failed: {last.strip()[:300]}",
            "take headers and library from one Paddle-Lite release; the whole message: --debug",
        ) from RuntimeError(words)


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
