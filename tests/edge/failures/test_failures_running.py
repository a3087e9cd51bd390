"""Real deaths of a loaded model, and what it only warns of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.failures.explain import explain

pytestmark = pytest.mark.embedded


@pytest.mark.parametrize(
    ("shape", "key"),
    [("3x48x192", "wrong-shape"), ("unset", "wrong-shape"), ("0x3x48x192", "empty-input")],
)
def test_a_wrong_shape(
    converted: Callable[..., Path], predict: Callable[..., Any], shape: str, key: str
) -> None:
    ended = predict(converted("x86"), shape)
    assert ended.returncode == -6
    failure = explain(ended.output, ended.returncode)
    assert failure is not None
    assert (failure.key, failure.stage) == (key, "run")


def test_a_detection_side_that_is_no_multiple_of_32(
    converted: Callable[..., Path], predict: Callable[..., Any]
) -> None:
    ended = predict(converted("x86", "ch_PP-OCRv4_det_infer"), "1x3x70x70")
    failure = explain(ended.output, ended.returncode)
    assert failure is not None
    assert failure.key == "side-not-multiple-of-32"


def test_one_predictor_for_many_shapes(converted: Callable[..., Path], predict: Callable[..., Any]) -> None:
    sizes = ("64x64", "320x320", "64x640", "32x32", "640x64", "96x96", "480x480", "32x960", "64x64")
    ended = predict(converted("x86", "ch_PP-OCRv4_det_infer"), *(f"1x3x{size}" for size in sizes))
    assert ended.returncode != 0
    failure = explain(ended.output, ended.returncode)
    assert failure is not None, ended
    # glibc mostly notices the damage; where it does not, the process runs into it
    assert failure.key in ("heap-corrupted", "segfault")
    assert "heights or widths" in failure.cause


def test_another_dtype_is_a_warning(converted: Callable[..., Path], predict: Callable[..., Any]) -> None:
    ended = predict(converted("x86"), "1x3x48x192", dtype="float64")
    assert ended.returncode == 0
    failure = explain(ended.output, ended.returncode)
    assert failure is not None
    assert (failure.key, failure.severity) == ("input-type", "warning")
    assert "input 'x' was given as double, the model takes float" in failure.cause


def test_a_sound_run_needs_no_explanation(
    converted: Callable[..., Path], predict: Callable[..., Any]
) -> None:
    ended = predict(converted("x86"), "1x3x48x192")
    assert ended.returncode == 0
    assert explain(ended.output, ended.returncode) is None
