"""What a program does at its start that loads Paddle-Lite or Paddle: they print at will, abort and hang."""

from __future__ import annotations

import fcntl
import os
import resource
import select
import signal


def claim_stdout() -> int:
    """Keep standard output for ourselves: a descriptor for it, while what the library prints goes to stderr.

    Paddle-Lite and Paddle print to standard output at will, which would break the frames and the report.
    """
    own = os.dup(1)
    os.dup2(2, 1)
    return own


def forbid_core_files() -> None:
    """Paddle-Lite aborts on bad input; a core file of 1 GB for every one would be no help to anyone."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def end_at_once_on_ctrl_c() -> None:
    """Let Ctrl-C end this process as it ends a C program: inside the library too, and without a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def end_with(lifeline: int) -> None:
    """End this process when the other end of a pipe closes, that is, when whoever started it is gone.

    The kernel does it, by SIGIO: the library holds Python's lock while it computes, so no thread of ours
    could.

    Args:
        lifeline: Descriptor of the pipe's reading end; nothing is ever written to the other.
    """
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    poll = select.poll()
    poll.register(lifeline, 0)
    if poll.poll(0):  # it closed before we asked to be told
        os.kill(os.getpid(), signal.SIGIO)
