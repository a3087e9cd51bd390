from __future__ import annotations

from pathlib import Path

import pytest

from edge.errors import ModelError
from slim.pipeline.state import StateCost, cost_of
from slim.pipeline.work import in_child


def counted(folder: Path, shape: tuple[int, ...]) -> StateCost:
    return in_child("counting", cost_of, folder, shape, threads=1)


@pytest.mark.embedded
def test_classification_is_counted_as_published(embedded_models: Path) -> None:
    cost = counted(embedded_models / "ch_ppocr_mobile_v2_cls_infer", (1, 3, 48, 192))
    # the weights' file holds these as float32, with a few bytes about each
    size = (embedded_models / "ch_ppocr_mobile_v2_cls_infer" / "inference.pdiparams").stat().st_size
    assert cost.parameters == 133_628
    assert 4 * cost.parameters < size < 4.1 * cost.parameters
    assert cost.macs == 16_315_376


@pytest.mark.embedded
def test_operations_grow_with_the_input(embedded_models: Path) -> None:
    folder = embedded_models / "ch_PP-OCRv4_det_infer"
    small, large = counted(folder, (1, 3, 320, 320)), counted(folder, (1, 3, 640, 640))
    assert small.parameters == large.parameters
    assert large.macs == pytest.approx(4 * small.macs, rel=0.01)


@pytest.mark.shared
def test_the_published_pruned_detector_has_441_thousand_parameters(
    shared_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from slim.zoo.pull import ensure

    monkeypatch.setenv("PPOCR_EDGE_MIRROR", str(shared_dir / "mirror"))
    model = ensure("ch_ppocr_mobile_slim_v2.0_det")
    assert counted(model.folder, (1, 3, 640, 640)).parameters == 440_661


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "inference.pdmodel").write_bytes(b"no program")
    (tmp_path / "inference.pdiparams").write_bytes(b"no weights")
    with pytest.raises(ModelError, match=r"Paddle cannot run it on \(1, 3, 48, 192\): "):
        counted(tmp_path, (1, 3, 48, 192))
