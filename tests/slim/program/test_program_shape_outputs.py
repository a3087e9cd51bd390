"""Ops that flatten have the output that ``opt`` for x86 dies without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from deploy_tools.conversion.opt import run_opt
from deploy_tools.conversion.options import conversion_options
from slim.program.lean import make_lean
from slim.program.program import read_program
from slim.reference.predictor import MODEL_FILE

Exported = Callable[..., Path]


def test_what_is_flattened_is_converted_for_x86(exported: Exported, tmp_path: Path) -> None:
    from paddle import nn

    layers = (nn.Conv2D(3, 4, 3), nn.Flatten(1), nn.Linear(16, 2), nn.Flatten(0))
    folder = exported(nn.Sequential(*layers), 1, 3, 4, 4)
    lean = tmp_path / "lean"
    lean.mkdir()
    make_lean(folder, lean)

    def shapes(model: Path) -> list[tuple[str, ...]]:
        (block,) = read_program((model / MODEL_FILE).read_bytes()).blocks
        ops = [op for op in block.ops if op.type == "flatten_contiguous_range"]
        known = {one.name for one in block.variables}
        found = [op.outputs.get("XShape", ()) for op in ops]
        assert all(set(names) <= known for names in found)
        return found

    assert shapes(folder) == [(), ()]
    assert len(set(shapes(lean))) == 2
    nb = run_opt(folder, conversion_options("x86"), tmp_path / "model.nb")
    assert nb.main_target == "x86"
