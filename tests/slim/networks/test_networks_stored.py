"""Networks on disk, and networks out of inference models: the same again, or one line that says why not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.errors import ModelError
from slim.networks.plan import published_plan
from slim.zoo.catalog import find_entry
from slim.zoo.entry import Kind
from slim.zoo.pull import LocalModel

DET, CLS = "ch_ppocr_mobile_v2.0_det", "ch_ppocr_mobile_v2.0_cls"
PLAN = published_plan(find_entry(CLS)).narrowed({"backbone.last": 64})
Pulled = Callable[[str, Kind], LocalModel]


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A narrow classifier on disk."""
    from slim.networks.network import build_network
    from slim.networks.stored import StoredNetwork, weights_of, write_stored

    write_stored(StoredNetwork(PLAN, weights_of(build_network(PLAN))), tmp_path)
    return tmp_path


def test_what_was_written_is_read(stored: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    from slim.networks.network import build_network
    from slim.networks.stored import read_stored, weights_of, write_stored

    read = read_stored(stored)
    assert read.plan == PLAN
    expected = weights_of(build_network(PLAN))
    built = weights_of(read.build())
    assert set(built) == set(expected)
    assert all((built[key] == value).all() for key, value in expected.items())
    again = tmp_path_factory.mktemp("again")
    write_stored(read, again)
    for file in stored.iterdir():
        assert (again / file.name).read_bytes() == file.read_bytes(), "the same bytes"


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def _other_plan(file: Path) -> None:
    values = json.loads(file.read_text())
    file.write_text(json.dumps({**values, "widths": {}}))


def _objects(file: Path) -> None:
    np.savez(file, a=np.array([{}], dtype=object))


DAMAGES: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "no plan": ("network.json", Path.unlink, "network.json: cannot be read"),
    "no weights": ("weights.npz", Path.unlink, "weights.npz: cannot be read"),
    "cut plan": ("network.json", _cut, "network.json: describes no network"),
    "cut weights": ("weights.npz", _cut, "weights.npz: is damaged"),
    "text": ("weights.npz", lambda file: file.write_text("x"), "weights.npz: is damaged"),
    "objects": ("weights.npz", _objects, "weights.npz: is damaged"),
    "a list": ("network.json", lambda file: file.write_text("[]"), "network.json: describes no network"),
    "other plan": ("network.json", _other_plan, r"weights: has backbone\.conv2\.conv\.weight \(64, "),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_told_in_one_line(stored: Path, damage: str) -> None:
    from slim.networks.stored import read_stored

    name, change, found = DAMAGES[damage]
    change(stored / name)
    with pytest.raises(ModelError, match=found) as caught:
        read_stored(stored).build()
    assert "\n" not in caught.value.one_line()


# out of inference models


@pytest.mark.shared
def test_the_weights_of_an_inference_model_are_those_of_its_checkpoint(pulled: Pulled) -> None:
    from slim.networks.checkpoint import checkpoint_file, read_checkpoint
    from slim.networks.from_inference import weights_from_inference

    plan = published_plan(find_entry(DET))
    found = weights_from_inference(pulled(DET, Kind.INFERENCE).folder, plan)
    trained = read_checkpoint(checkpoint_file(pulled(DET, Kind.TRAINED).folder))
    assert set(found) == set(trained)
    exported = [key for key in trained if not key.startswith("head.thresh.")]
    assert all((found[key] == trained[key]).all() for key in exported)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "kind", "changes", "found"),
    [
        (DET, Kind.INFERENCE, {}, "weights in its layers, the network"),
        (CLS, Kind.INFERENCE, {"backbone.last": 64}, "has shape .* the network's backbone.conv2.conv.weight"),
    ],
)
def test_an_inference_model_of_another_network_is_told(
    pulled: Pulled, name: str, kind: Kind, changes: dict[str, Any], found: str
) -> None:
    from slim.networks.from_inference import weights_from_inference

    plan = published_plan(find_entry(CLS)).narrowed(changes)
    with pytest.raises(ModelError, match=found):
        weights_from_inference(pulled(name, kind).folder, plan)


@pytest.mark.shared
def test_a_network_of_the_same_shapes_that_computes_something_else_is_told(pulled: Pulled) -> None:
    """Weights would fit; running both shows that they do not belong there."""
    from dataclasses import replace

    from slim.networks.from_inference import weights_from_inference
    from slim.zoo.entry import Block

    plan = published_plan(find_entry(CLS))
    backbone = plan.architecture.backbone
    other = Block(backbone.name, {**backbone.settings, "squeeze_slope": 0.5})
    plan = replace(plan, architecture=replace(plan.architecture, backbone=other))
    with pytest.raises(ModelError, match="computes something else than the network with its weights"):
        weights_from_inference(pulled(CLS, Kind.INFERENCE).folder, plan)
