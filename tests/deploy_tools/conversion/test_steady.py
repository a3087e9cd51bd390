"""INT8 models get a golden input on which rounding in another order does not change the output."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deploy_tools.conversion import steady
from deploy_tools.conversion.golden import golden_input, golden_inputs
from deploy_tools.conversion.source import ModelSource, folder_source
from deploy_tools.conversion.steady import GoldenTensors, golden_tensors
from edge.nb.model import Precision
from edge.ocr.parameters import ClassificationParameters, DetectionParameters, RecognitionParameters
from slim.program.model_files import read_model, write_model
from slim.quantization import disturbance
from slim.quantization.insertion import with_quantizers
from slim.quantization.layers import DEPTHWISE, layers_of
from slim.reference.predictor import PaddlePredictor
from slim.zoo.parameters import input_spec

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def quantized(embedded_models: Path, tmp_path_factory: pytest.TempPathFactory) -> ModelSource:
    """The classifier, which computes in 8 bits as if every layer's input were 4 at most."""
    folder = tmp_path_factory.mktemp("quantized")
    model = read_model(embedded_models / "ch_ppocr_mobile_v2_cls_infer")
    layers = [layer for layer in layers_of(model) if layer.kind != DEPTHWISE]
    write_model(with_quantizers(model, dict.fromkeys(layers, 4.0)), folder)
    return folder_source(folder, "cls", None)


def tensors(source: ModelSource, precision: Precision) -> GoldenTensors:
    spec = input_spec(source.parameters)
    with PaddlePredictor(source.folder, [spec]) as reference:
        return golden_tensors(source, spec, reference, precision)


def test_an_input_is_chosen(quantized: ModelSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "COPIES", 2)
    found = tensors(quantized, "int8")
    assert found.tolerance == 0.05
    assert any(np.array_equal(found.input, one) for one in golden_inputs(quantized.parameters))
    spec = input_spec(quantized.parameters)
    with steady._disturbed(quantized, spec, 1) as copy:
        np.testing.assert_allclose(copy.run([found.input])[0], found.output, atol=1e-3)
        name = copy.name
    assert str(quantized.folder) in name, "what goes wrong is told of the user's model"


def test_where_no_input_is_steady_the_usual_one_is_kept(
    quantized: ModelSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disturbance, "DISTURBANCE", 3.0)
    found = tensors(quantized, "int8")
    assert found.tolerance == 0.1
    np.testing.assert_array_equal(found.input, golden_input(quantized.parameters))


def test_float_models_have_no_choice(quantized: ModelSource) -> None:
    assert tensors(quantized, "fp32").tolerance == 0.001


def test_inputs_to_choose_from() -> None:
    shapes = {
        DetectionParameters(): (1, 3, 64, 64),
        ClassificationParameters(): (1, 3, 48, 192),
        RecognitionParameters(height=32): (1, 3, 32, 160),
    }
    for parameters, shape in shapes.items():
        inputs = list(golden_inputs(parameters))
        assert {one.shape for one in inputs} == {shape}
        assert len({one.tobytes() for one in inputs}) == len(inputs) >= 7
        input_spec(parameters).check(inputs[0])
