"""Bundles: the same every time, there whole or not at all, refused where they would compute garbage."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deploy_tools.conversion.bundle_writer import bundle_folder, write_bundle
from deploy_tools.conversion.golden import STEPS, golden_input
from deploy_tools.conversion.options import conversion_options
from deploy_tools.conversion.source import ModelSource, folder_source
from deploy_tools.devices.local import LocalDevice
from deploy_tools.scenarios.parity import difference, golden_tolerance
from edge.bundle.bundle import Bundle, load_bundle
from edge.errors import BundleError, ConversionError, InputError, PredictorError
from edge.ocr.parameters import ClassificationParameters, DetectionParameters, RecognitionParameters
from slim.zoo.parameters import input_spec

pytestmark = pytest.mark.embedded
Zoo = Callable[[str], ModelSource]
X86, ARM = conversion_options("x86"), conversion_options("arm")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_same_bundle_every_time(
    default_bundles: Mapping[str, Bundle], from_zoo: Zoo, tmp_path: Path
) -> None:
    """Every byte of every file: the golden tensors and the manifest too."""
    again = write_bundle(from_zoo("ch_PP-OCRv4_det"), X86, tmp_path / "other" / "place")
    assert again.folder == tmp_path / "other" / "place" / "ch_PP-OCRv4_det-x86"
    assert contents(again.folder) == contents(default_bundles["det"].folder)
    assert names(again.folder.parent) == ["ch_PP-OCRv4_det-x86"], "nothing else is left"


def test_a_bundle_of_a_folder_and_the_one_that_replaces_it(model: Path, tmp_path: Path) -> None:
    source = folder_source(model, "cls", None)
    place = bundle_folder(source, ARM, tmp_path / "out")
    place.mkdir(parents=True)  # an empty folder is not in the way
    bundle = write_bundle(source, ARM, tmp_path / "out")
    assert load_bundle(place) == bundle
    assert bundle.folder == place == tmp_path / "out" / "model-arm"
    assert (bundle.manifest.target, bundle.manifest.source["folder"]) == ("arm", "model")
    assert str(tmp_path) not in (place / "manifest.json").read_text(), "where it was made says nothing"
    assert {path.stat().st_mode & 0o777 for path in place.rglob("*.nb")} == {0o666 & ~umask()}
    assert place.stat().st_mode & 0o777 == 0o777 & ~umask(), "others may read it as any folder"

    fresh = contents(place)
    (place / "left over.txt").write_text("from an older version")
    (place / "model.nb").write_bytes(b"damaged")
    write_bundle(source, ARM, tmp_path / "out")
    assert contents(place) == fresh
    assert names(place.parent) == ["model-arm"]


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("kind", ["file", "folder", "link to nothing"])
def test_what_is_in_the_way_stays(classifier: Path, tmp_path: Path, kind: str) -> None:
    source = folder_source(classifier, "cls", None)
    place = bundle_folder(source, ARM, tmp_path)
    if kind == "file":
        place.write_text("mine")
    elif kind == "folder":
        place.mkdir()
        (place / "mine.txt").write_text("mine")
    else:
        place.symlink_to("nothing")
    with pytest.raises(BundleError) as caught:
        write_bundle(source, ARM, tmp_path)
    assert caught.value.subject == str(place)
    assert "-o" in caught.value.remedy
    assert names(tmp_path) == [place.name]
    if kind == "file":
        assert place.read_text() == "mine"
    elif kind == "folder":
        assert names(place) == ["mine.txt"]
    else:
        assert str(place.readlink()) == "nothing"


@pytest.mark.parametrize("out", ["file", "file/below", "/proc/none"])
def test_a_place_that_cannot_be_written(classifier: Path, tmp_path: Path, out: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(BundleError, match="cannot be written") as caught:
        write_bundle(folder_source(classifier, "cls", None), ARM, tmp_path / out)
    assert "-o" in caught.value.remedy
    assert names(tmp_path) == ["file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(classifier: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(BundleError, match="Permission denied"):
        write_bundle(folder_source(classifier, "cls", None), ARM, tmp_path)
    tmp_path.chmod(0o755)


def test_a_failed_conversion_leaves_nothing(model: Path, tmp_path: Path) -> None:
    """Not even the folders that were made for it."""
    source = folder_source(model, "cls", None)
    os.truncate(model / "inference.pdiparams", 40_000)
    with pytest.raises(ConversionError, match="cut off"):
        write_bundle(source, ARM, tmp_path / "new" / "deep")
    assert names(tmp_path) == ["model"]


@pytest.mark.parametrize(
    ("folder", "task", "found"),
    [
        ("ch_ppocr_mobile_v2_cls_infer", "det", "its output has shape (1, 2), a det model's has 4 axes"),
        (
            "ch_PP-OCRv4_det_infer",
            "cls",
            "Paddle cannot run it on the input of a cls model (Broadcast dimension",
        ),
        ("ch_PP-OCRv4_rec_infer", "det", "Paddle cannot run it on the input of a det model (The 'shape'"),
    ],
)
def test_a_model_of_another_task(
    embedded_models: Path, tmp_path: Path, folder: str, task: str, found: str
) -> None:
    dictionary = tmp_path / "keys.txt"
    dictionary.write_text("a\nb\n")
    source = folder_source(embedded_models / folder, task, dictionary)  # type: ignore[arg-type]
    with pytest.raises(ConversionError, match="give the right --task") as caught:
        write_bundle(source, ARM, tmp_path / "out")
    assert found in caught.value.found
    assert names(tmp_path) == ["keys.txt"]


def test_a_dictionary_of_another_model(embedded_models: Path, tmp_path: Path) -> None:
    dictionary = tmp_path / "keys.txt"
    dictionary.write_text("a\nb\n")
    source = folder_source(embedded_models / "ch_PP-OCRv4_rec_infer", "rec", dictionary, height=48)
    with pytest.raises(InputError, match="makes 4 classes with blank and space, the network 6625"):
        write_bundle(source, ARM, tmp_path / "out")
    assert names(tmp_path) == ["keys.txt"]


@pytest.mark.parametrize("weights", ["int8", "int16"])
@pytest.mark.parametrize("name", ["ch_PP-OCRv4_rec", "ch_ppocr_mobile_v2.0_cls"])
def test_garbage_is_refused_before_it_is_made(from_zoo: Zoo, tmp_path: Path, name: str, weights: str) -> None:
    options = conversion_options("x86", weights=weights)  # type: ignore[arg-type]
    with pytest.raises(ConversionError, match=f"{weights} weights compute garbage on x86") as caught:
        write_bundle(from_zoo(name), options, tmp_path / "out")
    assert caught.value.remedy == "convert with --target arm, or without --weights"
    assert names(tmp_path) == []


def test_detectors_with_integer_weights_compute_on_x86_what_their_golden_output_says(
    default_bundles: Mapping[str, Bundle], from_zoo: Zoo, tmp_path: Path
) -> None:
    """It is of the rounded weights; from the float model's they are far away, which is no fault of x86."""
    bundle = write_bundle(from_zoo("ch_PP-OCRv4_det"), conversion_options("x86", weights="int8"), tmp_path)
    golden = bundle.manifest.golden
    assert golden is not None
    assert (golden.of, golden.tolerance, bundle.manifest.warnings) == ("rounded weights", 0.01, ())
    with LocalDevice().open(bundle) as predictor:
        tensor, expected = bundle.golden()
        assert difference(predictor.run([tensor])[0], expected) < 1e-3
    assert difference(default_bundles["det"].golden()[1], expected) > 0.1
    assert golden_tolerance(bundle) == 0.01
    older = replace(bundle.manifest, golden=replace(golden, of="", tolerance=0.001))
    (bundle.folder / "manifest.json").write_text(older.to_json())
    older_bundle = load_bundle(bundle.folder)
    assert golden_tolerance(older_bundle) == 0.1, "its golden output was of the float model"
    with pytest.raises(
        PredictorError, match=r"is int8-weights, which the x86 build does not compute.*--force"
    ):
        LocalDevice().open(older_bundle)


def test_int8_for_arm_is_smaller_and_needs_no_warning(
    default_bundles: Mapping[str, Bundle], from_zoo: Zoo, tmp_path: Path
) -> None:
    bundle = write_bundle(
        from_zoo("ch_ppocr_mobile_v2.0_cls"), conversion_options("arm", weights="int8"), tmp_path
    )
    assert (bundle.manifest.warnings, bundle.manifest.precision) == ((), "int8-weights")
    assert bundle.nb.size < 0.7 * default_bundles["cls"].nb.size
    assert names(tmp_path) == ["ch_ppocr_mobile_v2.0_cls-arm-int8-weights"]


def test_golden_inputs_suit_every_network() -> None:
    for parameters in (
        DetectionParameters(),
        ClassificationParameters(),
        ClassificationParameters(height=32, width=100),
        RecognitionParameters(height=32),
        RecognitionParameters(height=48),
    ):
        tensor = golden_input(parameters)
        input_spec(parameters).check(tensor)
        np.testing.assert_array_equal(tensor, golden_input(parameters))
        assert float(np.ptp(tensor)) > 1, "there is something drawn on it"


def test_golden_outputs_hold_no_noise(default_bundles: Mapping[str, Bundle]) -> None:
    for bundle in default_bundles.values():
        steps = bundle.golden()[1].astype(np.float64) * STEPS
        np.testing.assert_array_equal(steps, np.rint(steps))
