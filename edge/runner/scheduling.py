"""Which cores this process may use, and how long others kept it from them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from edge.runner.error import RunnerError

_TASKS: Final = "/proc/self/task"


def bind_to(cores: Sequence[int]) -> None:
    """Let this process, and what it starts, run on these cores alone.

    Raises:
        RunnerError: There is none of them, or the system does not allow it.
    """
    try:
        os.sched_setaffinity(0, cores)
    except (AttributeError, OSError) as error:
        shown = ",".join(map(str, cores))
        why = getattr(error, "strerror", None) or "this system has no such call"
        raise RunnerError(f"--cores {shown}: cannot be bound to them ({why})") from None


def allowed_cores() -> list[int]:
    """Numbers of the cores this process may use; empty where the system does not tell."""
    try:
        return sorted(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return []


class WaitClock:
    """How long all threads of this process so far stood ready to run while others had their core.

    The kernel counts it (``schedstat``, its second number, in ns). Of the threads that are there when it is
    made; what is measured has made its threads by then. Cheap, as it stands between measured runs.
    """

    def __init__(self) -> None:
        self._files: list[int] = []
        with suppress(OSError):
            for task in os.listdir(_TASKS):  # noqa: PTH208
                with suppress(OSError):  # a thread that has just ended
                    self._files.append(os.open(f"{_TASKS}/{task}/schedstat", os.O_RDONLY | os.O_CLOEXEC))

    def ms(self) -> float | None:
        """It, in ms; None where the kernel was built without."""
        total, told = 0, False
        for file in self._files:
            with suppress(OSError, ValueError, IndexError):  # a thread that has ended
                total += int(os.pread(file, 64, 0).split()[1])
                told = True
        return total / 1e6 if told else None

    def close(self) -> None:
        """Give back what it reads."""
        while self._files:
            os.close(self._files.pop())
