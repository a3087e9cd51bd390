"""Golden outputs are of what a bundle computes: a float model, rounded weights, or a simulation of 8 bits."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from deploy_tools.conversion.bundle_writer import write_bundle
from deploy_tools.conversion.golden_model import golden_model, golden_of
from deploy_tools.conversion.options import Weights, conversion_options
from deploy_tools.conversion.source import folder_source
from deploy_tools.conversion.tolerance import tolerance_of
from deploy_tools.scenarios.parity import difference, golden_tolerance
from edge.bundle.manifest import Task
from edge.errors import ModelError
from edge.nb.model import Precision
from slim.program.model_files import read_model, write_model
from slim.quantization.insertion import with_quantizers
from slim.quantization.stored_weights import stored_layers, with_rounded_weights

pytestmark = pytest.mark.embedded


@pytest.mark.parametrize("weights", get_args(Weights))
def test_weights_are_rounded_in_a_copy_that_goes_away(classifier: Path, weights: Weights) -> None:
    with golden_model(classifier, weights) as folder:
        rounded, theirs = read_model(folder), read_model(classifier)
    assert not folder.exists()
    assert classifier.exists()
    weight = stored_layers(rounded)[0].weight
    assert not np.array_equal(rounded.values[weight], theirs.values[weight])
    bits = int(weights.removeprefix("int"))
    for name, value in with_rounded_weights(theirs, bits).values.items():
        np.testing.assert_array_equal(rounded.values[name], value)


def test_others_are_run_as_they_are(classifier: Path, tmp_path: Path) -> None:
    with golden_model(classifier, None) as folder:
        assert folder == classifier
    model = read_model(classifier)
    write_model(with_quantizers(model, dict.fromkeys(stored_layers(model)[:3], 1.0)), tmp_path)
    with golden_model(tmp_path, "int8") as folder:
        assert folder == tmp_path, "opt does not round what computes in 8 bits"


def test_a_model_that_cannot_be_read(model: Path) -> None:
    content = (model / "inference.pdiparams").read_bytes()
    (model / "inference.pdiparams").write_bytes(content[:-100])
    with pytest.raises(ModelError, match=r"inference\.pdiparams"), golden_model(model, "int8"):
        pass


@pytest.mark.parametrize(
    ("precision", "of", "allowed"),
    [
        ("fp32", "float model", (0.001, 0.001)),
        ("fp16", "float model", (0.1, 0.1)),
        ("int8-weights", "rounded weights", (0.01, 0.001)),
        ("int16-weights", "rounded weights", (0.01, 0.001)),
        ("int8", "simulated int8", (0.3, 0.1)),
    ],
)
def test_what_is_allowed(precision: Precision, of: str, allowed: tuple[float, float]) -> None:
    assert golden_of(precision) == of
    tasks: tuple[Task, ...] = ("det", "cls", "rec")
    assert [tolerance_of(task, precision) for task in tasks] == [allowed[0], allowed[1], allowed[1]]


@pytest.mark.arm
@pytest.mark.parametrize("weights", get_args(Weights))
def test_an_arm_library_computes_it(
    classifier: Path,
    weights: Weights,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Closer than the float model by far, whose output is 1e-9 away."""
    from deploy_tools.devices.emulated import EmulatedDevice

    monkeypatch.setenv("PPOCR_EDGE_HOME", str(tmp_path_factory.getbasetemp() / "home"))
    source = folder_source(classifier, "cls", None)
    bundle = write_bundle(source, conversion_options("arm", weights=weights), tmp_path)
    tensor, expected = bundle.golden()
    with EmulatedDevice().open(bundle) as predictor:
        found = difference(predictor.run([tensor])[0], expected)
    assert found < 1e-5
    assert golden_tolerance(bundle) == 0.001
