"""What is asked of every shell script that devices run."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable

import pytest

from deploy_tools.devices.store.asking import compact

Check = Callable[[str], None]
_SHELLS = (["dash"], ["bash", "--posix"], ["busybox", "sh"], ["mksh"])
# words that are meant to be several, and variables that another part of a script reads
_NOT_ASKED = "SC2086,SC2154,SC2034"


def read_by_every_shell(text: str) -> None:
    """Every shell that is here reads it."""
    for shell in _SHELLS:
        if shutil.which(shell[0]):
            done = subprocess.run([*shell, "-n", "-c", compact(text)], capture_output=True, text=True)
            assert (done.returncode, done.stderr) == (0, "")


def without_findings(text: str) -> None:
    """``shellcheck`` finds nothing in it."""
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed (apt-get install shellcheck)")
    command = ["shellcheck", "--shell=sh", f"--exclude={_NOT_ASKED}", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    assert done.stdout == ""


def short_enough(text: str) -> None:
    """Old adb servers take it in one piece: 4000 bytes with quotes, and some words."""
    assert len(compact(text)) + 3 * text.count("'") < 3500


CHECKS = (read_by_every_shell, without_findings, short_enough)
