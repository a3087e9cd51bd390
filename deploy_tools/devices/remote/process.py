"""A runner on a device as a predictor sees it: its channel, and how it ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from typing import Any

from deploy_tools.devices.wire.wire import Exit, RemoteProcess
from edge.predictor.child import Ending
from edge.predictor.frames import Channel
from edge.predictor.process import explain_death


class DeviceProcess:
    """A process at the other end of a wire; see :class:`edge.predictor.child.SpeakingProcess`.

    Args:
        process: What the wire started.
    """

    def __init__(self, process: RemoteProcess) -> None:
        # of our own: whoever closes the wire closes its numbers, which may be another file's by then
        self._ends = [os.dup(process.stdout), os.dup(process.stdin)]
        self.channel = Channel(*self._ends)
        self.greeting: Mapping[str, Any] | None = None
        self._process = process

    def end(self, grace: float) -> Ending:
        """End it; see the class.

        Raises:
            DeviceError: With a grace: the link broke, so nobody knows how it ended.
        """
        try:
            ended = self._process.wait(grace) if grace > 0 else None
        finally:
            while self._ends:
                os.close(self._ends.pop())
            self._process.end()
        code = -int(signal.SIGKILL) if ended is None else _as_signal(ended)
        return Ending(code, self._process.words(), by_itself=ended is not None)


def _as_signal(end: Exit) -> int:
    """An exit code as ``subprocess`` says it: shells report signal N as 128 + N."""
    try:
        return -int(signal.Signals(end.code - 128)) if end.code > 128 else end.code
    except ValueError:
        return end.code


def explain_end(ending: Ending) -> tuple[str, str]:
    """Why a runner on a device ended, and what helps; as `edge.predictor.process.explain_death`."""
    if ending.by_itself and ending.code == 255 and not ending.words.strip():
        # so SSH ends where the process that it started there was killed, and where the link was lost
        return (
            "the runner was killed, or the connection to it was lost, without a word (exit code 255)",
            "see whether the device ran out of memory ('dmesg' there), and run it again",
        )
    cause, remedy = explain_death(ending)
    return cause.replace("the inference process", "the runner"), remedy
