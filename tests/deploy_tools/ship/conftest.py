"""A whole way that is short: one detector, four counted steps, two photographs of a word each."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy_tools.release.trust.key_files import write_new_key
from tests.e2e.command import Ended, environment
from tests.slim.pipeline.conftest import RECIPE, draw_photographs

PASSWORD = "four words or more"
PROGRAM = [sys.executable, "-m", "tests.deploy_tools.cli.slim_program"]
TINY = RECIPE.replace("  - weights: {scale: 0.001}\n", "")
SHIP = """\
ship: 1
name: tiny
version: 1.0
targets: [linux-x86_64]
threads: 1
models:
  det:
    slim: tiny.yml
    train: {photographs: train}
    evaluate: {photographs: test/labels.txt}
"""


class ShipFolder:
    """A working folder with a recipe, data and a key.

    Args:
        folder: The folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        draw_photographs(folder / "train", ["Alpha", "Beta"])
        draw_photographs(folder / "test", ["Harbour", "Finch"])
        (folder / "tiny.yml").write_text(TINY)
        (folder / "ship.yml").write_text(SHIP)
        (folder / "password").write_text(f"{PASSWORD}\n")
        (folder / "password").chmod(0o600)

    def command(self, *more: str, out: str = "out") -> list[str]:
        """The words of a call that signs."""
        if not (self.folder / "release.key").exists():
            write_new_key(self.folder / "release.key", PASSWORD)
        signed = ("--key", "release.key", "--password-file", "password")
        return [*PROGRAM, "ship", "ship.yml", "-o", out, *signed, *more]

    def start(self, *more: str, out: str = "out") -> subprocess.Popen[str]:
        """Begin a call, in a process group of its own."""
        return subprocess.Popen(
            self.command(*more, out=out),
            cwd=self.folder,
            env=environment(SOURCE_DATE_EPOCH="1790000000"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
            # where the tests themselves run in the background, Ctrl-C is ignored
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def run(self, *more: str, out: str = "out", code: int = 0) -> Ended:
        """A whole call; its exit code is checked."""
        process = self.start(*more, out=out)
        said, complained = process.communicate(timeout=600)
        ended = Ended(process.returncode, said, complained)
        assert ended.code == code, ended.err
        assert "Traceback" not in ended.err
        return ended

    def files(self, out: str = "out", name: str = "tiny-1.0") -> dict[str, bytes]:
        """Everything of a release."""
        release = self.folder / out / name
        files = sorted(path for path in release.rglob("*") if path.is_file())
        return {path.relative_to(release).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def shipping(tmp_path: Path) -> ShipFolder:
    """See :class:`ShipFolder`."""
    return ShipFolder(tmp_path)
