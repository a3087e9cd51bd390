from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.errors import NbFormatError
from edge.nb.model import read_nb

pytestmark = pytest.mark.embedded


@pytest.mark.parametrize(
    ("target", "variant", "main_target", "precision"),
    [
        ("x86", "", "x86", "fp32"),
        ("x86", "fp16", "x86", "fp32"),  # opt ignores it: there are no FP16 kernels for x86
        ("x86", "int8", "x86", "int8-weights"),
        ("arm", "", "arm", "fp32"),
        ("arm", "fp16", "arm", "fp16"),
        ("arm", "int8", "arm", "int8-weights"),
        ("arm", "int16", "arm", "int16-weights"),
        ("arm", "fp16 int8", "arm", "int8-weights"),
        ("x86,opencl", "", "x86,opencl", "fp32"),
        ("opencl,arm", "", "opencl", "fp32"),  # every op of the classifier has an OpenCL kernel
    ],
)
def test_target_and_precision_of_real_conversions(
    convert: Callable[..., Path], target: str, variant: str, main_target: str, precision: str
) -> None:
    model = read_nb(convert(target, variant))
    assert (model.main_target, model.precision) == (main_target, precision)
    assert model.targets == set(main_target.split(","))
    stored = {"int8-weights": "int8", "int16-weights": "int16"}.get(precision, "float32")
    assert next(iter(model.weight_bytes)) == stored


def test_detection_for_opencl_leaves_ops_to_arm(convert: Callable[..., Path]) -> None:
    model = read_nb(convert("opencl,arm", model="ch_PP-OCRv4_det_infer"))
    assert model.main_target == "arm,opencl"
    assert model.runs_on({"arm", "opencl"})
    assert not model.runs_on({"arm"})
    assert not model.runs_on({"x86"})


def test_fp16_for_opencl_and_arm_marks_the_weights(convert: Callable[..., Path]) -> None:
    model = read_nb(convert("opencl,arm", "fp16", model="ch_PP-OCRv4_det_infer"))
    assert model.precision == "fp16"
    assert not any(op.kernel.target == "arm" and op.kernel.precision == "fp16" for op in model.ops)
    assert any(op.fp16_weights for op in model.ops)


def test_everything_in_a_file(classifier_x86: Path) -> None:
    model = read_nb(classifier_x86)
    data = classifier_x86.read_bytes()
    assert (model.path, model.size) == (classifier_x86, len(data))
    assert model.sha256 == hashlib.sha256(data).hexdigest()
    assert (model.meta_version, model.opt_version) == (2, "v2.13-rc")
    assert [(tensor.name, tensor.shape, tensor.dtype) for tensor in model.inputs] == [
        ("x", (-1, 3, -1, -1), "float32")
    ]
    assert [(tensor.shape, tensor.dtype) for tensor in model.outputs] == [((-1, 2), "float32")]
    assert model.ops[0].type == "feed"
    assert model.ops[-1].type == "fetch"
    first = next(op for op in model.ops if op.type == "conv2d")
    assert str(first.kernel) == "conv2d/def/x86/float/NCHW"
    assert "x" in first.inputs
    assert sum(model.kernels.values()) == len(model.ops)
    assert sum(param.size for param in model.params) == model.weight_bytes["float32"]
    assert all(param.name in {name for op in model.ops for name in op.inputs} for param in model.params)


def test_inputs_and_outputs_are_those_of_the_predictor(
    classifier_x86: Path, predict: Callable[[Path], list[str]]
) -> None:
    model = read_nb(classifier_x86)
    names = f"{[tensor.name for tensor in model.inputs]} {[tensor.name for tensor in model.outputs]}"
    assert predict(classifier_x86)[0] == names


def test_ops_run_in_an_order_that_can_be_computed(classifier_x86: Path) -> None:
    model = read_nb(classifier_x86)
    known = {param.name for param in model.params} | {"feed"}
    for op in model.ops:
        assert set(op.inputs) <= known, op
        known |= set(op.outputs)


def test_the_dictionary_is_json(classifier_x86: Path) -> None:
    model = read_nb(classifier_x86)
    loaded = json.loads(json.dumps(model.as_dict()))
    assert loaded["main_target"] == "x86"
    assert loaded["targets"] == ["x86"]
    assert loaded["inputs"] == [{"name": "x", "shape": [-1, 3, -1, -1], "dtype": "float32"}]
    assert len(loaded["ops"]) == len(model.ops)
    assert loaded["ops"][0]["kernel"] == "feed/def/host/any/any"
    assert len(loaded["params"]) == len(model.params)


def test_meta_version_1_says_the_same_as_version_2(
    convert: Callable[..., Path], classifier_x86: Path
) -> None:
    old = read_nb(convert("x86", environment={"PADDLE_LITE_MODEL_VERSION1": "1"}))
    new = read_nb(classifier_x86)
    assert old.meta_version == 1
    assert (old.ops, old.inputs, old.outputs) == (new.ops, new.inputs, new.outputs)
    assert sorted(old.params, key=lambda param: param.name) == sorted(
        new.params, key=lambda param: param.name
    )


@pytest.mark.shared
@pytest.mark.parametrize(
    ("folder", "opt_version"),
    [
        ("dygraph_v2.0/lite", "v2.10-rc"),
        ("nb_other_opt/6010b5f", "6010b5f"),
        ("nb_other_opt/v2.13-rc", "v2.13-rc"),
    ],
)
@pytest.mark.parametrize("task", ["det", "cls", "rec"])
def test_published_slim_models(shared_dir: Path, folder: str, opt_version: str, task: str) -> None:
    model = read_nb(shared_dir / "mirror" / folder / f"ch_ppocr_mobile_v2.0_{task}_slim_opt.nb")
    assert model.opt_version == opt_version
    assert (model.main_target, model.precision) == ("arm", "int8")
    assert model.inputs[0].shape[:2] == (-1, 3)
    if task == "rec":
        assert model.outputs[0].shape[-1] == 6625
        assert model.weight_bytes["float32"] > 0  # its LSTM stays in float


def test_the_largest_default_model_is_read_quickly(convert: Callable[..., Path]) -> None:
    path = convert("arm", model="ch_PP-OCRv4_rec_infer")
    assert path.stat().st_size > 10_000_000
    times = []
    for _ in range(3):
        start = time.process_time()
        read_nb(path)
        times.append(time.process_time() - start)
    assert min(times) < 0.3


def test_a_program_cut_off_before_conversion_is_noticed(
    embedded_models: Path, convert: Callable[..., Path], tmp_path: Path
) -> None:
    # opt takes a truncated .pdmodel without complaint and writes a .nb that does nothing
    source = embedded_models / "ch_ppocr_mobile_v2_cls_infer"
    (tmp_path / "inference.pdmodel").write_bytes((source / "inference.pdmodel").read_bytes()[:100_000])
    (tmp_path / "inference.pdiparams").write_bytes((source / "inference.pdiparams").read_bytes())
    with pytest.raises(NbFormatError, match="no input or no output"):
        read_nb(convert("x86", model=tmp_path))
