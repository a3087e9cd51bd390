"""Programs made here with Paddle, with what its exporter writes."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

Exported = Callable[..., Path]


@pytest.fixture(scope="session", autouse=True)
def _paddle() -> None:
    """Load Paddle once, which warns of what it imports itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import paddle  # noqa: F401


@pytest.fixture
def exported(tmp_path: Path) -> Exported:
    """``exported(layer, *shape)``: the folder of a layer's inference model."""

    def export(layer: object, *shape: int | None) -> Path:
        import paddle

        layer.eval()  # type: ignore[attr-defined]
        spec = [paddle.static.InputSpec(list(shape), "float32", "x")]
        folder = tmp_path / "exported"
        with paddle.utils.unique_name.guard():
            paddle.jit.save(layer, str(folder / "inference"), input_spec=spec)
        return folder

    return export
