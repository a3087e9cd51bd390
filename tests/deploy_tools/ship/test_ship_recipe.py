"""Reading recipes of ``ship``: what is shipped can be read, and every mistake names its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy_tools.ship.reader import parse_ship_recipe, read_ship_recipe
from deploy_tools.ship.recipe import ReadyModel, SlimModel
from deploy_tools.ship.shipped import find_ship_recipe, shipped_names, shipped_text
from edge.errors import InputError
from slim.zoo.entry import Kind
from tests.deploy_tools.ship.conftest import SHIP, STEPS, TINY, ShipFolder


@pytest.fixture
def folder(shipping: ShipFolder) -> Path:
    """With a recipe of ``slim`` that needs no steps of tests."""
    (shipping.folder / "tiny.yml").write_text(TINY.replace(STEPS, "quantize: {}"))
    return shipping.folder


def test_shipped_recipes_are_of_the_three_models_and_say_what_is_not_judged() -> None:
    assert shipped_names() == ("ch_ppocr_mobile_v2.0", "ch_ppocr_mobile_v2.0-quick")
    whole, quick = map(find_ship_recipe, shipped_names())
    for recipe in (whole, quick):
        assert [model.task for model in recipe.models] == ["det", "cls", "rec"]
        assert all(isinstance(model, SlimModel) for model in recipe.models)
        assert recipe.targets == ("linux-arm64", "android")
    assert (whole.version, whole.allow) == ("", ())
    assert quick.allow == ("no-gates", "unmeasured-int8")
    assert all(isinstance(model, SlimModel) and model.quick for model in quick.models)


def test_everything_that_can_be_written_is_read(folder: Path) -> None:
    model = folder / "own_rec"
    model.mkdir()
    text = f"""\
{SHIP.replace("[linux-x86_64]", "[linux-arm64, android]").rstrip()}
  det: {{model: ch_ppocr_mobile_slim_v2.0_det, kind: slim-inference}}
  rec: {{model: own_rec, dictionary: keys.txt, height: 48, space: false, weights: int8}}
description: All of it
measure:
  devices: [pi4, pixel]
  against: main
  tag: main
  threshold: 5 %
  threads: 4
  runs: 20
  seconds: 1.5
  warmup: 2
  tolerance: 0.3
allow: [unmeasured-int8, no-gates]
runners: [runner-arm64]
lite_homes: {{linux-arm64: lite}}
android_libraries: [android-v8]
licences: [own_rec=MIT]
notices: [LICENSE.txt]
"""
    (folder / "ship.yml").write_text(text)
    recipe = read_ship_recipe(folder / "ship.yml")
    det, cls, rec = recipe.models
    assert isinstance(cls, SlimModel)
    assert (cls.name, cls.quick, cls.seed, cls.device) == ("tiny", False, 5, "")
    assert (cls.train, cls.evaluate) == ({"lines": folder / "train"}, {"lines": folder / "test"})
    assert det == ReadyModel("det", "ch_ppocr_mobile_slim_v2.0_det", kind=Kind.SLIM_INFERENCE)
    assert rec == ReadyModel("rec", "own_rec", model, None, folder / "keys.txt", 48, False, "int8")
    measuring = recipe.measuring
    assert (measuring.devices, measuring.against, measuring.tag) == (("pi4", "pixel"), "main", "main")
    assert (measuring.threshold, measuring.threads, measuring.runs) == (0.05, 4, 20)
    assert (measuring.seconds, measuring.warmup, measuring.tolerance) == (1.5, 2, 0.3)
    assert recipe.allow == ("no-gates", "unmeasured-int8")
    assert (recipe.runners, recipe.android_libraries) == (
        (folder / "runner-arm64",),
        (folder / "android-v8",),
    )
    assert (recipe.licences, recipe.notices) == (("own_rec=MIT",), (folder / "LICENSE.txt",))
    assert recipe.lite_homes == {"linux-arm64": folder / "lite"}
    assert (recipe.version, recipe.threads, recipe.description) == ("1.0", 1, "All of it")


MISTAKES: dict[str, tuple[str, str, str]] = {
    # name -> (what stands in the recipe, what is written instead, the complaint)
    "format": ("ship: 1", "ship: 2", "ship.yml:1: ship: is format 2; this version reads format 1"),
    "misspelt": (
        "version:",
        "verison:",
        "ship.yml:3: verison: is no key here; keys are: ship, name, version",
    ),
    "version": ("1.0", "1/0", "ship.yml:3: version: cannot be part of a file's name everywhere; use"),
    "target": (
        "[linux-x86_64]",
        "[linux-amd64]",
        "ship.yml:4: targets: has 'linux-amd64'; write of linux-arm64, linux-armhf, linux-x86_64, andr",
    ),
    "twice": ("[linux-x86_64]", "[android, android]", "ship.yml:4: targets: names something twice"),
    "misspelt needed key": (
        "targets:",
        "target:",
        "ship.yml:4: target: is no key here; did you mean targets?",
    ),
    "task": ("  cls:", "  clz:", "ship.yml:7: models.clz: is no key here; keys are: det, cls, rec"),
    "other task": (
        "  cls:",
        "  rec:",
        "slim: is of ch_ppocr_mobile_v2.0_cls, which is a cls model; write it under cls",
    ),
    "no model": (
        "slim: tiny.yml",
        "quick: true",
        "models.cls: has not one of 'slim' and 'model'; write 'slim",
    ),
    "no recipe": (
        "tiny.yml",
        "tinny",
        "ship.yml:8: models.cls.slim: is 'tinny', neither a file nor a shipped",
    ),
    "no file": ("slim: tiny.yml", "slim: tinny.yml", "tinny.yml: cannot be read (No such file or directory)"),
    "no data": ("train: {lines: train}", "train: {lines: trian}", "lines: is '"),
    "data lacks": ("train: {lines: train}", "quick: true", "train: lacks 'lines', which the"),
    "other data": (
        "{lines: train}",
        "{lines: train, pages: x}",
        "models.cls.train.pages: is no key",
    ),
    "allow": ("threads: 1", "allow: [all]", "ship.yml:5: allow: has 'all'; write of failed-gates, no-gates"),
    "threshold": (
        "threads: 1",
        "measure: {threshold: 5}",
        "measure.threshold: is '5'; write a percentage, such",
    ),
    "tag": (
        "threads: 1",
        "measure: {tag: last}",
        "measure.tag: cannot be a tag, because it means the newest",
    ),
    "two to compare with": (
        "threads: 1",
        "measure: {against: main, beside: last}",
        "ship.yml:5: measure.beside: does not go together with 'against'; choose one: 'beside' measures a",
    ),
    "kind": ("slim: tiny.yml", "model: ch_PP-OCRv4_det, kind: x", "ship.yml:8: is not YAML"),
    "unknown": ("slim: tiny.yml", "model: ch_PP-OCRv9_det", "models.cls.model: is 'ch_PP-OCRv9_det': "),
    "no folder": ("slim: tiny.yml", "model: ./mine", "models.cls.model: is './mine', and no such folder is"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_name_line_and_key(case: str, folder: Path) -> None:
    there, instead, complaint = MISTAKES[case]
    text = SHIP.replace(there, instead)
    assert text != SHIP
    with pytest.raises(InputError) as error:
        parse_ship_recipe(text, "ship.yml", folder)
    assert complaint in error.value.one_line()


@pytest.mark.parametrize(
    ("word", "folder"), [("last", None), ("./last", "last"), ("old/tiny-1.0", "old/tiny-1.0")]
)
def test_the_release_beside_is_the_last_one_or_a_folder_beside_the_recipe(
    word: str, folder: str | None, tmp_path: Path
) -> None:
    text = SHIP[: SHIP.index("models:")] + "models: {cls: {model: ch_ppocr_mobile_v2.0_cls}}\n"
    recipe = parse_ship_recipe(f"{text}measure: {{devices: [pi4], beside: {word}}}\n", "ship.yml", tmp_path)
    assert recipe.measuring.beside == ("last" if folder is None else tmp_path / folder)


def test_a_recipe_that_is_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"shipped recipe \(did you mean ch_ppocr_mobile_v2.0-quick\?\)"):
        find_ship_recipe("ch_ppocr_mobile_v2.0-quik")
    with pytest.raises(InputError, match=r"mine\.yml: cannot be read"):
        find_ship_recipe(str(tmp_path / "mine.yml"))
    assert parse_ship_recipe(shipped_text(shipped_names()[0]), "again.yml", tmp_path).version == ""
