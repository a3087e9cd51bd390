"""Temporary files of this host: gone with what made them, and after a kill with the next."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy_tools.devices.remote.runner import PythonChoice
from deploy_tools.devices.scratch import scratch
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.host import HostWire

# sends many small files as one, and is still at it when it is killed
_PUSH = """
import sys, time
from pathlib import Path
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.host import HostWire

def told(done, total):
    print("sending", flush=True)
    time.sleep(60)

files = {path.name: path for path in Path(sys.argv[2]).iterdir()}
DeviceStore(HostWire("pi4", Path(sys.argv[1])), None).push(files, told)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files, of the test's own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def test_what_a_killed_push_left_goes_with_the_next(temporary: Path, tmp_path: Path) -> None:
    home, source = tmp_path / "home", tmp_path / "source"
    home.mkdir()
    source.mkdir()
    for number in range(5):
        (source / str(number)).write_bytes(os.urandom(50_000))
    with subprocess.Popen(
        [sys.executable, "-c", _PUSH, str(home), str(source)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    ) as push:
        assert push.stdout is not None
        assert push.stdout.readline() == b"sending\n"
        kept = [path for path in temporary.rglob("*") if path.is_file()]
        with scratch() as another:
            assert [path for path in temporary.rglob("*") if path.is_file()] == kept, "it is in use"
            assert another.is_dir()
        push.kill()
    assert kept
    assert kept[0].exists()
    wire = HostWire("pi4", home)
    DeviceStore(wire, None).push({path.name: path for path in source.iterdir()})
    wire.close()
    assert list(temporary.iterdir()) == []


def test_the_packed_runner_leaves_nothing(temporary: Path) -> None:
    with PythonChoice("/usr/bin/python3", "").files() as runner:
        assert next(iter(runner.files.values())).is_file()
        assert list(temporary.iterdir()) != []
    assert list(temporary.iterdir()) == []
