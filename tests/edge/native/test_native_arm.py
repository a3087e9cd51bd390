"""The whole native runner on a real ARM library under emulation."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deploy_tools.devices.emulated import EmulatedDevice
from edge.bundle.bundle import Bundle

pytestmark = [pytest.mark.arm, pytest.mark.embedded]
Arm = Callable[..., Any]


@pytest.fixture
def line(arm_bundle: Bundle, tmp_path: Path) -> Path:
    """The classifier's golden input."""
    np.save(tmp_path / "line.npy", arm_bundle.golden()[0])
    return tmp_path / "line.npy"


def test_a_report_and_what_paddle_computes(arm: Arm, arm_bundle: Bundle, line: Path, tmp_path: Path) -> None:
    words = ("--model", arm_bundle.model_path, "--input", line, "--warmup", 1, "--repeats", 3)
    ended = arm(*words, "--output", "out", "--threads", 1, "--power-mode", "none")
    assert ended.code == 0, ended.err
    report = json.loads(ended.out)
    assert (report["runner"], report["library"], report["threads"]) == ("native", "paddlelite", 1)
    assert report["library_version"]
    assert 0 < report["load_ms"] < 10_000
    assert 10 < report["peak_rss_mb"] < 500
    (case,) = report["cases"]
    assert (len(case["warmup_ms"]), len(case["samples_ms"]), len(case["cpu_ms"])) == (1, 3, 3)
    assert min(case["cpu_ms"]) > 1
    assert case["outputs"] == [{"shape": [1, 2], "dtype": "float32", "file": "out/0_0.npy"}]
    np.testing.assert_allclose(np.load(tmp_path / "out/0_0.npy"), arm_bundle.golden()[1], atol=1e-5)


def test_nothing_the_library_prints_is_in_the_report(arm: Arm, arm_bundle: Bundle, line: Path) -> None:
    ended = arm("--model", arm_bundle.model_path, "--input", line)
    assert ended.out.startswith(b"{")
    assert ended.out.count(b"\n") == 1


def test_every_height_and_width_is_computed_as_if_it_were_the_first(arm_bundle: Bundle) -> None:
    """And every batch: libraries are known to get either wrong with one predictor."""
    generator = np.random.default_rng(0)
    sizes = [(1, 192), (3, 192), (1, 96), (2, 288), (1, 192), (1, 384), (1, 160), (3, 192)]
    tensors = [generator.uniform(-1, 1, (n, 3, 48, width)).astype(np.float32) for n, width in sizes]
    spec = type(arm_bundle.manifest.input)((-1, 3, 48, -1))
    device = EmulatedDevice()
    # this head is pooled: any width will do
    with device.open_nb(arm_bundle.model_path, arm_bundle.nb, spec, force=True) as predictor:
        together = [predictor.run([tensor])[0] for tensor in tensors]
    for tensor, output in zip(tensors, together, strict=True):
        with device.open_nb(arm_bundle.model_path, arm_bundle.nb, spec, force=True) as predictor:
            alone = np.concatenate([predictor.run([item[None]])[0] for item in tensor])
        np.testing.assert_allclose(output, alone, atol=1e-6)


def test_a_model_for_another_processor(arm: Arm, default_bundles: Mapping[str, Bundle], line: Path) -> None:
    ended = arm("--model", default_bundles["cls"].model_path, "--input", line)
    assert (ended.code, ended.out) == (2, b"")
    assert ended.err.endswith("was converted for x86, this runner's library is for ARM\n")
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is too short for a .nb model (0 bytes)"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "is no .nb model of Paddle-Lite 2.7 or newer"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is no .nb model"),
        (b"\x02\x00v2.13-rc" + bytes(8) + (1 << 40).to_bytes(8, "little"), "is damaged, or no .nb model"),
        (b"\x02\x00v2.13-rc" + bytes(8) + (1 << 20).to_bytes(8, "little"), "is cut off; copy it again"),
    ],
)
def test_what_is_no_model(arm: Arm, line: Path, tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "m.nb").write_bytes(content)
    ended = arm("--model", "m.nb", "--input", line)
    assert (ended.code, ended.out) == (2, b"")
    assert ended.err.startswith(f"runner: --model m.nb: {message}")


def test_wrong_inputs_are_refused_before_the_library_sees_them(
    arm: Arm, arm_bundle: Bundle, line: Path, tmp_path: Path
) -> None:
    np.save(tmp_path / "double.npy", np.zeros((1, 3, 48, 192)))
    ended = arm("--model", arm_bundle.model_path, "--input", line, "--input", "double.npy", "--output", "out")
    assert ended.code == 2
    assert "--input double.npy: input of dtype float64 and shape (1, 3, 48, 192), float32 (N, …)" in ended.err
    assert not (tmp_path / "out").exists()


def test_the_library_aborts(arm: Arm, arm_bundle: Bundle, tmp_path: Path) -> None:
    np.save(tmp_path / "rank.npy", np.zeros((3, 48, 192), np.float32))
    ended = arm("--model", arm_bundle.model_path, "--input", "rank.npy", "--report", "r.json")
    assert ended.code in (-signal.SIGABRT, -signal.SIGSEGV)
    assert [path.name for path in tmp_path.iterdir()] == ["rank.npy"], "no report, no core file"


def test_it_ends_with_whoever_started_it_also_while_it_computes(
    arm_command: list[str], arm_bundle: Bundle, line: Path
) -> None:
    theirs, ours = os.pipe()
    words = ["--model", str(arm_bundle.model_path), "--input", str(line), "--repeats", "100000"]
    command = [*arm_command, *words, "--lifeline", str(theirs)]
    with subprocess.Popen(
        command, pass_fds=[theirs], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        os.close(theirs)
        time.sleep(1.5)  # long enough that it mostly computes; the end is the same while it loads
        assert process.poll() is None, process.communicate()
        os.close(ours)
        out, _ = process.communicate(timeout=60)  # the runs would take hours
    assert process.returncode == -signal.SIGIO
    assert out == b""


def test_many_sizes_stay_within_bounds(arm_bundle: Bundle) -> None:
    """Four predictors are kept, however many sizes come."""
    spec = type(arm_bundle.manifest.input)((-1, 3, 48, -1))
    with EmulatedDevice().open_nb(arm_bundle.model_path, arm_bundle.nb, spec, force=True) as predictor:
        peaks = []
        for width in (*range(64, 64 + 32 * 5, 32), *range(64, 64 + 32 * 30, 32)):
            predictor.run([np.zeros((1, 3, 48, width), np.float32)])
            peaks.append(predictor.peak_rss_mb)
    assert peaks[-1] < peaks[4] + 40
