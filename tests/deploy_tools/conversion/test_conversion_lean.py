"""What ``opt`` makes of lean programs: smaller files that compute the same, bit by bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deploy_tools.conversion import opt as opt_module
from deploy_tools.conversion.opt import run_opt
from deploy_tools.conversion.options import ConversionOptions
from deploy_tools.devices.emulated import EmulatedDevice
from edge.nb.model import NbModel, read_nb
from edge.predictor.lite import lite_predictor
from edge.predictor.protocol import Array
from edge.predictor.spec import InputSpec

pytestmark = pytest.mark.embedded

SPEC = InputSpec((1, 3, 48, 192))
TENSOR = np.random.default_rng(1).uniform(-1, 1, SPEC.shape).astype(np.float32)


@pytest.fixture
def both(classifier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """``both(options)``: the model as opt makes it of the lean program, and of the program as it is."""

    def convert(options: ConversionOptions) -> tuple[NbModel, NbModel]:
        lean = run_opt(classifier, options, tmp_path / "lean.nb")
        with monkeypatch.context() as patch:
            patch.setattr(opt_module, "lean_program", lambda data: data)
            whole = run_opt(classifier, options, tmp_path / "whole.nb")
        return lean, whole

    return convert


def test_smaller_and_the_same_on_x86(both) -> None:  # type: ignore[no-untyped-def]
    lean, whole = both(ConversionOptions("x86"))
    assert lean.size < 0.8 * whole.size
    assert [op.type for op in lean.ops] == [op.type for op in whole.ops]
    outputs = []
    for nb in (lean, whole):
        with lite_predictor(nb.path, nb, SPEC, name="model") as predictor:
            outputs.append(predictor.run([TENSOR])[0])
    assert outputs[0].tobytes() == outputs[1].tobytes()


@pytest.mark.arm
@pytest.mark.parametrize("weights", [None, "int8"])
def test_smaller_and_the_same_on_arm(both, weights) -> None:  # type: ignore[no-untyped-def]
    lean, whole = both(ConversionOptions("arm", weights=weights))
    assert lean.size < 0.8 * whole.size
    outputs = [emulated(nb, TENSOR) for nb in (lean, whole)]
    assert outputs[0].tobytes() == outputs[1].tobytes()


@pytest.mark.arm
@pytest.mark.shared
def test_int8_is_the_same_on_arm(shared_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from slim.zoo.entry import Kind
    from slim.zoo.pull import ensure
    from slim.zoo.sources import SourceSpec

    source = SourceSpec.parse(str(shared_dir / "mirror"))
    model = ensure("ch_ppocr_mobile_slim_v2.0_cls", Kind.SLIM_INFERENCE, source).folder
    lean = run_opt(model, ConversionOptions("arm"), tmp_path / "lean.nb")
    monkeypatch.setattr(opt_module, "lean_program", lambda data: data)
    whole = run_opt(model, ConversionOptions("arm"), tmp_path / "whole.nb")
    assert lean.precision == whole.precision == "int8"
    assert lean.size < 0.65 * whole.size
    assert emulated(lean, TENSOR).tobytes() == emulated(whole, TENSOR).tobytes()


def emulated(nb: NbModel, tensor: Array) -> Array:
    with EmulatedDevice().open_nb(nb.path, read_nb(nb.path), SPEC, force=True) as predictor:
        return predictor.run([tensor])[0]
