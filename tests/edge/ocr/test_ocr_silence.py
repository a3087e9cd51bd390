"""libtiff's lines go nowhere, and stderr comes back whatever happens."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from edge.ocr.silence import silenced_stderr
from edge.predictor.child import child_environment


def target_of_stderr() -> str:
    return str(Path("/proc/self/fd/2").readlink())


def test_stderr_is_back_after_overlapping_blocks() -> None:
    before = target_of_stderr()

    def work() -> None:
        for _ in range(20):
            with silenced_stderr():
                assert target_of_stderr() == os.devnull
                time.sleep(0.001)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert target_of_stderr() == before


CLOSED = """
import os
os.close(2)
from edge.ocr.silence import silenced_stderr
with silenced_stderr():
    print("in")
"""


def test_a_closed_stderr_is_no_error() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CLOSED],
        capture_output=True,
        text=True,
        timeout=60,
        env=child_environment(),
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "in\n")
