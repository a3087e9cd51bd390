from __future__ import annotations

from pathlib import Path

import pytest

from edge.errors import InputError
from slim.recipes.shipped import find_recipe, shipped_names, shipped_recipe
from slim.zoo.catalog import load_catalog
from slim.zoo.entry import Kind
from tests.slim.recipes.recipe_texts import GOOD, parser_of

SLIM_ROWS = [name for name, entry in load_catalog().items() if Kind.SLIM_INFERENCE in entry.files]


def test_every_slim_row_and_every_default_model_has_a_recipe() -> None:
    from deploy_tools.default_bundles import DEFAULT_MODELS

    assert SLIM_ROWS
    assert set(shipped_names()) >= {*SLIM_ROWS, *DEFAULT_MODELS.values()}


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_recipes_can_be_read(name: str) -> None:
    recipe = shipped_recipe(name)
    assert name in (recipe.name, recipe.model)
    assert recipe.gates
    for plan in recipe.steps:
        assert plan.step.describe()


def test_a_model_s_own_recipe_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = SLIM_ROWS[0]
    (tmp_path / "mine.yml").write_text(GOOD)
    mine = find_recipe(name, "mine.yml", parser_of)
    assert mine.description == "Smaller"
    assert find_recipe("ch_ppocr_mobile_v2.0_det", "mine.yml", parser_of) == mine


@pytest.mark.parametrize(
    ("model", "named", "message"),
    [
        ("french_mobile_v2.0_rec", None, "french_mobile_v2.0_rec: has no recipe of its own"),
        (
            "ch_PP-OCRv4_dat",
            None,
            "ch_PP-OCRv4_dat: has no recipe of its own (did you mean ch_PP-OCRv4_det?); shipped are ch_",
        ),
        ("ch_PP-OCRv4_det", "none", "--recipe none: is neither a file nor a shipped recipe; shipped are ch_"),
        ("ch_PP-OCRv4_det", "none.yml", "none.yml: cannot be read (No such file or directory); give a"),
        (
            "ch_PP-OCRv4_det",
            "mine.yml",
            "--recipe mine.yml: makes ch_ppocr_mobile_slim_v2.0_det of ch_ppocr_mobile_v2.0_det, "
            "not ch_PP-OCRv4_det; write 'ppocr-edge slim ch_ppocr_mobile_slim_v2.0_det --recipe mine.yml'",
        ),
    ],
)
def test_recipes_that_do_not_fit_are_refused(
    model: str, named: str | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yml").write_text(GOOD)
    with pytest.raises(InputError) as caught:
        find_recipe(model, named, parser_of)
    assert str(caught.value).startswith(message)
