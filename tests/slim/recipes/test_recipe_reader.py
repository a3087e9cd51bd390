from __future__ import annotations

import os
from pathlib import Path

import pytest

from edge.errors import InputError
from slim.recipes.reader import read_recipe
from slim.recipes.recipe import FileSource, Gate, SyntheticSource
from slim.zoo.entry import Kind
from tests.slim.recipes.recipe_mistakes import CASES
from tests.slim.recipes.recipe_texts import GOOD, Quantized, Settings, parser_of, read


def refusal(text: str) -> str:
    with pytest.raises(InputError) as caught:
        read(text)
    return str(caught.value)


def test_everything_in_a_recipe_is_read() -> None:
    recipe = read(GOOD)
    assert (recipe.name, recipe.model, recipe.kind, recipe.seed) == (
        "ch_ppocr_mobile_slim_v2.0_det",
        "ch_ppocr_mobile_v2.0_det",
        Kind.TRAINED,
        7,
    )
    assert recipe.train == (
        FileSource("photographs", labelled=False, optional=False),
        SyntheticSource("pages", "pages", 20, "ppocr_keys_v1.txt", optional=False, seed=3),
    )
    assert recipe.evaluate == (
        FileSource("photographs", labelled=True, optional=False),
        FileSource("more", labelled=False, optional=True),
    )
    assert [plan.step for plan in recipe.steps] == [Settings(0.25, "fpgm"), Settings(steps=300)]
    assert [plan.minutes for plan in recipe.steps] == [5, None]
    assert recipe.gates == (
        Gate("hmean", "photographs", 0.5, "float", None, None, confident=True),
        Gate("hmean", "photographs", 0.0, "published", None, None, confident=False),
        Gate("agreement", "more", None, "float", 95.0, None, confident=False),
        Gate("parameters", None, None, "float", None, 441_000, confident=False),
    )
    assert recipe.precision == "fp32"


def test_defaults_are_what_a_short_recipe_leaves_out() -> None:
    text = """
recipe: 1
model: ch_PP-OCRv4_det
kind: inference
data:
  train:
    pages: {synthetic: pages, count: 5}
  evaluate:
    pages: {synthetic: pages, count: 5, seed: 1}
steps:
  - quantize:
"""
    recipe = read(text)
    assert (recipe.name, recipe.seed, recipe.gates) == ("ch_PP-OCRv4_det-slim", 0, ())
    assert recipe.description == "Small text detector of a later generation, PP-OCRv4"
    assert recipe.steps[0].step == Quantized()
    assert recipe.precision == "int8"


def test_the_hash_is_of_the_text() -> None:
    assert read(GOOD).sha256 == read(GOOD).sha256
    assert read(GOOD).sha256 != read(GOOD + "# a remark\n").sha256


@pytest.mark.parametrize("case", CASES)
def test_mistakes_are_named_with_their_line(case: str) -> None:
    old, new, message = CASES[case]
    assert old in GOOD
    found = refusal(GOOD.replace(old, new, 1))
    assert found.startswith(message)
    assert "\n" not in found
    assert "; " in found


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a list\n", "just text", "\x00", "\x07", "null"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    assert refusal(text).startswith("slim.yml")


def test_a_billion_laughs_are_not_laughed() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{b}: &{b} [{', '.join(f'*{a}' for _ in range(9))}]"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    assert "uses an anchor" in refusal("\n".join(lines))


def test_files_that_are_no_recipes_are_refused(tmp_path: Path) -> None:
    def message(path: Path) -> str:
        with pytest.raises(InputError) as caught:
            read_recipe(path, parser_of)
        return str(caught.value)

    remedy = "give a recipe, a small YAML file"
    assert (
        message(tmp_path / "none.yml")
        == f"{tmp_path}/none.yml: cannot be read (No such file or directory); {remedy}"
    )
    assert message(tmp_path) == f"{tmp_path}: cannot be read (Is a directory); {remedy}"
    (tmp_path / "binary.yml").write_bytes(b"\xff\xfe")
    assert message(tmp_path / "binary.yml") == f"{tmp_path}/binary.yml: is not UTF-8 text; {remedy}"
    (tmp_path / "large.yml").write_bytes(b"#" * 70_000)
    assert "has 70000 bytes, more than the 65536 that are read" in message(tmp_path / "large.yml")
    os.mkfifo(tmp_path / "pipe.yml")
    assert "is not a regular file" in message(tmp_path / "pipe.yml")


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "good.yml"
    path.write_text("\ufeff" + GOOD, encoding="utf-8")
    assert read_recipe(path, parser_of) == read(GOOD)
