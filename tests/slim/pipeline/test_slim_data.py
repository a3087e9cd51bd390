from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from edge.errors import ImageError, InputError
from slim.pipeline.data import DataSet
from slim.pipeline.folders import Slot, hashes_of
from slim.pipeline.materials import EVALUATE, TRAIN, assign_paths, gather, planned_count
from slim.pipeline.rendered import render, rendered_inputs
from slim.pipeline.step_calls import silent
from slim.pipeline.user_data import read_user_data
from slim.pipeline.versions import tool_versions
from slim.recipes.recipe import FileSource, SyntheticSource
from slim.zoo.catalog import find_entry
from slim.zoo.entry import Task
from tests.slim.pipeline.conftest import draw_photographs

PHOTOS = FileSource("photos", labelled=True, optional=False)
MORE = FileSource("more", labelled=False, optional=True)
LINES = SyntheticSource("lines", "lines", 12, None, optional=False, seed=0)
LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 "


def read(path: Path, task: Task = Task.DETECTION, *, labelled: bool = True) -> DataSet:
    return read_user_data("photos", path, task, "--train", labelled=labelled, progress=silent)


def test_paths_find_their_sources(tmp_path: Path) -> None:
    (tmp_path / "a=b").touch()
    path = str(tmp_path / "a=b")
    assert assign_paths("--train", [f"photos={path}"], [PHOTOS, MORE]) == {"photos": Path(path)}
    # where there is one source, its name may be left out
    assert assign_paths("--train", [path], [PHOTOS, LINES]) == {"photos": Path(path)}
    assert assign_paths("--train", [], [MORE, LINES]) == {}


@pytest.mark.parametrize(
    ("words", "sources", "message"),
    [
        ([], [PHOTOS], "--train: is missing: the recipe needs 'photos'; give --train photos=PATH, a label"),
        (["/"], [PHOTOS, MORE], "names none of the recipe's sources; write --train photos=PATH, more=PATH"),
        (["photo=/"], [PHOTOS, MORE], "--train photo=/: names none of the recipe's sources; write --tr"),
        (["/"], [LINES], "--train /: the recipe asks for none; leave --train out"),
        (["photos=/"] * 2, [PHOTOS, MORE], "--train photos=/: photos is given twice; give each source once"),
        (["photos="], [PHOTOS, MORE], "--train photos=: no such file or folder; check the path"),
        (["photos=/none"], [PHOTOS, MORE], "--train photos=/none: no such file or folder; check the path"),
    ],
)
def test_paths_that_name_no_source_are_refused(
    words: list[str], sources: list[FileSource], message: str
) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        assign_paths("--train", words, sources)


def test_the_hash_of_data_is_of_what_is_in_it(tmp_path: Path) -> None:
    labels = draw_photographs(tmp_path / "a", ["Alpha", "Beta"])
    elsewhere = draw_photographs(tmp_path / "b", ["Alpha", "Beta"])
    first = read(labels)
    assert (len(first), first.labelled, first.synthetic) == (2, True, False)
    assert read(elsewhere).sha256 == first.sha256
    assert first.first(1).sha256 != first.sha256
    assert first.first(9) is first
    with Image.open(first.images[0]) as image:
        image.transpose(Image.Transpose.ROTATE_180).save(first.images[0])
    assert read(labels).sha256 != first.sha256
    elsewhere.write_text(elsewhere.read_text().replace("Beta", "Gamma"))
    assert read(elsewhere).sha256 != first.sha256


def test_a_folder_of_pictures_has_no_labels(tmp_path: Path) -> None:
    folder = draw_photographs(tmp_path / "a", ["Alpha", "Beta"]).parent
    found = read(folder, labelled=False)
    assert [image.name for image in found.images] == ["0.png", "1.png"]
    assert (found.labelled, found.pages[0].boxes) == (False, ())
    with pytest.raises(
        InputError, match=r"is a folder, the recipe wants 'photos' with labels; give PaddleOCR's"
    ):
        read(folder)
    # of classification a folder is enough: its lines stand upright
    assert len(read(folder, Task.CLASSIFICATION)) == 2


def test_pictures_that_are_none_are_named(tmp_path: Path) -> None:
    labels = draw_photographs(tmp_path / "a", ["Alpha", "Beta"])
    (tmp_path / "a" / "1.png").write_bytes(b"no picture")
    with pytest.raises(ImageError, match=r"a/1\.png"):
        read(labels)
    (tmp_path / "a" / "1.png").unlink()
    with pytest.raises(ImageError, match=r"a/1\.png"):
        read(labels)
    with pytest.raises(
        InputError, match=r"labels boxes in photographs, for detection; give one with image<TAB>text"
    ):
        read(labels, Task.RECOGNITION)


def test_rendering_goes_on_where_it_was_and_is_the_same(tmp_path: Path) -> None:
    versions = tool_versions()
    inputs = rendered_inputs(LINES, TRAIN, LATIN, 12, versions)
    whole = render(Slot(tmp_path / "whole"), LINES, Task.RECOGNITION, LATIN, inputs, silent)
    assert (len(whole), whole.labelled, whole.synthetic) == (12, True, True)
    assert all(line.text for line in whole.lines)

    def interrupt(done: int, total: int, note: str) -> None:
        if done == 5:
            raise KeyboardInterrupt

    slot = Slot(tmp_path / "interrupted")
    with pytest.raises(KeyboardInterrupt):
        render(slot, LINES, Task.RECOGNITION, LATIN, inputs, interrupt)
    drawn = {path.name: path.stat().st_mtime_ns for path in slot.work.glob("*.png")}
    assert len(drawn) == 5
    resumed = render(slot, LINES, Task.RECOGNITION, LATIN, inputs, silent)
    assert resumed.sha256 == whole.sha256
    assert hashes_of(slot.content) == hashes_of(tmp_path / "whole" / "finished" / "content")
    # those that were there were not drawn again
    assert {name: (slot.content / name).stat().st_mtime_ns for name in drawn} == drawn


def test_training_and_evaluation_never_see_the_same_pictures(tmp_path: Path) -> None:
    versions = tool_versions()
    sides = [rendered_inputs(LINES, role, LATIN, 12, versions)["seed"] for role in (TRAIN, EVALUATE)]
    assert sides[0] != sides[1]


def test_an_early_look_renders_less() -> None:
    many = SyntheticSource("lines", "lines", 4000, None, optional=False, seed=0)
    assert planned_count(TRAIN, many, Task.RECOGNITION, quick=False) == 4000
    assert planned_count(TRAIN, many, Task.RECOGNITION, quick=True) == 400
    assert planned_count(EVALUATE, many, Task.RECOGNITION, quick=True) == 120
    assert planned_count(TRAIN, LINES, Task.RECOGNITION, quick=True) == 8


def test_what_cannot_be_rendered_is_left_out_where_it_is_optional(tmp_path: Path) -> None:
    entry = find_entry("en_number_mobile_v2.0_rec")
    dictionary = tmp_path / "en_dict.txt"
    # hieroglyphs, which hardly a machine has a font for
    dictionary.write_text("\n".join(map(chr, range(0x13000, 0x13100))), encoding="utf-8")
    photos = draw_photographs(tmp_path / "a", ["Alpha"]).parent

    def gathered(optional: bool) -> tuple[tuple[DataSet, ...], tuple[str, ...]]:
        sources = [MORE, SyntheticSource("rendered", "lines", 5, None, optional=optional, seed=0)]
        paths = {"more": photos}
        place = tmp_path / "place"
        return gather(TRAIN, sources, paths, entry, dictionary, place, tool_versions(), silent, quick=False)

    with pytest.raises(InputError):
        gathered(False)
    sets, remarks = gathered(True)
    assert [one.name for one in sets] == ["more"]
    assert len(remarks) == 1
    assert remarks[0].startswith("rendered is left out: ")
