"""The quick benchmark: every sample kept, percentiles right, bad bundles told before anything is measured."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from processes import children

from deploy_tools.bench import BenchResult, bench_bundle
from deploy_tools.cli.main import main
from deploy_tools.devices.local import LocalDevice
from edge.bundle.bundle import Bundle
from edge.errors import TensorError

Bench = Callable[..., tuple[int, str, str]]


@pytest.fixture
def bench(capsys: pytest.CaptureFixture[str]) -> Bench:
    """``bench(*words)``: exit code, standard output, standard error."""

    def run(*words: object) -> tuple[int, str, str]:
        code = main(["bench", *map(str, words)])
        return (code, *capsys.readouterr())

    return run


def result_of(samples: list[float]) -> BenchResult:
    return BenchResult("b", "local", "lite 1", (1, 2), 1.0, 2.0, (3.0,), tuple(samples), 5.0)


def test_percentiles_lie_between_ranks() -> None:
    result = result_of([5.0, 1.0, 4.0, 2.0, 3.0])
    assert [result.percentile(percent) for percent in (0, 50, 90, 99, 100)] == pytest.approx(
        [1, 3, 4.6, 4.96, 5]
    )
    assert result_of([7.0]).percentile(99) == 7
    values = result.to_json()
    assert (values["p50_ms"], values["p90_ms"], values["p99_ms"]) == pytest.approx((3, 4.6, 4.96))
    assert values["samples_ms"] == [5, 1, 4, 2, 3], "in the order they were measured"
    assert json.loads(json.dumps(values)) == values


@pytest.mark.embedded
def test_warm_up_and_samples_are_told_apart(default_bundles: Mapping[str, Bundle]) -> None:
    bundle = default_bundles["cls"]
    before, runs = children(os.getpid()), []
    result = bench_bundle(
        bundle, LocalDevice(), bundle.golden()[0], warmup=3, repeats=7, ran=lambda: runs.append(1)
    )
    assert (len(result.warmup_ms), len(result.samples_ms), len(runs)) == (2, 7, 10)
    assert result.shape == (1, 3, 48, 192)
    assert result.library.startswith("paddlelite v2.")
    assert min(result.load_ms, result.first_ms, *result.warmup_ms, *result.samples_ms) > 0
    assert 20 < result.peak_rss_mb < 1000
    assert children(os.getpid()) <= before  # one of an earlier test may just end
    once = bench_bundle(bundle, LocalDevice(), bundle.golden()[0], warmup=0, repeats=1)
    assert (len(once.warmup_ms), len(once.samples_ms)) == (0, 1), "the first run is always reported by itself"


@pytest.mark.embedded
def test_an_input_that_does_not_suit_leaves_no_process(default_bundles: Mapping[str, Bundle]) -> None:
    before = children(os.getpid())
    with pytest.raises(TensorError):
        bench_bundle(
            default_bundles["cls"], LocalDevice(), np.zeros((1, 3, 48, 99), np.float32), warmup=1, repeats=1
        )
    assert children(os.getpid()) <= before


@pytest.mark.embedded
def test_a_table_for_people(bench: Bench, default_bundles: Mapping[str, Bundle]) -> None:
    folders = [default_bundles[task].folder for task in ("cls", "det")]
    code, out, err = bench(*folders, "--repeats", 3, "--warmup", 1)
    assert (code, err) == (0, f"note: {LocalDevice.note}\n")
    header, *rows = out.splitlines()
    assert header.split() == ["bundle", "input", "load", "first", "p50", "p90", "p99", "runs", "peak", "MB"]
    assert [row.split()[:2] for row in rows] == [
        ["ch_ppocr_mobile_v2.0_cls-x86", "1x3x48x192"],
        ["ch_PP-OCRv4_det-x86", "1x3x160x320"],
    ]
    assert [row.split()[-2] for row in rows] == ["3", "3"]


@pytest.mark.embedded
def test_every_sample_for_machines(
    bench: Bench, default_bundles: Mapping[str, Bundle], tmp_path: Path
) -> None:
    np.save(tmp_path / "own.npy", np.zeros((5, 3, 48, 192), np.float32))
    options = ("--input", tmp_path / "own.npy", "--repeats", 4, "--json")
    code, out, err = bench(default_bundles["cls"].folder, *options)
    assert (code, err) == (0, "")
    (result,) = json.loads(out)
    assert (result["shape"], len(result["samples_ms"]), result["device"]) == ([5, 3, 48, 192], 4, "local")
    assert result["p50_ms"] == pytest.approx(np.percentile(result["samples_ms"], 50))


@pytest.mark.embedded
def test_a_size_of_ones_own_is_the_golden_picture_repeated(
    bench: Bench, default_bundles: Mapping[str, Bundle], monkeypatch: pytest.MonkeyPatch
) -> None:
    golden = default_bundles["det"].golden()[0]
    seen: list[Any] = []

    def measure(bundle: Bundle, device: LocalDevice, tensor: Any, **_: object) -> BenchResult:
        seen.append(tensor)
        return result_of([1.0])

    monkeypatch.setattr("deploy_tools.bench.bench_bundle", measure)
    assert bench(default_bundles["det"].folder, "--size", "192x352")[0] == 0
    (tensor,) = seen
    assert tensor.shape == (1, 3, 192, 352)
    np.testing.assert_array_equal(tensor[:, :, :160, :320], golden)
    np.testing.assert_array_equal(tensor[:, :, 160:, :320], golden[:, :, :32])
    np.testing.assert_array_equal(tensor[:, :, :160, 320:], golden[:, :, :, :32])


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--size", "100x100"],
            "--size 100x100: does not suit {folder}; axis 2 must suit (1, 3, 32·n, 32·n)",
        ),
        (["--size", "640"], "'640' is not HEIGHTxWIDTH, write for example 640x640"),
        (["--size", "²x32"], "'²x32' is not HEIGHTxWIDTH"),
        (["--size", "0x32"], "'0x32' is out of range, use sides of 1 to 2048"),
        (["--size", "32x99999"], "'32x99999' is out of range"),
        (["--size", "64x64", "--input", "x.npy"], "--size: does not go together with --input; choose one"),
        (["--input", "nosuch.npy"], "--input nosuch.npy: cannot be read (No such file"),
        (["--input", __file__], f"--input {__file__}: is not a .npy tensor"),
        (["--repeats", "0"], "0 is not in the range x>=1"),
        (["--warmup", "-1"], "-1 is not in the range x>=1"),
        (["--device", "phone"], "--device phone: there is no device of this name"),
        (["--time-limit", "0"], "0.0 is not in the range 0.1<=x<=86400"),
        (["--time-limit", "nan"], "'nan' is not a number"),
        (["--time-limit", "inf"], "inf is not in the range 0.1<=x<=86400"),
        (["nosuch"], "nosuch: no such folder"),
    ],
)
def test_told_before_anything_is_measured(
    bench: Bench, default_bundles: Mapping[str, Bundle], words: list[str], message: str
) -> None:
    folder = default_bundles["det"].folder
    before = children(os.getpid())
    code, out, err = bench(folder, *words)
    assert (code, out) == (2, "")
    assert err.startswith("ppocr-edge: ")
    assert message.format(folder=folder) in err
    assert err.count("\n") == 1
    assert children(os.getpid()) <= before
