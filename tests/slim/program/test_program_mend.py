"""What newer exporters write, in the form that ``opt`` can use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from slim.program.lean import make_lean
from slim.program.program import Op, read_program, write_program
from slim.reference.predictor import MODEL_FILE

Exported = Callable[..., Path]


def ops_of(folder: Path) -> list[Op]:
    return list(read_program((folder / MODEL_FILE).read_bytes()).blocks[0].ops)


def assert_same(one: Path, other: Path, *shape: int) -> None:
    from slim.reference.engine import PaddleEngine

    tensor = np.random.default_rng(1).uniform(-1, 1, shape).astype(np.float32)
    ours, theirs = (PaddleEngine(folder).run([tensor])[0] for folder in (one, other))
    assert np.abs(ours - theirs).max() < 1e-5
    assert np.abs(ours).max() > 1e-3


def lean(folder: Path) -> Path:
    out = folder.with_name("lean")
    out.mkdir()
    make_lean(folder, out)
    return out


def test_biases_are_added_where_opt_looks_for_them(exported: Exported) -> None:
    from paddle import nn

    folder = exported(nn.Sequential(nn.Conv2D(3, 5, 3), nn.Conv2DTranspose(5, 4, 2, 2)), None, 3, 8, 8)
    assert [op.type for op in ops_of(folder)].count("reshape2") == 2
    mended = lean(folder)
    sums = [op for op in ops_of(mended) if op.type == "elementwise_add"]
    assert [op.value("axis") for op in sums] == [1, 1]
    assert "reshape2" not in [op.type for op in ops_of(mended)]
    assert_same(folder, mended, 2, 3, 8, 8)


def test_a_bias_that_something_else_reads_too_stays(exported: Exported) -> None:
    import paddle
    from paddle import nn

    class Shared(nn.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = nn.Conv2D(3, 3, 1, bias_attr=False)
            self.bias = self.create_parameter([3])

        def forward(self, x: Any) -> Any:
            bias = paddle.reshape(self.bias, [1, 3, 1, 1])
            return self.convolution(x) + bias + x * bias + 0.1

    folder = exported(Shared(), None, 3, 4, 4)
    mended = lean(folder)
    assert [op.type for op in ops_of(mended)].count("reshape2") == 1
    assert_same(folder, mended, 1, 3, 4, 4)


def norms(folder: Path) -> list[Op]:
    return [op for op in ops_of(folder) if op.type == "batch_norm"]


def test_scratch_space_of_training_goes(exported: Exported) -> None:
    """Exporters on machines with a GPU leave it in; here it is put there."""
    from paddle import nn

    folder = exported(nn.Sequential(nn.Conv2D(3, 4, 1), nn.BatchNorm2D(4)), None, 3, 4, 4)
    program = read_program((folder / MODEL_FILE).read_bytes())
    (block,) = program.blocks
    (norm,) = norms(folder)
    with_scratch = replace(norm, outputs={**norm.outputs, "ReserveSpace": ("scratch",)})
    template = next(one for one in block.variables if one.name == norm.outputs["SavedMean"][0])
    block = replace(
        block,
        ops=tuple(with_scratch if op == norm else op for op in block.ops),
        variables=(*block.variables, replace(template, name="scratch")),
    )
    (folder / MODEL_FILE).write_bytes(write_program(replace(program, blocks=(block,))))
    assert "ReserveSpace" in norms(folder)[0].outputs
    mended = lean(folder)
    assert "ReserveSpace" not in norms(mended)[0].outputs
    assert_same(folder, mended, 1, 3, 4, 4)


def test_numbers_without_a_dimension_get_one(exported: Exported) -> None:
    from paddle import nn

    class Reader(nn.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(4, 3)

        def forward(self, x: Any) -> Any:
            return self.lstm(x)[0]

    folder = exported(Reader(), None, None, 4)

    def shapes(place: Path) -> list[Any]:
        return [op.value("shape") for op in ops_of(place) if op.type == "fill_constant" and not op.read]

    assert () in shapes(folder)
    mended = lean(folder)
    assert len(shapes(mended)) == len(shapes(folder))
    assert () not in shapes(mended)
    assert_same(folder, mended, 2, 5, 4)
