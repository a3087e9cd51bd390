"""The command as a user types it, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def command(*words: object) -> list[str]:
    """The command line of ``ppocr-edge WORDS``."""
    return [sys.executable, "-m", "deploy_tools.cli.main", *map(str, words)]


def environment(**changes: str) -> dict[str, str]:
    """The environment of the command; the tests' own folder is its home."""
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), **changes}


def run_command(*words: object, cwd: Path, limit: float = 120, **changes: str) -> Ended:
    """Run ``ppocr-edge WORDS`` to its end.

    Args:
        words: The command line.
        cwd: Folder it runs in.
        limit: Seconds it may take.
        changes: Variables of its environment.
    """
    done = subprocess.run(
        command(*words),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        cwd=cwd,
        env=environment(**changes),
        timeout=limit,
    )
    return Ended(done.returncode, done.stdout, done.stderr)
