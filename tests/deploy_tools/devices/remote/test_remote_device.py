"""A device over a wire: what it computes, what it is sent, what is refused before, and who may use it."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from deploy_tools.bench import bench_bundle
from deploy_tools.conversion.bundle_writer import write_bundle
from deploy_tools.conversion.options import conversion_options
from deploy_tools.conversion.source import folder_source
from deploy_tools.demo.page import render_sample_page
from deploy_tools.devices.local import LocalDevice
from deploy_tools.reader import open_ocr
from edge.bundle.bundle import Bundle, load_bundle
from edge.errors import BundleError, DeviceError, PredictorError
from tests.devices_kit.board import NAME, Board
from tests.processes import children, nothing_left, wait_until, zombies

pytestmark = pytest.mark.embedded
Opener = Callable[..., Board]


def golden_difference(device: Board, bundle: Bundle) -> float:
    """How far the device's answer is from the reference's."""
    predictor = device.open(bundle)
    try:
        tensor, expected = bundle.golden()
        return float(np.abs(predictor.run([tensor])[0] - expected).max())
    finally:
        predictor.close()


def test_it_computes_what_the_reference_does(board: Board, default_bundles: Mapping[str, Bundle]) -> None:
    assert golden_difference(board, default_bundles["cls"]) < 1e-3
    assert (board.name, board.target, board.note) == (NAME, "x86", "")
    assert len(board.sent) == 2  # runner and model
    assert not list(board.home.glob(".ppocr-edge/lock"))


def test_a_second_time_nothing_is_sent(board: Board, default_bundles: Mapping[str, Bundle]) -> None:
    golden_difference(board, default_bundles["cls"])
    (folder,) = board.home.glob(".ppocr-edge/runners/[!.]*")
    before = {path: path.stat().st_mtime_ns for path in board.home.rglob("*") if path.is_file()}
    trips = board.wire.round_trips
    assert golden_difference(board, default_bundles["cls"]) < 1e-3
    assert board.wire.round_trips - trips == 4  # the lock, the runner, the model, the process
    assert {path: path.stat().st_mtime_ns for path in board.home.rglob("*") if path.is_file()} == before
    assert folder.is_dir()


def test_threads_and_power_mode_reach_the_runner(
    open_board: Opener,
    bad_python: Callable[[str], str],
    default_bundles: Mapping[str, Bundle],
    tmp_path: Path,
) -> None:
    words = tmp_path / "words"
    python = bad_python(f'printf "%s\\n" "$@" >"{words}"; exec {sys.executable} "$@"')
    device = open_board(python=python, threads=3, power_mode="high")
    assert golden_difference(device, default_bundles["cls"]) < 1e-3
    assert words.read_text().splitlines()[-4:] == ["--threads", "3", "--power-mode", "high"]


def test_a_page_is_read_as_on_this_host(
    board: Board, default_bundles: Mapping[str, Bundle], tmp_path: Path
) -> None:
    page = tmp_path / "page.png"
    render_sample_page().image.crop((0, 0, 640, 192)).save(page)
    read = []
    for device in (LocalDevice(), board):
        ocr = open_ocr(default_bundles, device)
        read.append(ocr.read(page))
        ocr.close()
    local, there = read
    assert [(line.text, line.score, line.quad.tolist()) for line in there.lines] == [
        (line.text, line.score, line.quad.tolist()) for line in local.lines
    ]
    assert local.lines


def test_bench_counts_what_the_runner_measured(board: Board, default_bundles: Mapping[str, Bundle]) -> None:
    bundle = default_bundles["cls"]
    result = bench_bundle(bundle, board, bundle.golden()[0], warmup=1, repeats=3)
    assert result.device == NAME
    assert result.library == "paddlelite v2.13-rc"
    assert len(result.samples_ms) == 3
    assert result.peak_rss_mb > 10


def test_refused_before_anything_is_sent(
    board: Board, default_bundles: Mapping[str, Bundle], embedded_models: Path, tmp_path: Path
) -> None:
    source = folder_source(embedded_models / "ch_ppocr_mobile_v2_cls_infer", "cls", None)
    arm = write_bundle(source, conversion_options("arm"), tmp_path)
    x86 = default_bundles["cls"]
    int8 = dataclasses.replace(x86, nb=dataclasses.replace(x86.nb, precision="int8"))
    newer = dataclasses.replace(x86, nb=dataclasses.replace(x86.nb, opt_version="v2.14"))
    for bundle, message in (
        (arm, r"was converted for arm, .* is linux-x86_64; .* ppocr-edge convert \S+ --target x86$"),
        (int8, r"is int8, which x86 builds do not compute correctly; .* add --force"),
        (newer, r"was written by opt v2\.14, the library on .* is v2\.13-rc: .*ppocr-edge devices add"),
    ):
        with pytest.raises(PredictorError, match=message) as caught:
            board.open(bundle)
        assert caught.value.subject == f"{bundle.folder} on {NAME}"
    assert board.wire.round_trips == 1
    assert list(board.home.iterdir()) == []


def test_force_runs_what_is_doubtful(board: Board, default_bundles: Mapping[str, Bundle]) -> None:
    x86 = default_bundles["cls"]
    newer = dataclasses.replace(x86, nb=dataclasses.replace(x86.nb, opt_version="v2.14"))
    predictor = board.open(newer, force=True)
    assert predictor.run([x86.golden()[0]])[0].shape == (1, 2)
    predictor.close()
    assert board.note == f"opt v2.14 wrote the model, the library on {NAME} is v2.13-rc"


def test_a_bundle_that_changed_since_it_was_opened(
    board: Board, default_bundles: Mapping[str, Bundle], tmp_path: Path
) -> None:
    shutil.copytree(default_bundles["cls"].folder, tmp_path / "bundle")
    bundle = load_bundle(tmp_path / "bundle")
    content = bytearray(bundle.model_path.read_bytes())
    content[-1] ^= 1
    bundle.model_path.write_bytes(content)
    with pytest.raises(BundleError, match="has changed since the bundle was opened"):
        board.open(bundle)
    assert board.sent == []


@pytest.mark.parametrize(
    ("says", "message"),
    [
        (
            {},
            r"nothing is named that could run models there; .*for linux-x86_64: .* --lite-home DIR --replace",
        ),
        ({"python": "/nosuch/python"}, "has no Python /nosuch/python; name one that is there"),
        ({"python": "/bin/false"}, "/bin/false does not run as a Python does"),
        ({"lite_home": Path("/nosuch")}, r"its library does not suit: .*/nosuch no such folder"),
    ],
)
def test_devices_without_what_they_need(
    open_board: Opener, default_bundles: Mapping[str, Bundle], says: dict[str, object], message: str
) -> None:
    device = open_board(**says)
    with pytest.raises(DeviceError, match=message):
        device.open(default_bundles["cls"])
    assert device.sent == []


def test_a_python_without_paddlelite(
    open_board: Opener, default_bundles: Mapping[str, Bundle], tmp_path: Path
) -> None:
    python = tmp_path / "bare"
    python.write_text(f'#!/bin/sh\nexec {Path(sys.executable).resolve()} -I "$@"\n')
    python.chmod(0o755)
    with pytest.raises(DeviceError, match=r"has no numpy and no paddlelite; install them there"):
        open_board(python=str(python)).open(default_bundles["cls"])


def test_two_hosts_at_once(open_board: Opener, default_bundles: Mapping[str, Bundle]) -> None:
    one, two = (open_board(python=sys.executable) for _ in range(2))
    first, second = one.open(default_bundles["cls"]), one.open(default_bundles["cls"])
    first.close()
    for _ in range(2):  # one predictor is still open
        with pytest.raises(DeviceError, match=r"is in use by .* since .*ppocr-edge devices unlock"):
            two.open(default_bundles["cls"])
    tensor, expected = default_bundles["cls"].golden()
    assert np.abs(second.run([tensor])[0] - expected).max() < 1e-3
    second.close()
    second.close()
    assert golden_difference(two, default_bundles["cls"]) < 1e-3


def test_nothing_is_left(board: Board, default_bundles: Mapping[str, Bundle]) -> None:
    processes, unreaped = children_of_us(), zombies()  # of earlier tests
    with nothing_left():
        for number in range(6):
            predictor = board.open(default_bundles["cls"])
            if number == 0:
                _ = predictor.info
            predictor.close()
        _ = board.open(default_bundles["cls"])
        board.close()
    assert zombies() <= unreaped
    wait_until(lambda: children_of_us() <= processes, 60, "all processes are ended")
    left = sorted(path.name for path in (board.home / ".ppocr-edge").iterdir())
    assert left == ["objects", "run", "runners"]
    assert list((board.home / ".ppocr-edge" / "run").iterdir()) == []


def children_of_us() -> set[int]:
    """Processes that this one started."""
    return children(os.getpid())
