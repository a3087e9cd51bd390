"""``ppocr-edge evaluate``: every form of model on every device of this host, alone and against another."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont
from processes import children

from deploy_tools.cli.main import main
from edge.bundle.bundle import Bundle
from edge.folders import home_folder
from edge.ocr.parameters import parameters_to_json
from slim.pipeline.place import FORMAT, FORMAT_KEY

pytestmark = pytest.mark.embedded

Run = Callable[..., tuple[int, str, str]]
CLASSIFIER = "ch_ppocr_mobile_v2_cls_infer"
RECOGNIZER = "ch_PP-OCRv4_rec_infer"
TEXTS = ("Total 48.50 EUR", "Reference seven", "Invoice number", "Delivery note")


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], default_bundles: Mapping[str, Bundle], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """``run(*words)``: exit code, standard output, standard error; no process is left behind."""

    def evaluate(*words: object) -> tuple[int, str, str]:
        before = children(os.getpid())
        code = main(["evaluate", *map(str, words)])
        assert children(os.getpid()) <= before  # one of an earlier test may just end
        hidden = [path.name for path in home_folder().iterdir() if path.name.startswith(".")]
        assert hidden == [], "nothing is left of a conversion"
        return (code, *capsys.readouterr())

    return evaluate


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Labels of four lines; the last is labelled with something else."""
    folder = tmp_path_factory.mktemp("words")
    font = ImageFont.load_default(30)
    rows = []
    for number, text in enumerate(TEXTS):
        picture = Image.new("RGB", (round(font.getlength(text)) + 24, 48), "white")
        ImageDraw.Draw(picture).text((12, 6), text, fill="black", font=font)
        picture.save(folder / f"{number}.png")
        rows.append(f"{number}.png\t{text if number < 3 else 'Delivered'}\n")
    (folder / "labels.txt").write_text("".join(rows), encoding="utf-8")
    return folder / "labels.txt"


def measured(out: str) -> dict[str, Any]:
    values = json.loads(out)
    assert isinstance(values, dict)
    return {name: measure["value"] for name, measure in values["measures"].items()}


def test_a_model_of_the_zoo_on_paddle(run: Run, words: Path) -> None:
    code, out, err = run("ch_ppocr_mobile_v2.0_cls", "--data", words)
    assert code == 0
    assert err == f"4 lines, {words}\n"
    first, *rows = [line.split("  ") for line in out.splitlines()]
    assert [cell.strip() for cell in first if cell.strip()] == [
        "ch_ppocr_mobile_v2.0_cls on paddle",
        "95 % interval",
    ]
    assert rows[0][0] == "more probable angle right"
    assert "100.00 %" in out


def test_the_same_model_converted_for_the_host(run: Run, words: Path) -> None:
    """Paddle and Paddle-Lite agree, and the raw results of both are there to be compared."""
    answers = [
        run("ch_ppocr_mobile_v2.0_cls", "--data", words, "--device", device, "--json")
        for device in ("paddle", "local")
    ]
    assert [code for code, _, _ in answers] == [0, 0]
    paddle, local = (json.loads(out) for _, out, _ in answers)
    assert (paddle["device"], local["device"]) == ("paddle", "local")
    assert paddle["data"] == {"path": str(words), "count": 4, "labelled": True}
    for one, other in zip(paddle["images"], local["images"], strict=True):
        assert one == pytest.approx(other, abs=1e-3)
    assert set(paddle["measures"]) == {"accuracy", "accuracy_in_use", "upright_kept", "turned_found"}
    assert set(paddle["measures"]["accuracy"]) == {"value", "low", "high", "count", "unit"}


def test_a_bundle_runs_on_this_host(run: Run, words: Path, default_bundles: Mapping[str, Bundle]) -> None:
    code, out, err = run(default_bundles["rec"].folder, "--data", words, "--json")
    assert (code, err) == (0, "")
    assert measured(out)["exact"] == 75
    values = json.loads(out)
    assert values["device"] == "local"
    assert [image["read"] for image in values["images"]] == list(TEXTS)
    assert "against" not in values


def test_a_folder_with_its_task_and_dictionary(
    run: Run, words: Path, embedded_models: Path, default_bundles: Mapping[str, Bundle]
) -> None:
    bundle = default_bundles["rec"]
    own = ["--task", "rec", "--dict", bundle.folder / "dictionary.txt", "--height", 48]
    code, out, _ = run(embedded_models / RECOGNIZER, *own, "--data", words, "-n", 3, "--json")
    assert code == 0
    assert measured(out) == {"exact": 100, "alphanumeric": 100, "cer": 0}


def test_a_folder_takes_what_is_not_said_from_the_other_model(
    run: Run, words: Path, embedded_models: Path, default_bundles: Mapping[str, Bundle]
) -> None:
    other = default_bundles["rec"].folder
    code, out, err = run(embedded_models / RECOGNIZER, "--against", other, "--data", words, "--json")
    assert (code, err) == (0, "")
    values = json.loads(out)
    assert (values["device"], values["against"]["device"]) == ("paddle", "local")
    assert values["loss"]["exact"]["value"] == 0
    assert values["loss"]["cer"]["unit"] == "points"
    assert values["agreement"]["value"] == 100


def test_a_loss_for_people(run: Run, words: Path, default_bundles: Mapping[str, Bundle]) -> None:
    code, out, err = run(
        "ch_ppocr_mobile_v2.0_cls", "--against", default_bundles["cls"].folder, "--data", words
    )
    assert code == 0
    lines = out.splitlines()
    interval = ["95", "%", "interval"]
    assert lines[0].split() == ["model", *interval, "other", *interval, "loss", *interval]
    assert "+0.00 points" in lines[1]
    assert lines[-1].startswith("agreement  100.00 %  100.00 … 100.00")
    assert err.splitlines()[1:] == [
        "model: ch_ppocr_mobile_v2.0_cls on paddle",
        f"other: {default_bundles['cls'].folder} on local",
    ]


def test_unlabelled_pictures_are_compared(
    run: Run, words: Path, default_bundles: Mapping[str, Bundle]
) -> None:
    bundle = default_bundles["rec"].folder
    code, out, _ = run(bundle, "--against", "ch_PP-OCRv4_rec", "--data", words.parent, "--json")
    assert code == 0
    values = json.loads(out)
    assert (values["measures"], values["against"]["measures"], values["loss"]) == ({}, {}, {})
    assert values["agreement"]["value"] == 100
    code, out, err = run(bundle, "--data", words.parent)
    assert (code, out) == (2, "")
    assert "pictures without labels; name a label file, or a model to compare with by --against" in err


@pytest.fixture
def slim_result(embedded_models: Path, default_bundles: Mapping[str, Bundle], tmp_path: Path) -> Path:
    """A folder as ``ppocr-edge slim`` leaves it, as far as evaluation looks at it."""
    from deploy_tools.conversion.source import model_hashes

    folder = Path(shutil.copytree(embedded_models / CLASSIFIER, tmp_path / "result"))
    manifest = {
        FORMAT_KEY: FORMAT,
        "name": "small_cls",
        "task": "cls",
        "precision": "fp32",
        "parameters": parameters_to_json(default_bundles["cls"].manifest.parameters),
        "dictionary": None,
        "files": {name: {"sha256": sha256} for name, sha256 in model_hashes(folder).items()},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.mark.parametrize("device", ["paddle", "local"])
def test_a_result_of_slim_says_itself_what_it_is(
    run: Run, words: Path, slim_result: Path, device: str
) -> None:
    code, out, _ = run(slim_result, "--data", words, "--device", device, "--json")
    assert code == 0
    assert measured(out)["accuracy"] == 100
    code, _, err = run(slim_result, "--data", words, "--task", "cls")
    assert code == 2
    assert "--task: does not apply" in err


def test_the_worst_cases_in_one_picture(run: Run, words: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "worst.jpg"
    code, _, err = run("ch_PP-OCRv4_rec", "--data", words, "--worst", target)
    assert code == 0
    assert err.splitlines()[-1] == f"drew {target}"
    with Image.open(target) as picture:
        assert picture.format == "JPEG"
        assert picture.width > 600
    for other in (words, words.parent / "1.png"):
        copy = other.read_bytes()
        code, _, err = run("ch_PP-OCRv4_rec", "--data", words, "--worst", other)
        assert code == 2
        assert "would replace the image" in err or "has suffix" in err
        assert other.read_bytes() == copy


def test_what_the_device_refuses_is_told_by_the_model_s_name(
    run: Run, words: Path, embedded_models: Path
) -> None:
    code, out, err = run(embedded_models / CLASSIFIER, "--task", "det", "--data", words)
    assert (code, out) == (2, "")
    assert "is not a list of boxes" in err
    code, out, err = run(embedded_models / RECOGNIZER, "--task", "cls", "--data", words, "--device", "local")
    assert (code, out) == (2, "")
    assert "give the right --task" in err


def test_a_dictionary_of_another_model(run: Run, words: Path, embedded_models: Path, tmp_path: Path) -> None:
    (tmp_path / "keys.txt").write_text("a\nb\n")
    own = ["--task", "rec", "--dict", tmp_path / "keys.txt", "--height", 48]
    code, out, err = run(embedded_models / RECOGNIZER, *own, "--data", words)
    assert (code, out) == (2, "")
    assert "keys.txt: makes 4 classes with blank and space, the network 6625" in err


@pytest.fixture
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that other tests, which expect models of the package in it, do not see."""
    monkeypatch.setenv("PPOCR_EDGE_HOME", str(tmp_path / "home"))


@pytest.mark.shared
@pytest.mark.usefixtures("_own_store")
def test_the_published_integer_model_on_real_words(run: Run, shared_dir: Path) -> None:
    """INT8 as Paddle simulates it, against the float model; the x86 library refuses to judge it."""
    data = shared_dir / "images" / "icdar2015" / "rec_evaluation.txt"
    words = ["ch_ppocr_mobile_slim_v2.0_cls", "--source", shared_dir / "mirror"]
    code, out, _ = run(*words, "--against", "ch_ppocr_mobile_v2.0_cls", "--data", data, "-n", 60, "--json")
    assert code == 0
    values = json.loads(out)
    assert values["measures"]["accuracy"]["value"] > 60
    assert abs(values["loss"]["accuracy"]["value"]) < 8
    assert 85 < values["agreement"]["value"] < 100
    code, _, err = run(*words, "--data", data, "-n", 2, "--device", "local")
    assert code == 2
    assert "for x86: is int8, which the x86 build does not compute correctly" in err


@pytest.mark.shared
@pytest.mark.usefixtures("_own_store")
def test_the_published_pruned_detector_on_real_photographs(run: Run, shared_dir: Path) -> None:
    data = shared_dir / "images" / "icdar2015" / "det_evaluation.txt"
    words = ["ch_ppocr_mobile_slim_v2.0_det", "--source", shared_dir / "mirror", "--data", data, "-n", 3]
    code, out, _ = run(*words, "--against", "ch_ppocr_mobile_v2.0_det", "--json")
    assert code == 0
    values = json.loads(out)
    assert set(values["loss"]) == {"hmean", "precision", "recall"}
    assert 0 < values["agreement"]["value"] < 100
