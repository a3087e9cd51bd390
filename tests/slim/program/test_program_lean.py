"""Lean programs: smaller models of ``opt`` that compute the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from edge.errors import ModelError
from slim.program.lean import lean_program, make_lean
from slim.program.names import short_names
from slim.program.program import Op, Program, read_program
from slim.reference.predictor import MODEL_FILE

pytestmark = pytest.mark.embedded

CLASSIFIER = "ch_ppocr_mobile_v2_cls_infer"
MODELS = {CLASSIFIER: (48, 192), "ch_PP-OCRv4_det_infer": (64, 96), "ch_PP-OCRv4_rec_infer": (48, 160)}


def program_of(folder: Path) -> Program:
    return read_program((folder / MODEL_FILE).read_bytes())


def ops_of(program: Program, kind: str) -> list[Op]:
    return [op for op in program.blocks[0].ops if op.type == kind]


@pytest.mark.parametrize("name", MODELS)
def test_paddle_computes_the_same_with_the_same_parameters(
    embedded_models: Path, tmp_path: Path, name: str
) -> None:
    """So every weight is still the one it was: their file has no names, only an order."""
    from slim.reference.engine import PaddleEngine

    make_lean(embedded_models / name, tmp_path)
    tensor = np.random.default_rng(3).uniform(-1, 1, (1, 3, *MODELS[name])).astype(np.float32)
    before = PaddleEngine(embedded_models / name).run([tensor])[0]
    engine = PaddleEngine(tmp_path)
    assert engine.describe()["inputs"] == ["x"]
    assert np.abs(engine.run([tensor])[0] - before).max() < 1e-5


def test_what_is_left(embedded_models: Path) -> None:
    before = program_of(embedded_models / CLASSIFIER)
    after = read_program(lean_program((embedded_models / CLASSIFIER / MODEL_FILE).read_bytes()))
    assert [op.type for op in after.blocks[0].ops] == [op.type for op in before.blocks[0].ops]
    names = {attribute.name for op in ops_of(after, "conv2d") for attribute in op.attributes}
    assert names == {"strides", "paddings", "dilations", "groups"}
    assert "is_test" in {one.name for one in ops_of(after, "batch_norm")[0].attributes}, "it is read there"
    assert ops_of(after, "feed")[0].written == ("x",)
    assert ops_of(after, "fetch")[0].read == ops_of(before, "fetch")[0].read
    renamed = {one.name for one in after.blocks[0].variables} - {
        one.name for one in before.blocks[0].variables
    }
    assert max(map(len, renamed)) <= 3
    assert len({one.name for one in after.blocks[0].variables}) == len(after.blocks[0].variables)


def test_names_of_weights_sort_as_they_did() -> None:
    rng = np.random.default_rng(0)
    weights = [f"conv{number}.{part}" for number in rng.permutation(700) for part in ("w_0", "b_0", "Ä")]
    names = short_names(weights, ["t1", "t0"], {"x", "w00", "v0"})
    assert sorted(weights, key=str.encode) == sorted(weights, key=lambda name: names[name].encode())
    assert len(set(names.values())) == len(names) == len(weights) + 2
    assert not set(names.values()) & {"x", "w00", "v0"}
    assert {len(names[name]) for name in weights} == {4}


def test_a_damaged_program_is_named(embedded_models: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(embedded_models / CLASSIFIER, tmp_path / "model"))
    data = bytearray((folder / MODEL_FILE).read_bytes())
    data[20:400] = bytes(380)
    (folder / MODEL_FILE).write_bytes(data)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(ModelError, match=r"inference\.pdmodel: is damaged"):
        make_lean(folder, out)
    assert not any(out.iterdir())
