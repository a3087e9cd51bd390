"""Keeping C libraries from writing to the terminal."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_TURN: Final = threading.Lock()


@contextmanager
def silenced_stderr() -> Iterator[None]:
    """Send what is written to file descriptor 2 nowhere, for as long as the block runs.

    For libtiff, which reports damage there itself, line after line. It concerns the whole process, so the
    block should be short.
    """
    # one block at a time: two that overlap would each keep what the other left
    with _TURN:
        if sys.stderr is not None:
            sys.stderr.flush()
        try:
            saved = os.dup(2)
        except OSError:  # it is closed: there is nothing to be kept from
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            os.close(nowhere)
