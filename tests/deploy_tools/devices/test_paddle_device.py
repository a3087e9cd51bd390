"""Paddle as a device: it runs inference models as they are, and no bundles."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from processes import children

from deploy_tools.devices import find_device
from deploy_tools.devices.paddle import MOST_THREADS, PaddleDevice, threads
from edge.bundle.bundle import Bundle
from edge.errors import ModelError, PredictorError

pytestmark = pytest.mark.embedded


def test_found_by_name() -> None:
    device = find_device("paddle")
    assert (device.name, device.target) == ("paddle", None)
    assert find_device("local").target == "x86"


def test_a_bundle_is_refused(default_bundles: Mapping[str, Bundle]) -> None:
    for force in (False, True):
        with pytest.raises(PredictorError, match="is a bundle for Paddle-Lite, Paddle runs inference models"):
            PaddleDevice().open(default_bundles["cls"], force=force)


def test_an_inference_model_gives_what_its_bundle_holds(
    embedded_models: Path, default_bundles: Mapping[str, Bundle]
) -> None:
    bundle, before = default_bundles["cls"], children(os.getpid())
    predictor = PaddleDevice().open_model(
        embedded_models / "ch_ppocr_mobile_v2_cls_infer", bundle.manifest.input
    )
    tensor, expected = bundle.golden()
    assert float(np.abs(np.subtract(predictor.run([tensor])[0], expected)).max()) < 1e-5
    assert predictor.info["library"] == "paddle"
    assert predictor.seconds > 0
    assert predictor.peak_rss_mb > 20
    predictor.close()
    assert children(os.getpid()) == before


def test_a_folder_without_a_model(default_bundles: Mapping[str, Bundle], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"inference\.pdmodel: is missing"):
        PaddleDevice().open_model(tmp_path, default_bundles["cls"].manifest.input)


def test_as_many_threads_as_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for asked, expected in (("1", 1), ("3", 3), ("999", MOST_THREADS)):
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
        assert threads() == expected
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    for unusable in ("0", "-1", "many", ""):
        monkeypatch.setenv("OMP_NUM_THREADS", unusable)
        assert threads() == 2
