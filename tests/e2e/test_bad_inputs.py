"""Every bad input ends in one line and exit code 2, and leaves nothing behind (figure 6)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy_tools.conversion.bundle_writer import write_bundle
from deploy_tools.conversion.options import conversion_options
from deploy_tools.conversion.source import zoo_source
from deploy_tools.default_bundles import DEFAULT_MODELS
from edge.bundle.bundle import Bundle
from edge.predictor.process import child_environment
from slim.zoo.pull import ensure
from tests.e2e import bad_material

pytestmark = pytest.mark.embedded

# {m}: folder of bad material, {b}: folder of good bundles, {w}: an empty working folder.
# Words, then what the line must name.
CASES: dict[str, tuple[str, str]] = {
    # images
    "image missing": ("run {m}/images/none.jpg", "none.jpg"),
    "image empty": ("run {m}/images/empty.jpg", "empty.jpg"),
    "image is text": ("run {m}/images/text.jpg", "text.jpg"),
    "image is a Git LFS pointer": ("run {m}/images/pointer.png", "pointer.png"),
    "image cut off, PNG": ("run {m}/images/cut.png", "cut.png"),
    "image cut off, JPEG": ("run {m}/images/cut.jpg", "cut.jpg"),
    "image damaged, of which libtiff has its own lines to say": (
        "run {m}/images/damaged.tiff",
        "damaged.tiff",
    ),
    "image is noise": ("run {m}/images/noise.tiff", "noise.tiff"),
    "image too large": ("run {m}/images/bomb.png", "bomb.png"),
    "image is a device": ("run /dev/null", "/dev/null"),
    "folder without images": ("run {m}/images/nothing", "images/nothing"),
    "image, as JSON": ("run --json {m}/images/text.jpg", "text.jpg"),
    "image, to be drawn": ("run {m}/images/text.jpg --draw {w}/out.png", "text.jpg"),
    "demo of no image": ("demo {m}/images/text.jpg -o {w}/demo", "text.jpg"),
    # .nb files
    "nb missing": ("inspect {m}/nb/none.nb", "none.nb"),
    "nb is a folder without manifest": ("inspect {m}/images", "images"),
    "nb empty": ("inspect {m}/nb/empty.nb", "empty.nb"),
    "nb header cut off": ("inspect {m}/nb/cut-header.nb", "cut-header.nb"),
    "nb topology cut off": ("inspect {m}/nb/cut-topology.nb", "cut-topology.nb"),
    "nb weights cut off": ("inspect {m}/nb/cut-weights.nb", "cut-weights.nb"),
    "nb is text": ("inspect {m}/nb/text.nb", "text.nb"),
    "nb is a Git LFS pointer": ("inspect {m}/nb/pointer.nb", "pointer.nb"),
    "nb is noise": ("inspect {m}/nb/noise.nb", "noise.nb"),
    "nb of the old format": ("inspect {m}/nb/old-format.nb", "old-format.nb"),
    "nb of an unknown format": ("inspect {m}/nb/unknown-format.nb", "unknown-format.nb"),
    "nb with an endless topology": ("inspect {m}/nb/endless-topology.nb", "endless-topology.nb"),
    "nb damaged": ("inspect {m}/nb/damaged.nb", "damaged.nb"),
    "nb is a .pdmodel": ("inspect {m}/models/good/inference.pdmodel", "inference.pdmodel"),
    "bare nb as a bundle": ("bench {b}/ch_PP-OCRv4_det-x86/model.nb", "model.nb"),
    # bundles
    "bundle missing": ("bench {m}/bundles/none", "bundles/none"),
    "bundle without manifest": ("bench {m}/bundles/no-manifest", "no-manifest"),
    "bundle, manifest not JSON": ("bench {m}/bundles/not-json", "manifest.json"),
    "bundle, manifest nested endlessly": ("bench {m}/bundles/nested", "manifest.json"),
    "bundle of another format": ("bench {m}/bundles/other-format", "manifest.json"),
    "bundle, file outside": ("bench {m}/bundles/escape", "manifest.json"),
    "bundle, field of a wrong type": ("bench {m}/bundles/wrong-type", "classes"),
    "bundle, unknown parameter": ("bench {m}/bundles/unknown-parameter", "treshold"),
    "bundle, manifest lies about the target": ("bench {m}/bundles/other-target", "target"),
    "bundle without its model": ("bench {m}/bundles/no-model", "model.nb"),
    "bundle without its dictionary": (
        "run {m}/images/good.png --bundle rec={m}/bundles/no-dictionary",
        "dictionary.txt",
    ),
    "bundle with two changed bytes": ("inspect {m}/bundles/one-byte", "model.nb"),
    "bundle for ARM": ("bench {b}/ch_PP-OCRv4_det-arm", "arm"),
    "bundle for ARM, forced": ("bench --force {b}/ch_PP-OCRv4_det-arm", "arm"),
    "bundle with integer weights on x86": ("bench {b}/ch_PP-OCRv4_det-x86-int8-weights", "--force"),
    "bundle for another task": ("run {m}/images/good.png --bundle cls={b}/ch_PP-OCRv4_det-x86", "det"),
    # archives
    **{
        f"archive: {name}": (
            f"models pull ch_ppocr_mobile_v2.0_cls --again --kind inference --source {{m}}/mirrors/{name}",
            bad_material.ARCHIVE.rpartition("/")[2],
        )
        for name in (
            *("dotdot", "absolute", "symlink", "hardlink", "device"),
            *("cut", "empty", "page", "other-files", "half-model"),
        )
    },
    "mirror without the model": (
        "models pull ch_ppocr_mobile_v2.0_cls --again --source {m}/mirrors/bare",
        "bare",
    ),
    "mirror missing": ("models pull ch_ppocr_mobile_v2.0_cls --source {m}/none", "none"),
    "mirror of an unknown kind": ("models pull ch_ppocr_mobile_v2.0_cls --source ftp://x", "ftp://x"),
    "mirror that does not answer": (
        "models pull ch_ppocr_mobile_v2.0_cls --again --source http://127.0.0.1:9/",
        "127.0.0.1:9",
    ),
    "unknown model": ("models pull ch_pocr_mobile_v2.0_det", "ch_ppocr_mobile_v2.0_det"),
    "unknown model, shown": ("models show nothing-like-it", "nothing-like-it"),
    "kind that was not published": (
        "models pull ch_ppocr_mobile_v2.0_cls --kind slim-trained",
        "slim-trained",
    ),
    # models
    "convert: unknown model": ("convert ch_ppocr_det --target arm -o {w}/o", "ch_ppocr_det"),
    "convert: folder without model": (
        "convert {m}/models/nothing --task det --target arm -o {w}/o",
        "nothing",
    ),
    "convert: no weights": ("convert {m}/models/no-weights --task det --target arm -o {w}/o", "pdiparams"),
    "convert: empty program": (
        "convert {m}/models/empty-program --task det --target arm -o {w}/o",
        "pdmodel",
    ),
    "convert: training checkpoint": (
        "convert {m}/models/checkpoint --task det --target arm -o {w}/o",
        "checkpoint",
    ),
    "convert: model of Paddle 3": ("convert {m}/models/paddle3 --task det --target arm -o {w}/o", "paddle3"),
    "convert: files swapped": ("convert {m}/models/swapped --task cls --target arm -o {w}/o", "pdmodel"),
    "convert: no task": ("convert {m}/models/good --target arm -o {w}/o", "--task"),
    "convert: wrong task": ("convert {m}/models/good --task det --target arm -o {w}/o", "--task"),
    "convert: no dictionary": ("convert {m}/models/good --task rec --target arm -o {w}/o", "--dict"),
    "convert: a dictionary too much": (
        "convert ch_PP-OCRv4_rec --dict {m}/images/text.jpg --target arm -o {w}/o",
        "--dict",
    ),
    "convert: no target": ("convert ch_PP-OCRv4_det -o {w}/o", "--target"),
    "convert: unknown target": ("convert ch_PP-OCRv4_det --target cuda -o {w}/o", "cuda"),
    "convert: OpenCL alone": ("convert ch_PP-OCRv4_det --target opencl -o {w}/o", "arm,opencl"),
    "convert: two processors": ("convert ch_PP-OCRv4_det --target arm,x86 -o {w}/o", "arm,x86"),
    "convert: half precision on x86": ("convert ch_PP-OCRv4_det --target x86 --fp16 -o {w}/o", "--fp16"),
    "convert: half precision and integers": (
        "convert ch_PP-OCRv4_det --target arm --fp16 --weights int8 -o {w}/o",
        "--fp16",
    ),
    "convert: integer recognizer on x86": (
        "convert ch_PP-OCRv4_rec --target x86 --weights int8 -o {w}/o",
        "int8",
    ),
    "convert: output is a file": ("convert ch_PP-OCRv4_det --target arm -o {m}/images/text.jpg", "text.jpg"),
    # tensors
    "tensor is text": ("bench {b}/ch_PP-OCRv4_det-x86 --input {m}/tensors/text.npy", "text.npy"),
    "tensor of doubles": ("bench {b}/ch_PP-OCRv4_det-x86 --input {m}/tensors/double.npy", "float64"),
    "tensor of one channel": ("bench {b}/ch_PP-OCRv4_det-x86 --input {m}/tensors/channels.npy", "shape"),
    "tensor of an odd side": ("bench {b}/ch_PP-OCRv4_det-x86 --input {m}/tensors/side.npy", "32"),
    "size that is none": ("bench {b}/ch_PP-OCRv4_det-x86 --size big", "big"),
    "size of nothing": ("bench {b}/ch_PP-OCRv4_det-x86 --size 0x0", "0x0"),
    "size not a multiple of 32": ("bench {b}/ch_PP-OCRv4_det-x86 --size 100x100", "32"),
    # options
    "no image": ("run", "IMAGE"),
    "unknown command": ("rum", "rum"),
    "unknown option": ("run x.jpg --fast", "--fast"),
    "unknown device": ("run {m}/images/good.png --device pixel", "pixel"),
    "bundle option without task": ("run {m}/images/good.png --bundle {b}", "TASK=FOLDER"),
    "bundle option twice": ("run {m}/images/good.png --bundle det={b} det={b}", "twice"),
    "score out of range": ("run {m}/images/good.png --min-score 7", "--min-score"),
    "time limit of nothing": ("run {m}/images/good.png --time-limit 0", "--time-limit"),
    "several images drawn into one": (
        "run {m}/images/good.png {m}/images/good.jpg --draw {w}/o.png",
        "--draw",
    ),
    "drawn as something else": ("run {m}/images/good.png --draw {w}/o.doc", "--draw"),
    "no repeats": ("bench {b}/ch_PP-OCRv4_det-x86 --repeats 0", "--repeats"),
}


@pytest.fixture(scope="module")
def material(
    default_bundles: Mapping[str, Bundle], embedded_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("bad")
    bad_material.make_images(folder / "images")
    bad_material.make_nb_files(folder / "nb", default_bundles["det"])
    bad_material.make_bundles(folder / "bundles", default_bundles)
    bad_material.make_models(folder / "models", embedded_models / "ch_ppocr_mobile_v2_cls_infer")
    bad_material.make_mirrors(folder / "mirrors")
    bad_material.make_tensors(folder / "tensors")
    return folder


@pytest.fixture(scope="module")
def bundles(default_bundles: Mapping[str, Bundle], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good bundles that this host cannot run, or should not, beside one that it can."""
    folder = tmp_path_factory.mktemp("bundles")
    detection = zoo_source(ensure(DEFAULT_MODELS["det"]))
    write_bundle(detection, conversion_options("arm"), folder)
    write_bundle(detection, conversion_options("x86", weights="int8"), folder)
    (folder / default_bundles["det"].folder.name).symlink_to(default_bundles["det"].folder)
    return folder


def snapshot(*folders: Path) -> set[Path]:
    return {path for folder in folders for path in folder.rglob("*")}


@pytest.mark.parametrize("case", CASES)
def test_one_line_and_nothing_left_behind(case: str, material: Path, bundles: Path, tmp_path: Path) -> None:
    words, named = CASES[case]
    arguments = [word.format(m=material, b=bundles, w=tmp_path) for word in words.split()]
    home = Path(os.environ["PPOCR_EDGE_HOME"])
    before = snapshot(tmp_path, material, bundles, home / "models", home / "bundles")
    done = subprocess.run(
        [sys.executable, "-m", "deploy_tools.cli.main", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        env={**child_environment(), "PIP_NO_INDEX": "1"},
        check=False,
    )
    assert done.returncode == 2, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("ppocr-edge: ")
    assert named in lines[0]
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    after = snapshot(tmp_path, material, bundles, home / "models", home / "bundles")
    left = {path for path in after - before if not _belongs_to_store(path)}
    assert left == set()


def _belongs_to_store(path: Path) -> bool:
    """Lock files and the folders that hold them stay: removing them would race with another process."""
    return path.suffix == ".lock" or (path.is_dir() and all(_belongs_to_store(p) for p in path.iterdir()))


def test_there_are_as_many_cases_as_the_figure_asks_for() -> None:
    assert len(CASES) >= 40


def test_debug_shows_the_traceback(material: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "deploy_tools.cli.main",
            "inspect",
            "--debug",
            str(material / "nb" / "text.nb"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        env=child_environment(),
        check=False,
    )
    assert "Traceback" in done.stderr
    assert "NbFormatError" in done.stderr
    assert done.returncode != 0
