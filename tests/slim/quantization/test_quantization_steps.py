"""The steps ``quantize`` and ``weights`` as recipes use them."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deploy_tools.conversion.opt import run_opt
from deploy_tools.conversion.options import ConversionOptions
from deploy_tools.devices.emulated import EmulatedDevice
from edge.errors import InputError, ModelError
from edge.ocr.lines import line_batch
from slim.data.synthetic import SyntheticLines
from slim.networks.network import build_network
from slim.networks.plan import published_plan
from slim.networks.stored import StoredNetwork, weights_of, write_stored
from slim.pipeline.step import StepContext
from slim.quantization import post_training_step, weights_step
from slim.quantization.post_training_step import Quantize
from slim.quantization.weights_step import Weights
from slim.reference.engine import PaddleEngine
from slim.reference.predictor import MODEL_FILE, PARAMS_FILE
from slim.zoo.catalog import find_entry
from slim.zoo.parameters import input_spec, zoo_parameters
from tests.step_kit import classifier_context, parsed_step, run_step

pytestmark = pytest.mark.embedded


def quantize(text: str) -> Quantize:
    return parsed_step(post_training_step.parse, "quantize", text)


def run(step: Quantize | Weights, before: Path, folder: Path, context: StepContext) -> Path:
    after = run_step(step, before, folder, context)
    assert sorted(path.name for path in after.iterdir()) == [PARAMS_FILE, MODEL_FILE]
    return after


def digest(folder: Path) -> str:
    return hashlib.sha256(
        (folder / MODEL_FILE).read_bytes() + (folder / PARAMS_FILE).read_bytes()
    ).hexdigest()


def test_the_same_model_every_time_and_one_that_still_works(
    classifier: Path, lines: tuple[Path, ...], tmp_path: Path
) -> None:
    told: list[tuple[int, int, str]] = []
    context = classifier_context(classifier, lines, progress=lambda *one: told.append(one))
    step = quantize("{method: best, pictures: 4}")
    first = run(step, classifier, tmp_path / "first", context)
    assert [done for done, _, _ in told] == [*range(1, 25), 24]
    assert {total for _, total, _ in told} == {24}
    assert told[-1][2].startswith("clipped by ")
    second = run(step, classifier, tmp_path / "second", context)
    assert digest(first) == digest(second)
    other = run(step, classifier, tmp_path / "other", replace(context, seed=4))
    assert digest(other) != digest(first), "other pictures"
    agree, change = compared(classifier, first)
    assert agree >= 0.95
    assert 1e-4 < change < 0.05
    nb = run_opt(first, ConversionOptions("arm"), tmp_path / "model.nb")
    assert nb.precision == "int8"
    assert nb.size < 320_000


def compared(before: Path, after: Path) -> tuple[float, float]:
    """How often two classifiers say the same of lines that were not calibrated with, and the mean change."""
    drawn = SyntheticLines("abcdefghijklmnopqrstuvwxyz ABCDEFGHIJ", count=30, seed=99)
    batch = line_batch([drawn[number].picture for number in range(30)], 48, 192)
    batch = np.concatenate([batch, batch[:, :, ::-1, ::-1]])
    one, other = (PaddleEngine(folder).run([np.ascontiguousarray(batch)])[0] for folder in (before, after))
    return float((one.argmax(1) == other.argmax(1)).mean()), float(np.abs(one - other).mean())


@pytest.mark.parametrize("method", ["abs_max", "avg", "hist", "mse", "kl"])
def test_every_method_runs(classifier: Path, context: StepContext, tmp_path: Path, method: str) -> None:
    step = quantize(f"{{method: {method}, pictures: 2}}")
    assert method in step.describe()
    agree, _ = compared(classifier, run(step, classifier, tmp_path, context))
    assert agree >= 0.8


def test_layers_that_stay_in_float(classifier: Path, context: StepContext, tmp_path: Path) -> None:
    def integer_layers(name: str, text: str) -> int:
        folder = run(quantize(text), classifier, tmp_path / name, context)
        nb = run_opt(folder, ConversionOptions("arm"), tmp_path / f"{name}.nb")
        layers = [op for op in nb.ops if op.type in ("conv2d", "depthwise_conv2d", "fc")]
        return sum(op.kernel.precision == "int8" for op in layers)

    assert integer_layers("all", "{method: mse, pictures: 1}") == 54
    assert integer_layers("some", "{method: mse, pictures: 1, keep_float: 5}") == 49
    assert integer_layers("kinds", "{method: mse, pictures: 1, layers: [linear, depthwise]}") == 12


@pytest.mark.arm
def test_an_arm_library_computes_what_paddle_simulates(
    classifier: Path, context: StepContext, lines: tuple[Path, ...], tmp_path: Path
) -> None:
    folder = run(quantize("{pictures: 4}"), classifier, tmp_path, context)
    nb = run_opt(folder, ConversionOptions("arm"), tmp_path / "model.nb")
    pictures = np.random.default_rng(0).uniform(-1, 1, (2, 3, 48, 192)).astype(np.float32)
    simulated = PaddleEngine(folder).run([pictures])[0]
    spec = input_spec(zoo_parameters(context.entry))
    with EmulatedDevice().open_nb(nb.path, nb, spec, force=True) as predictor:
        measured = predictor.run([pictures])[0]
    assert np.abs(measured - simulated).max() < 0.05


def test_an_estimate_leaves_nothing_and_takes_networks_too(
    classifier: Path, context: StepContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    step = quantize("{pictures: 4}")
    assert 0 < step.estimate(classifier, context) < 100
    assert not any(tmp_path.iterdir())
    (stored := tmp_path / "network").mkdir()
    plan = published_plan(find_entry("ch_ppocr_mobile_v2.0_cls"))
    write_stored(StoredNetwork(plan, weights_of(build_network(plan))), stored)
    assert 0 < step.estimate(stored, context) < 100
    assert [path.name for path in tmp_path.iterdir()] == ["network"]


def test_what_cannot_be_quantized(classifier: Path, context: StepContext, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="training data: there is none"):
        run(quantize("{}"), classifier, tmp_path / "a", classifier_context(classifier, ()))
    quantized = run(quantize("{method: mse, pictures: 1}"), classifier, tmp_path / "b", context)
    with pytest.raises(ModelError, match="no layers that can compute in integers"):
        run(quantize("{}"), quantized, tmp_path / "c", context)
    with pytest.raises(ModelError, match="no float weights to round"):
        run(weights("{}"), quantized, tmp_path / "d", context)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{method: entropy}", "one of abs_max, avg, hist, mse, kl, best"),
        ("{layers: [lstm]}", "write kinds of layers: convolution, depthwise, linear"),
        ("{pictures: 0}", "a whole number, 1 to 10000"),
        ("{share: 1.5}", "a number, 0 to 1"),
        ("{picture: 3}", "did you mean pictures"),
    ],
)
def test_settings_that_cannot_be(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        quantize(text)


def weights(text: str) -> Weights:
    return parsed_step(weights_step.parse, "weights", text)


def test_weights_rounded_by_what_changes(classifier: Path, context: StepContext, tmp_path: Path) -> None:
    step = weights("{pictures: 6}")
    first = run(step, classifier, tmp_path / "first", context)
    assert digest(first) == digest(run(step, classifier, tmp_path / "second", context))
    nearest = run(weights("{pictures: 0}"), classifier, tmp_path / "nearest", context)
    agree, change = compared(classifier, first)
    assert agree == 1
    assert 0 < change < compared(classifier, nearest)[1] < 0.02
    alone = run(step, classifier, tmp_path / "alone", classifier_context(classifier, ()))
    assert digest(alone) == digest(nearest), "without pictures"


def test_how_weights_are_stored() -> None:
    assert (weights("{}").bits, weights("{}").precision) == (8, "int8-weights")
    assert weights("{bits: 16}").precision == "int16-weights"
    with pytest.raises(InputError, match="write 8 or 16"):
        weights("{bits: 12}")
