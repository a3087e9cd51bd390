"""Disturbed models: changed in the seventh digit, and in nothing that integers are computed from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slim.program.model_files import read_model
from slim.quantization.disturbance import DISTURBANCE, with_disturbance
from slim.quantization.insertion import with_quantizers
from slim.quantization.layers import layers_of

pytestmark = pytest.mark.embedded


def test_gains_and_shifts_change_a_little(classifier: Path) -> None:
    model = read_model(classifier)
    model = with_quantizers(model, dict.fromkeys(layers_of(model), 1.0))
    one, again, other = (with_disturbance(model, seed) for seed in (1, 1, 2))
    changed = {name for name, value in one.values.items() if not np.array_equal(value, model.values[name])}
    norms = [op for op in model.block.ops if op.type == "batch_norm"]
    assert len(norms) > 10
    assert changed >= {op.inputs[slot][0] for op in norms for slot in ("Scale", "Bias")}
    kept = {op.inputs[slot][0] for op in norms for slot in ("Mean", "Variance")}
    kept |= {name for op in model.block.ops if op.type.startswith("fake_") for name in op.read}
    assert not changed & kept
    for name in changed:
        difference = np.abs(one.values[name] - model.values[name])
        assert difference.max() <= 6 * DISTURBANCE * np.abs(model.values[name]).max()
        np.testing.assert_array_equal(one.values[name], again.values[name])
    assert any(not np.array_equal(one.values[name], other.values[name]) for name in changed)
