"""Everything that goes wrong while a runner runs: told, mended where it can be, and nothing left over."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from deploy_tools.devices.remote.device import RemotePredictor
from deploy_tools.devices.store.lock import DeviceLock, who_holds
from deploy_tools.devices.wire.host import HostWire
from edge.bundle.bundle import Bundle
from edge.errors import DeviceError, PredictorCrashedError, PredictorTimeoutError
from tests.devices_kit.board import NAME, Board
from tests.devices_kit.sshd import started_with
from tests.processes import alive, command_line, wait_until

pytestmark = pytest.mark.embedded
Opener = Callable[..., Board]
LINE: npt.NDArray[np.float32] = np.zeros((1, 3, 48, 192), np.float32)


def runners(board: Board) -> list[int]:
    """Processes that run a runner of a device: its own, not a shell around it."""
    found = started_with(f"{board.there}/runners")
    if board.processes is not None:  # of phones all have the same names
        found = sorted(board.processes() & set(found))
    lines = {pid: "\0".join(command_line(pid)) for pid in found}
    return [pid for pid, line in lines.items() if line and "sh\0-c" not in line]


def opened(board: Board, bundle: Bundle, **options: float) -> tuple[RemotePredictor, int]:
    """A predictor that has loaded, and its runner's process."""
    predictor = board.open(bundle, **options)  # type: ignore[arg-type]
    _ = predictor.info
    (runner,) = runners(board)
    return predictor, runner


@pytest.mark.parametrize(
    ("number", "cause"),
    [(signal.SIGKILL, "was killed"), (signal.SIGABRT, "aborted"), (signal.SIGSEGV, "segmentation fault")],
)
def test_a_runner_that_dies_is_explained_and_replaced(
    anywhere: Opener, default_bundles: Mapping[str, Bundle], number: int, cause: str
) -> None:
    board = anywhere(python=sys.executable)
    predictor, runner = opened(board, default_bundles["cls"])
    expected = predictor.run([LINE])[0]
    os.kill(runner, number)
    with pytest.raises(PredictorCrashedError) as caught:
        predictor.run([LINE])
    assert cause in caught.value.found
    assert caught.value.subject == f"{default_bundles['cls'].folder} on {NAME}"
    np.testing.assert_array_equal(predictor.run([LINE])[0], expected)
    predictor.close()
    assert runners(board) == []
    assert not board.locked


def test_a_runner_that_hangs_is_ended_there(anywhere: Opener, default_bundles: Mapping[str, Bundle]) -> None:
    board = anywhere(python=sys.executable)
    predictor, runner = opened(board, default_bundles["cls"], run_seconds=0.5)
    os.kill(runner, signal.SIGSTOP)
    with pytest.raises(PredictorTimeoutError, match=r"no answer within 0\.5 s, process ended"):
        predictor.run([LINE])
    wait_until(lambda: not alive(runner), 60, "the runner is ended")
    predictor.run_seconds = 60.0
    assert predictor.run([LINE])[0].shape == (1, 2)


@pytest.mark.parametrize("anywhere", ["adb newest", "adb old android"], indirect=True)
def test_over_adb(anywhere: Opener, default_bundles: Mapping[str, Bundle]) -> None:
    """An old device tells no exit code by itself; what happens to a runner is told all the same."""
    board = anywhere(python=sys.executable)
    predictor, runner = opened(board, default_bundles["cls"])
    tensor, expected = default_bundles["cls"].golden()
    assert np.abs(predictor.run([tensor])[0] - expected).max() < 1e-3
    assert len(predictor.measure([tensor], 5)) == 5
    os.kill(runner, signal.SIGABRT)
    with pytest.raises(PredictorCrashedError, match="aborted"):
        predictor.run([LINE])
    predictor.run_seconds = 60.0
    assert predictor.run([LINE])[0].shape == (1, 2)
    (runner,) = runners(board)
    os.kill(runner, signal.SIGSTOP)
    predictor.run_seconds = 0.5
    with pytest.raises(PredictorTimeoutError):
        predictor.run([LINE])
    wait_until(lambda: not alive(runner), 60, "the runner is ended")
    predictor.close()
    assert not board.locked


BROKEN = {
    "aborts": ("echo 'terminate called' >&2; kill -ABRT $$", "aborted"),
    "lacks its library": (
        "echo 'x: error while loading shared libraries: liblite.so: cannot open shared object' >&2; exit 127",
        "does not find the library liblite.so",
    ),
    "is not there": ("exec /nosuch/runner", "was not found"),
    "is of another processor": ('exec "${0%/*}/foreign"', "another processor than the device's"),
    "may not be run": ('exec "${0%/*}/closed"', "does not let the runner start"),
    "lacks paddlelite": ("echo \"ImportError: No module named 'paddlelite'\" >&2; exit 2", "no paddlelite"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_runner_that_does_not_start(
    anywhere: Opener,
    bad_python: Callable[[str], str],
    default_bundles: Mapping[str, Bundle],
    tmp_path: Path,
    fault: str,
) -> None:
    # the header of a program for 64-bit ARM
    foreign = b"\x7fELF\x02\x01\x01" + bytes(9) + (2).to_bytes(2, "little") + (183).to_bytes(2, "little")
    (tmp_path / "foreign").write_bytes(foreign + bytes(200))
    (tmp_path / "foreign").chmod(0o755)
    (tmp_path / "closed").write_bytes(foreign)
    code, cause = BROKEN[fault]
    board = anywhere(python=bad_python(code))
    predictor = board.open(default_bundles["cls"])
    with pytest.raises(PredictorCrashedError, match=cause) as caught:
        _ = predictor.info
    assert caught.value.remedy
    predictor.close()
    assert not board.locked


def test_files_damaged_on_the_device(board: Board, default_bundles: Mapping[str, Bundle]) -> None:
    bundle = default_bundles["cls"]
    predictor, _ = opened(board, bundle)
    predictor.close()
    model = board.home / ".ppocr-edge" / "objects" / bundle.manifest.files[bundle.manifest.model].sha256
    whole = model.read_bytes()
    model.write_bytes(whole[:1000])  # what is cut is seen, and sent again
    predictor, _ = opened(board, bundle)
    predictor.close()
    assert model.read_bytes() == whole
    model.write_bytes(bytes(len(whole)))  # of the right size: the library says what it thinks of it
    predictor = board.open(bundle)
    with pytest.raises(PredictorCrashedError) as caught:
        _ = predictor.info
    assert caught.value.remedy


def test_a_link_that_breaks_between_runs(anywhere: Opener, default_bundles: Mapping[str, Bundle]) -> None:
    """Over SSH the break is told, and the run goes over another connection; here it is but a dead runner."""
    board = anywhere(python=sys.executable)
    predictor, runner = opened(board, default_bundles["cls"])
    expected = predictor.run([LINE])[0]
    board.cut()
    wait_until(lambda: not alive(runner), 60, "the runner is ended")
    if isinstance(board.wire, HostWire):
        with pytest.raises(PredictorCrashedError, match="was killed"):
            predictor.run([LINE])
    np.testing.assert_array_equal(predictor.run([LINE])[0], expected)
    assert board.locked
    predictor.close()
    assert not board.locked


def test_a_lock_that_is_lost_is_taken_again_however_late_that_is_seen(
    board: Board, default_bundles: Mapping[str, Bundle], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a link that broke the end of the runner may be seen before that of the lock."""
    predictor, runner = opened(board, default_bundles["cls"])
    (holder,) = board.home.glob(".ppocr-edge/lock/process")
    os.kill(int(holder.read_text().split()[0]), signal.SIGKILL)
    os.kill(runner, signal.SIGKILL)
    with pytest.raises(PredictorCrashedError):
        predictor.run([LINE])
    lost = DeviceLock.lost.fget
    assert lost is not None
    seen = [False]  # once
    late = property(lambda lock: seen.pop() if seen else lost(lock))
    monkeypatch.setattr(DeviceLock, "lost", late)
    assert predictor.run([LINE])[0].shape == (1, 2)
    assert seen == []
    assert len(runners(board)) == 1
    held = who_holds(board.wire, board.there)
    assert held is not None
    assert held.alive
    predictor.close()
    assert not board.locked


@pytest.mark.parametrize("anywhere", ["ssh", "adb newest"], indirect=True)
def test_a_link_that_breaks_in_a_run(anywhere: Opener, default_bundles: Mapping[str, Bundle]) -> None:
    board = anywhere(python=sys.executable)
    predictor, _ = opened(board, default_bundles["det"])
    page: npt.NDArray[np.float32] = np.zeros((1, 3, 640, 640), np.float32)
    expected = predictor.run([page])[0]
    timer = threading.Timer(predictor.seconds / 2, board.cut)
    timer.start()
    np.testing.assert_array_equal(predictor.run([page])[0], expected)
    timer.join()
    # on a busy machine the cut may come late: then this is the run that mends the link, and takes the lock
    np.testing.assert_array_equal(predictor.run([page])[0], expected)
    predictor.close()
    assert not board.locked
    wait_until(lambda: not started_with(str(board.home)), 60, "everything on the device is ended")


@pytest.mark.parametrize("anywhere", ["adb newest"], indirect=True)
def test_a_phone_that_is_started_anew_in_a_run(
    anywhere: Opener, default_bundles: Mapping[str, Bundle]
) -> None:
    board = anywhere(python=sys.executable)
    assert board.reboot is not None
    predictor, _ = opened(board, default_bundles["det"])
    page: npt.NDArray[np.float32] = np.zeros((1, 3, 640, 640), np.float32)
    expected = predictor.run([page])[0]
    timer = threading.Timer(predictor.seconds / 2, board.reboot)
    timer.start()
    told = []
    try:  # it may be there again for the second attempt
        found = predictor.run([page])[0]
    except DeviceError as error:
        told = [error.one_line()]
        timer.join()
        found = predictor.run([page])[0]
    timer.join()
    assert all(line.startswith(f"{NAME}: ") for line in told)
    np.testing.assert_array_equal(found, expected)
    # on a busy machine the restart may come late: then this is the run that finds it
    np.testing.assert_array_equal(predictor.run([page])[0], expected)
    assert board.locked
    predictor.close()
    assert not board.locked
    assert runners(board) == []


def bench_process(board: Board, bundle: Bundle, inventory: Path) -> subprocess.Popen[bytes]:
    """``ppocr-edge bench`` that goes on for long, on a device of this host."""
    entry = {"this_host": True, "python": sys.executable, "folder": str(board.home / ".ppocr-edge")}
    inventory.write_text(json.dumps({"inventory": 1, "devices": {"board": entry}}))
    words = ["bench", str(bundle.folder), "--device", "board", "--repeats", "1000000"]
    return subprocess.Popen(
        [sys.executable, "-m", "deploy_tools.cli.main", *words, "--inventory", str(inventory)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_an_ended_command_leaves_nothing_there(
    board: Board, default_bundles: Mapping[str, Bundle], tmp_path: Path, number: int, code: int
) -> None:
    with bench_process(board, default_bundles["cls"], tmp_path / "devices.yml") as process:
        wait_until(lambda: runners(board) or process.poll() is not None, 120, "the runner runs")
        time.sleep(0.2)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=120)
        assert process.returncode == code, stderr
    wait_until(lambda: not started_with(str(board.home)), 60, "everything on the device is ended")
    if number != signal.SIGKILL:
        assert not board.locked
        assert stderr.decode().strip() == "ppocr-edge: interrupted"
    predictor = board.open(default_bundles["cls"])  # a lock that was left is no hindrance
    assert predictor.run([LINE])[0].shape == (1, 2)


def test_three_networks_at_once_from_several_threads(
    board: Board, default_bundles: Mapping[str, Bundle]
) -> None:
    differences: dict[str, float] = {}

    def ask(task: str) -> None:
        bundle = default_bundles[task]
        predictor = board.open(bundle)
        tensor, expected = bundle.golden()
        differences[task] = float(np.abs(predictor.run([tensor])[0] - expected).max())
        predictor.close()

    threads = [threading.Thread(target=ask, args=(task,)) for task in default_bundles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(differences) == set(default_bundles)
    assert max(differences.values()) < 1e-3
    assert not board.locked
    shutil.rmtree(board.home / ".ppocr-edge")
