"""Pulls in processes of their own: two at once, killed, interrupted, out of space."""

from __future__ import annotations

import json
import os
import pty
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from zoo_archives import DET_NAME, DET_PATH, everything_below, inference_files, model_tar
from zoo_server import MirrorServer, honest, stall_after, status, trickle, wait_until

REPOSITORY = Path(__file__).resolve().parents[3]
BIG = model_tar("ch_ppocr_server_v2.0_det_infer", inference_files(size=400_000))


@contextmanager
def pulling(
    store_root: Path,
    source: str,
    *more: str,
    before: Callable[[], None] | None = None,
    stderr: int | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """``ppocr-edge models pull`` in a process of its own, ended with the block."""
    environment = {
        **os.environ,
        "PPOCR_EDGE_HOME": str(store_root.parent),
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-m", "deploy_tools.cli.main", "models", "pull", DET_NAME, "--source", source]
    process = subprocess.Popen(
        [*command, *more],
        cwd=store_root.parent.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if stderr is None else stderr,
        text=True,
        preexec_fn=before,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def finish(process: subprocess.Popen[str], code: int = 0) -> str:
    """Wait for the process, and return its stdout, or its one line of stderr where it fails."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert err.count("\n") == (1 if code else 0), err
    assert "Traceback" not in err
    return err if code else out


def partial_size(store_root: Path) -> int:
    return sum(path.stat().st_size for path in store_root.glob(".downloads/*/*.part"))


def open_files(pid: int) -> set[str]:
    """Names of the files a process has open."""
    names = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            names.add(descriptor.readlink().name)
    return names


def check_store(store_root: Path) -> None:
    """Exactly one complete model."""
    names = everything_below(store_root)
    assert len(names) == 5, names
    assert not list(store_root.rglob(".new-*"))
    index = json.loads((store_root / DET_NAME / "inference" / "index.json").read_text())
    folder = store_root / DET_NAME / "inference" / index["current"]
    assert {path.name for path in folder.iterdir()} == {"inference.pdmodel", "inference.pdiparams"}
    files = inference_files(size=400_000)
    assert all((folder / name).read_bytes() == content for name, content in files.items())


@pytest.fixture
def big_server(server: MirrorServer) -> MirrorServer:
    server.files[DET_PATH] = BIG
    return server


def test_two_processes_at_once_download_once_and_both_succeed(
    big_server: MirrorServer, store_root: Path
) -> None:
    big_server.behaviours[DET_PATH] = [trickle(50_000, 0.1)]
    with (
        pulling(store_root, big_server.address, "--json") as one,
        pulling(store_root, big_server.address, "--json") as two,
    ):
        results = [json.loads(finish(process)) for process in (one, two)]
    assert results[0] == results[1]
    assert results[0][0]["ok"] is True
    assert len(big_server.requests) == 1
    check_store(store_root)


def test_four_processes_from_a_folder(mirror: Path, store_root: Path) -> None:
    (mirror / DET_PATH).write_bytes(BIG)
    processes = [pulling(store_root, str(mirror), "--again") for _ in range(4)]
    running = [process.__enter__() for process in processes]
    try:
        for process in running:
            finish(process)
    finally:
        for manager in processes:
            manager.__exit__(None, None, None)
    check_store(store_root)


def test_a_killed_pull_is_resumed_by_the_next(big_server: MirrorServer, store_root: Path) -> None:
    big_server.behaviours[DET_PATH] = [stall_after(200_000), honest]
    with pulling(store_root, big_server.address) as process:
        wait_until(lambda: partial_size(store_root) == 200_000)
        process.send_signal(signal.SIGKILL)
        process.wait(60)
    assert partial_size(store_root) == 200_000
    (left,) = (store_root / DET_NAME / "inference").iterdir()
    assert left.name.startswith(".new-")
    with pulling(store_root, big_server.address) as process:
        finish(process)
    assert big_server.ranges(DET_PATH) == [None, "bytes=200000-"]
    check_store(store_root)


def test_a_killed_pull_does_not_block_one_that_waits(big_server: MirrorServer, store_root: Path) -> None:
    big_server.behaviours[DET_PATH] = [stall_after(200_000), honest]
    with pulling(store_root, big_server.address) as holder:
        wait_until(lambda: partial_size(store_root) == 200_000)
        with pulling(store_root, big_server.address) as waiting:
            wait_until(lambda: f"{DET_NAME}.lock" in open_files(waiting.pid))
            holder.send_signal(signal.SIGKILL)
            finish(waiting)
    check_store(store_root)


def test_interrupting_cleans_up_and_keeps_what_can_be_resumed(
    big_server: MirrorServer, store_root: Path
) -> None:
    big_server.behaviours[DET_PATH] = [stall_after(200_000), honest]
    with pulling(store_root, big_server.address) as process:
        wait_until(lambda: partial_size(store_root) == 200_000)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 130
        assert (out, err.strip()) == ("", "ppocr-edge: interrupted")
    assert {Path(name).parts[0] for name in everything_below(store_root)} == {".locks", ".downloads"}
    assert partial_size(store_root) == 200_000
    with pulling(store_root, big_server.address) as process:
        finish(process)
    assert big_server.ranges(DET_PATH)[-1] == "bytes=200000-"
    check_store(store_root)


def test_running_out_of_space_is_one_line_and_leaves_no_model(
    big_server: MirrorServer, mirror: Path, store_root: Path
) -> None:
    """A limit on file sizes stands in for a full disk: writing fails in the middle."""
    (mirror / DET_PATH).write_bytes(BIG)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    for source in (big_server.address, str(mirror)):
        with pulling(store_root, source, before=limit) as process:
            line = finish(process, code=2)
        assert "File too large" in line
        assert "PPOCR_EDGE_HOME" in line
        assert not (store_root / DET_NAME).exists()
    with pulling(store_root, big_server.address) as process:
        finish(process)
    check_store(store_root)


def test_progress_is_drawn_on_a_terminal(big_server: MirrorServer, store_root: Path) -> None:
    """A real pseudo-terminal; that a pipe gets nothing, every other test here checks."""
    big_server.behaviours[DET_PATH] = [status(500), trickle(50_000, 0.1)]
    terminal, its_end = pty.openpty()
    pieces = []
    try:
        with pulling(store_root, big_server.address, stderr=its_end) as process:
            os.close(its_end)
            # all the while: a terminal holds little, and the slower the machine the more often it is drawn
            with suppress(OSError):  # nobody has the other end any more
                while piece := os.read(terminal, 1 << 16):
                    pieces.append(piece)
            process.communicate(timeout=60)
            assert process.returncode == 0
    finally:
        os.close(terminal)
    drawn = b"".join(pieces).decode()
    assert "ch_ppocr_server_v2.0_det_infer.tar" in drawn
    assert "kB" in drawn
    assert "HTTP 500; trying again" in drawn
