"""Convolutions merged as ``opt`` merges them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slim.program.merge import with_merged_convolutions
from slim.program.model_files import InferenceModel, read_model, write_model
from slim.reference.engine import PaddleEngine

Exported = Callable[..., Path]


def chain(*, channels: tuple[int, int, int], between: Any = None) -> Any:
    """Convolution, batch norm with statistics of its own, convolution of 1×1, batch norm."""
    import paddle
    from paddle import nn

    paddle.seed(3)
    before, inner, after = channels
    norm = nn.BatchNorm2D(inner)
    rng = np.random.default_rng(4)
    for values in (norm.weight, norm._variance):
        values.set_value(rng.uniform(0.5, 2, inner).astype(np.float32))
    for values in (norm.bias, norm._mean):
        values.set_value(rng.normal(size=inner).astype(np.float32))
    first = nn.Conv2D(before, inner, 3, padding=1, stride=2, bias_attr=False)
    second = nn.Conv2D(inner, after, 1, bias_attr=False)
    middle = [between] if between is not None else []
    return nn.Sequential(first, norm, *middle, second, nn.BatchNorm2D(after), nn.ReLU())


def convolutions(model: InferenceModel) -> int:
    return [op.type for op in model.block.ops].count("conv2d")


def outputs(folder: Path, channels: int) -> np.ndarray:
    return PaddleEngine(folder).run(
        [np.random.default_rng(0).normal(size=(2, channels, 9, 7)).astype(np.float32)]
    )[0]


def test_two_become_one_that_computes_the_same(exported: Exported, tmp_path: Path) -> None:
    folder = exported(chain(channels=(3, 4, 16)), None, 3, 9, 7)
    model = read_model(folder)
    merged = with_merged_convolutions(model)
    assert (convolutions(model), convolutions(merged)) == (2, 1)
    (tmp_path / "merged").mkdir()
    write_model(merged, tmp_path / "merged")
    before, after = outputs(folder, 3), outputs(tmp_path / "merged", 3)
    assert before.max() > 0.1
    assert np.abs(before - after).max() < 1e-5


@pytest.mark.parametrize("channels", [(64, 4, 32), (3, 16, 8)], ids=["many channels in", "fewer after"])
def test_not_where_opt_does_not(exported: Exported, channels: tuple[int, int, int]) -> None:
    model = read_model(exported(chain(channels=channels), None, channels[0], 9, 7))
    assert with_merged_convolutions(model) == model


def test_not_with_anything_in_between(exported: Exported) -> None:
    from paddle import nn

    model = read_model(exported(chain(channels=(3, 4, 16), between=nn.ReLU()), None, 3, 9, 7))
    assert with_merged_convolutions(model) == model


@pytest.mark.embedded
def test_one_pair_in_the_classifier(embedded_models: Path, tmp_path: Path) -> None:
    folder = embedded_models / "ch_ppocr_mobile_v2_cls_infer"
    merged = with_merged_convolutions(read_model(folder))
    assert convolutions(merged) == convolutions(read_model(folder)) - 1
    write_model(merged, tmp_path)
    tensor = np.random.default_rng(1).uniform(-1, 1, (2, 3, 48, 192)).astype(np.float32)
    before, after = (PaddleEngine(place).run([tensor])[0] for place in (folder, tmp_path))
    assert np.abs(before - after).max() < 1e-4
