"""This host as a device: what it runs, what it refuses and when, and several networks at once."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from processes import alive, children, zombies

from deploy_tools.conversion.bundle_writer import write_bundle
from deploy_tools.conversion.options import conversion_options
from deploy_tools.conversion.source import folder_source
from deploy_tools.devices import find_device
from deploy_tools.devices.local import LocalDevice
from deploy_tools.reader import load_for, open_ocr
from edge.bundle.bundle import Bundle, load_bundle
from edge.errors import BundleError, InputError, PredictorCrashedError, PredictorError

pytestmark = pytest.mark.embedded


def test_found_by_name() -> None:
    assert find_device("local").name == "local"
    assert "not the latency of a phone" in find_device("local").note
    for name in ("", "Local", "phone", "ssh://board"):
        with pytest.raises(InputError, match="there is no device of this name; use 'local'") as caught:
            find_device(name)
        assert caught.value.subject == f"--device {name}"


class Halted(subprocess.Popen[bytes]):
    """A process that stands still as soon as it is there."""

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self.send_signal(signal.SIGSTOP)


def test_opening_does_not_wait(
    default_bundles: Mapping[str, Bundle], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So three networks load at the same time: none is loaded yet when the last one is opened."""
    before = children(os.getpid())
    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", Halted)
        opened = [LocalDevice().open(bundle) for bundle in default_bundles.values()]
    started = children(os.getpid()) - before
    assert len(started) == 3
    for pid in started:
        os.kill(pid, signal.SIGCONT)
    assert len([predictor.info for predictor in opened]) == 3
    for predictor, bundle in zip(opened, default_bundles.values(), strict=True):
        tensor, expected = bundle.golden()
        assert float(np.abs(predictor.run([tensor])[0] - expected).max()) < 1e-3
        assert predictor.info["library_version"] == bundle.manifest.opt_version
        predictor.close()
    assert children(os.getpid()) == before


def test_a_bundle_for_arm_is_refused_with_and_without_force(embedded_models: Path, tmp_path: Path) -> None:
    source = folder_source(embedded_models / "ch_ppocr_mobile_v2_cls_infer", "cls", None)
    bundle = write_bundle(source, conversion_options("arm"), tmp_path)
    for force in (False, True):
        with pytest.raises(PredictorError, match="was converted for arm, this host runs x86"):
            LocalDevice().open(bundle, force=force)


def test_another_version_of_opt_wants_force(default_bundles: Mapping[str, Bundle]) -> None:
    bundle = default_bundles["cls"]
    other = dataclasses.replace(bundle, nb=dataclasses.replace(bundle.nb, opt_version="v2.9"))
    predictor = LocalDevice().open(other)
    before = zombies()
    with pytest.raises(
        PredictorError, match=r"was written by opt v2\.9, the library here is v2\.1\d.*--force"
    ):
        predictor.run([bundle.golden()[0]])
    assert zombies() == before
    predictor.close()
    forced = LocalDevice().open(other, force=True)
    assert forced.run([bundle.golden()[0]])[0].shape == (1, 2)
    forced.close()


def test_a_pipeline_that_cannot_be_opened_leaves_no_process(
    default_bundles: Mapping[str, Bundle], tmp_path: Path
) -> None:
    """The recognizer's file was damaged after the bundle was loaded: the others are closed again."""
    folder = Path(shutil.copytree(default_bundles["rec"].folder, tmp_path / "rec"))
    bundles = {**default_bundles, "rec": load_bundle(folder)}
    os.truncate(folder / "model.nb", 5_000_000)
    before = children(os.getpid())
    with pytest.raises(PredictorCrashedError) as caught:
        open_ocr(bundles, LocalDevice())
    assert caught.value.subject == str(folder)
    assert children(os.getpid()) == before


def test_a_pipeline_ends_its_processes(default_bundles: Mapping[str, Bundle]) -> None:
    before = children(os.getpid())
    ocr = open_ocr(default_bundles, LocalDevice())
    started = children(os.getpid()) - before
    assert len(started) == 3
    os.kill(max(started), signal.SIGSTOP)  # one that does not answer is ended all the same
    ocr.close()
    assert not any(map(alive, started))


def test_without_a_classifier(default_bundles: Mapping[str, Bundle]) -> None:
    before = children(os.getpid())
    ocr = open_ocr({task: default_bundles[task] for task in ("det", "rec")}, LocalDevice())
    assert len(children(os.getpid()) - before) == 2
    assert ocr.classifier is None
    ocr.close()


def test_a_bundle_of_another_task(default_bundles: Mapping[str, Bundle]) -> None:
    folder = default_bundles["det"].folder
    assert load_for("det", folder).manifest.task == "det"
    with pytest.raises(BundleError, match="is a det bundle, given as rec=; give it as det="):
        load_for("rec", folder)
