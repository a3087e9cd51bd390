"""``package`` that is ended, or that a disk ends: one line, and nothing is left."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

pytestmark = pytest.mark.embedded
_CODE = """
import os, signal, sys
from pathlib import Path
from deploy_tools.cli.main import main
left, real = int(sys.argv[1]), Path.write_bytes
def write_bytes(path, content):
    global left
    if left == 0:
        os.kill(os.getpid(), int(sys.argv[2]))
    left -= 1
    return real(path, content)
Path.write_bytes = write_bytes
sys.exit(main(["package", *sys.argv[3:]]))
"""


def words(bundle: Path) -> list[str]:
    targets = [word for one in ("linux-arm64", "android") for word in ("--target", one)]
    return [str(bundle), *targets, "--name", "made", "--version", "1.0", "-o", "deep/out"]


@pytest.mark.parametrize("moment", [0, 3, 6])
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals(
    passed: Mapping[str, Path], tmp_path: Path, moment: int, sent: signal.Signals, code: int
) -> None:
    command = [sys.executable, "-c", _CODE, str(moment), str(int(sent)), *words(passed["arm"])]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == [], "not even the folders that were made for it"


def test_a_disk_that_takes_no_more(passed: Mapping[str, Path], tmp_path: Path) -> None:
    """So small a file is the largest that there may be."""
    code = "import sys; from deploy_tools.cli.main import main; sys.exit(main(['package', *sys.argv[1:]]))"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    done = subprocess.run(
        [sys.executable, "-c", code, *words(passed["arm"])],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )
    assert (done.returncode, done.stdout) == (2, "")
    said = (
        "deep/out/made-1.0: cannot be written (File too large); choose another -o folder, or free space there"
    )
    assert done.stderr == f"ppocr-edge: {said}\n"
    assert list(tmp_path.iterdir()) == []
