"""A whole way that is short: one classifier, a second of steps, a few lines of a word each."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from deploy_tools.release.trust.key_files import write_new_key
from deploy_tools.results.opening import open_results
from tests.devices_kit.made_runner import write_inventory, write_made_python
from tests.e2e.command import REPOSITORY, Ended, environment
from tests.processes import wait_until
from tests.slim.pipeline.conftest import draw_photographs

PASSWORD = "four words or more"
PROGRAM = [sys.executable, "-m", "tests.deploy_tools.cli.slim_program"]
STEPS = "prune: {steps: 20, sleep: 0.05}"
TINY = f"""\
recipe: 1
name: tiny
model: ch_ppocr_mobile_v2.0_cls
kind: inference
seed: 5
data:
  train:
    lines: {{files: any}}
  evaluate:
    lines: {{files: any}}
steps:
  - {STEPS}
gates:
  - {{measure: accuracy, largest_loss: 0.5 points, data: lines}}
  - {{measure: parameters, most: 2_000_000}}
"""
SHIP = """\
ship: 1
name: tiny
version: 1.0
targets: [linux-x86_64]
threads: 1
models:
  cls:
    slim: tiny.yml
    train: {lines: train}
    evaluate: {lines: test}
"""
LIGHT = """\
ship: 1
name: tiny
version: 0.9
targets: [linux-x86_64]
models:
  cls: {model: light}
allow: [no-gates]
"""
HEAVY = LIGHT.replace("light", "heavy").replace("version: 0.9\n", "")


class ShipFolder:
    """A working folder with a recipe, data and a key.

    Args:
        folder: The folder; filled where it is empty.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not any(folder.iterdir()):
            draw_photographs(folder / "train", ["Alpha", "Beta"])
            draw_photographs(folder / "test", ["Harbour", "Finch"])
            (folder / "tiny.yml").write_text(TINY)
            (folder / "ship.yml").write_text(SHIP)
            (folder / "password").write_text(f"{PASSWORD}\n")
            (folder / "password").chmod(0o600)
            write_new_key(folder / "release.key", PASSWORD)

    def command(self, *more: str, out: str = "out") -> list[str]:
        """The words of a call that signs."""
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

    def kill_when_measured(self, cases: int) -> str:
        """Begin a call, and kill it with all that it started when it has timed so many; the id of its run."""
        process = self.start()
        note = self.folder / "out/.work/tiny/runs/latency/work/run.txt"
        with open_results() as store:

            def measured() -> bool:
                return note.exists() and len(store.measured(note.read_text())) == cases

            wait_until(measured, 300, f"so many cases are measured, and no more: {cases}")
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return note.read_text()

    def files(self, out: str = "out", name: str = "tiny-1.0") -> dict[str, bytes]:
        """Everything of a release."""
        release = self.folder / out / name
        files = sorted(path for path in release.rglob("*") if path.is_file())
        return {path.relative_to(release).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="session")
def shipped_once(tmp_path_factory: pytest.TempPathFactory) -> ShipFolder:
    """After a first call, which went all the way; not to be changed. Use with ``@pytest.mark.embedded``."""
    folder = ShipFolder(tmp_path_factory.mktemp("shipped"))
    _run_at_home(folder, tmp_path_factory)
    return folder


def _run_at_home(folder: ShipFolder, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.MonkeyPatch.context() as patch:  # a session's fixture runs before any test's own folders
        patch.setenv("PPOCR_EDGE_HOME", str(tmp_path_factory.getbasetemp() / "home"))
        patch.delenv("PPOCR_EDGE_MIRROR", raising=False)
        folder.run()


@pytest.fixture(scope="session")
def light_release(shipped_once: ShipFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Release 0.9 of a classifier that does next to nothing, by the same key; not to be changed.

    In the folder above that of releases are ``light``, which it is made of, and ``heavy``.
    """
    folder = tmp_path_factory.mktemp("light")
    for name in ("release.key", "release.key.pub", "password"):
        shutil.copy(shipped_once.folder / name, folder)
    writer = [sys.executable, "-m", "tests.deploy_tools.ship.light_model", str(folder)]
    subprocess.run(writer, cwd=REPOSITORY, check=True, capture_output=True, timeout=300)
    (folder / "ship.yml").write_text(LIGHT)
    _run_at_home(ShipFolder(folder), tmp_path_factory)
    return folder / "out/tiny-0.9"


@pytest.fixture
def shipped(shipped_once: ShipFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ShipFolder:
    """A copy of that, with a results store of its own."""
    monkeypatch.setenv("PPOCR_EDGE_RESULTS", str(tmp_path / "results.db"))
    return ShipFolder(Path(shutil.copytree(shipped_once.folder, tmp_path / "folder")))


@pytest.fixture
def steady(shipped_once: ShipFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of a device that gives what the model of `shipped_once` should, and always takes as long.

    A real one gets slower than at the last release, or too unsteady to tell, where others work on its host.
    """
    bundles = shipped_once.folder / "out/.work/tiny/bundles/cls-x86/finished/content"
    (golden,) = bundles.glob("*/golden/output.npy")
    output = np.load(golden)
    write_made_python(tmp_path / "steady", shape=output.shape, value=output.tolist())
    inventory = write_inventory(tmp_path / "devices.yml", {"steady": tmp_path / "steady"})
    monkeypatch.setenv("PPOCR_EDGE_INVENTORY", str(inventory))
    return "steady"


@pytest.fixture
def shipping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ShipFolder:
    """Before the first call, with a results store of its own."""
    monkeypatch.setenv("PPOCR_EDGE_RESULTS", str(tmp_path / "results.db"))
    (tmp_path / "folder").mkdir()
    return ShipFolder(tmp_path / "folder")
