"""An ARM library under emulation as a device: what it runs, what it refuses, and what it reads."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from processes import children

from deploy_tools.conversion.bundle_writer import write_bundle
from deploy_tools.conversion.options import conversion_options
from deploy_tools.conversion.source import folder_source
from deploy_tools.devices import find_device
from deploy_tools.devices.emulated import LITE_HOME, EmulatedDevice, version_remark
from edge.bundle.bundle import Bundle
from edge.errors import InputError, PredictorCrashedError, PredictorError
from edge.nb.model import read_nb
from edge.ocr import AngleClassifier, TextDetector, TextRecognizer
from edge.ocr.charset import read_character_set
from edge.ocr.image import load_image
from edge.ocr.parameters import DetectionParameters, RecognitionParameters
from edge.predictor.spec import InputSpec

WORDS = ["韩国小馆", "汉阳鹦鹉家居建材市场E区25-26号", "电话：15952301928", "实力活力", "西湾监管"]


def test_found_by_name() -> None:
    device = find_device("qemu-arm64")
    assert (device.name, device.target) == ("qemu-arm64", "arm")
    assert "not a board's" in device.note
    with pytest.raises(InputError, match=r"'local'.*'qemu-arm64'"):
        find_device("qemu")


@pytest.mark.embedded
def test_a_bundle_for_x86_is_refused(default_bundles: Mapping[str, Bundle]) -> None:
    for force in (False, True):
        with pytest.raises(
            PredictorError, match=r"was converted for x86, this device runs arm; .*--target arm"
        ):
            EmulatedDevice().open(default_bundles["cls"], force=force)


@pytest.mark.shared
def test_without_a_library(shared_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = shared_dir / "mirror/dygraph_v2.0/lite/ch_ppocr_mobile_v2.0_cls_slim_opt.nb"
    before = children(os.getpid())
    for value, message in ((None, f"{LITE_HOME} is not set"), (str(tmp_path), "has neither lib nor cxx/lib")):
        monkeypatch.setenv(LITE_HOME, value) if value else monkeypatch.delenv(LITE_HOME, raising=False)
        with pytest.raises(InputError, match=message):
            EmulatedDevice().open_nb(path, read_nb(path), InputSpec((-1, 3, 48, 192)))
    assert children(os.getpid()) == before


def test_versions_that_go_together() -> None:
    assert version_remark("m", "v2.13-rc", "v2.13-rc") == ""
    for written, library in (
        ("v2.10-rc", "v2.9"),
        ("v2.13-rc", "v2.12"),
        ("v2.13-rc", "044ba5b"),
        ("6010b5f", "v2.9"),
    ):
        assert (
            version_remark("m", written, library)
            == f"opt {written} wrote the model, the library is {library}"
        )
    for written in ("v2.11", "v2.13-rc"):
        for library in ("v2.9", "v2.9.1", "v2.8-rc"):
            with pytest.raises(PredictorError, match="computes garbage without a word; name a newer library"):
                version_remark("m", written, library)
            assert version_remark("m", written, library, force=True)


@pytest.mark.arm
@pytest.mark.shared
class TestPublished:
    """The published slim models: INT8, which only an ARM library computes."""

    @pytest.fixture
    def lite(self, shared_dir: Path) -> Path:
        return shared_dir / "mirror/dygraph_v2.0/lite"

    def test_classification(self, lite: Path, shared_dir: Path) -> None:
        path = lite / "ch_ppocr_mobile_v2.0_cls_slim_opt.nb"
        pictures = [
            load_image(shared_dir / f"images/paddleocr_doc/imgs_words/ch/word_{n}.jpg").picture
            for n in (1, 2, 3)
        ]
        device = EmulatedDevice()
        with device.open_nb(path, read_nb(path), InputSpec((-1, 3, 48, 192))) as predictor:
            output = predictor.run([np.zeros((2, 3, 48, 192), np.float32)])[0]
            np.testing.assert_allclose(output.sum(axis=1), 1, atol=1e-5)
            classifier = AngleClassifier(predictor)
            upright = classifier.classify(pictures)
            turned = classifier.classify([picture.rotate(180) for picture in pictures])
            assert 0.001 < predictor.cpu_seconds < 20
        assert not any(angle.rotated for angle in upright)
        assert sum(angle.rotated for angle in turned) >= 2
        assert "opt v2.10-rc wrote the model, the library is" in device.note

    def test_recognition(self, lite: Path, shared_dir: Path) -> None:
        """Lines of several widths and in batches, as the pipeline gives them."""
        path = lite / "ch_ppocr_mobile_v2.0_rec_slim_opt.nb"
        folder = shared_dir / "images/paddleocr_doc/imgs_words/ch"
        characters = read_character_set(shared_dir / "dicts/ppocr_keys_v1.txt", use_space=True)
        with EmulatedDevice().open_nb(path, read_nb(path), InputSpec((-1, 3, 32, -1))) as predictor:
            reader = TextRecognizer(predictor, characters, RecognitionParameters(height=32, use_space=True))
            pictures = [load_image(folder / f"word_{number}.jpg").picture for number in range(1, 6)]
            assert [line.text for line in reader.recognize(pictures)] == WORDS

    def test_detection(self, lite: Path, shared_dir: Path) -> None:
        path = lite / "ch_ppocr_mobile_v2.0_det_slim_opt.nb"
        picture = load_image(shared_dir / "images/paddleocr_doc/imgs/11.jpg").picture
        with EmulatedDevice().open_nb(path, read_nb(path), InputSpec((-1, 3, -1, -1))) as predictor:
            boxes = TextDetector(predictor, DetectionParameters(limit_side=480)).detect(picture)
        assert 14 <= len(boxes) <= 18


@pytest.mark.arm
@pytest.mark.embedded
def test_a_float_bundle_computes_what_paddle_does(embedded_models: Path, tmp_path: Path) -> None:
    source = folder_source(embedded_models / "ch_ppocr_mobile_v2_cls_infer", "cls", None)
    bundle = write_bundle(source, conversion_options("arm"), tmp_path)
    tensor, expected = bundle.golden()
    predictor = EmulatedDevice().open(bundle, force=True)
    np.testing.assert_allclose(predictor.run([tensor])[0], expected, atol=1e-4)
    assert predictor.info["inputs"] == ["x"]
    assert predictor.peak_rss_mb > 10
    predictor.close()


@pytest.mark.arm
@pytest.mark.shared
def test_a_damaged_model_is_a_death_explained(shared_dir: Path, tmp_path: Path) -> None:
    path = shared_dir / "mirror/dygraph_v2.0/lite/ch_ppocr_mobile_v2.0_cls_slim_opt.nb"
    nb = read_nb(path)
    damaged = tmp_path / "cut.nb"
    damaged.write_bytes(path.read_bytes()[:300_000])
    before = children(os.getpid())
    with (
        EmulatedDevice().open_nb(damaged, nb, InputSpec((-1, 3, 48, 192))) as predictor,
        pytest.raises(PredictorCrashedError, match="ended by SIG"),
    ):
        predictor.run([np.zeros((1, 3, 48, 192), np.float32)])
    assert children(os.getpid()) == before
