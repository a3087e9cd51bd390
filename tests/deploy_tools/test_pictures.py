"""Which images a command reads, and that drawn results never cost anybody a file."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deploy_tools.picture_file import DRAWN_SUFFIXES
from deploy_tools.pictures import IMAGE_SUFFIXES, PicturePlan, expand_images, plan_pictures
from edge.errors import ImageError, InputError
from edge.ocr.result import PageResult, TextLine

QUAD = np.array([[10, 10], [70, 10], [70, 30], [10, 30]], np.float32)
PAGE = PageResult(120, 60, (TextLine(QUAD, "Total", 0.99, 0.9),))


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths as people type them, relative to a folder of the test's own."""
    monkeypatch.chdir(tmp_path)


def make(*names: str) -> list[Path]:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (120, 60), (250, 250, 250)).save(name, "PNG")
    return [Path(name) for name in names]


def files(folder: str = ".") -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file())


def test_files_are_taken_as_they_are_named() -> None:
    assert expand_images(["b.jpg", "absent.png", "notes.txt", "b.jpg"]) == [
        Path("b.jpg"),
        Path("absent.png"),
        Path("notes.txt"),
        Path("b.jpg"),
    ]


def test_a_folder_stands_for_its_images_by_name() -> None:
    make("scans/b.png", "scans/A.JPG", "scans/c.tiff", "scans/deeper/d.png", "scans/.hidden.png", "z.png")
    Path("scans/notes.txt").write_text("not a picture")
    Path("scans/folder.png").mkdir()
    found = [Path("scans/A.JPG"), Path("scans/b.png"), Path("scans/c.tiff")]
    assert expand_images(["z.png", "scans"]) == [Path("z.png"), *found]
    assert expand_images(["scans/"]) == found


def test_nothing_named() -> None:
    with pytest.raises(InputError, match=r"^IMAGE\.\.\.: no image is named; name image files or folders$"):
        expand_images([])


def test_a_folder_without_images() -> None:
    Path("empty").mkdir()
    with pytest.raises(ImageError, match=r"^empty: is a folder without images; known are \.avif, \.bmp"):
        expand_images(["empty"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_closed_folder() -> None:
    Path("closed").mkdir(mode=0)
    with pytest.raises(ImageError, match=r"^closed: cannot be read \(Permission denied\)"):
        expand_images(["closed"])


def test_names_that_cannot_exist_are_left_to_whoever_opens_them() -> None:
    assert expand_images(["x" * 5000]) == [Path("x" * 5000)]


@pytest.mark.parametrize("suffix", sorted(IMAGE_SUFFIXES))
def test_every_suffix_is_one_of_a_format_that_is_read(suffix: str) -> None:
    from edge.ocr.image import load_image

    Image.init()
    picture = Image.new("L" if suffix in (".pgm", ".pbm") else "RGB", (8, 8))
    picture.save(f"picture{suffix}", Image.EXTENSION[suffix])
    assert load_image(f"picture{suffix}").width == 8


def test_without_draw_nothing_is_drawn() -> None:
    paths = make("a.png")
    plan_pictures(paths, None).draw(paths[0], PAGE)
    assert files() == ["a.png"]


@pytest.mark.parametrize("suffix", sorted(DRAWN_SUFFIXES))
def test_one_image_is_drawn_to_a_file_of_the_format_named(suffix: str) -> None:
    paths, out = make("a.png"), Path(f"deep/er/out{suffix.upper()}")
    plan_pictures(paths, out).draw(paths[0], PAGE)
    with Image.open(out) as drawn:
        assert drawn.format == {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}[suffix]
        assert drawn.width > 240  # the picture and its text side by side
    assert files() == ["a.png", out.as_posix()]


@pytest.mark.parametrize("out", ["out", "out.d", "out/"])
def test_a_folder_gets_a_file_for_every_image(out: str) -> None:
    paths = make("a.png", "b.jpg")
    if out == "out.d":
        Path(out).mkdir()  # with a suffix it must be there to be taken for a folder
    plan = plan_pictures(paths, Path(out))
    for path in paths:
        plan.draw(path, PAGE)
    assert files(out) == ["a.png", "b.png"]


def test_one_image_into_a_folder_that_is_not_there_yet() -> None:
    assert plan_pictures(make("a.jpg"), Path("out")).targets == {Path("a.jpg"): Path("out/a.png")}


def test_images_of_one_name_get_files_of_their_own() -> None:
    paths = make("x/a.png", "y/a.png", "z/a-2.png", "z/a.jpg", "x/b.png")
    targets = plan_pictures([*paths, paths[0]], Path("out")).targets
    assert [targets[path].name for path in paths] == ["a.png", "a-2.png", "a-2-2.png", "a-3.png", "b.png"]


def test_one_image_named_twice_is_one_image() -> None:
    paths = make("a.png")
    assert plan_pictures([*paths, *paths], Path("out.png")).targets == {paths[0]: Path("out.png")}


@pytest.mark.parametrize(
    ("images", "out", "message"),
    [
        (["a.png", "b.png"], "out.png", "one file for 2 images; name a folder"),
        (["a.png", "b.png", "a.png"], "out.png", "one file for 2 images; name a folder"),
        (["a.png"], "out.txt", r"has suffix '\.txt'; end it in \.jpeg, \.jpg, \.png, \.webp"),
        (["a.png"], "out.gif", r"has suffix '\.gif'"),
        (["a.png"], "taken", "is a file; name a folder, or a file that ends in .png"),
        (["a.png"], "a.png", r"would replace the image a\.png; choose another place"),
        (["a.png"], "./scans/../a.png", "would replace the image"),
        (["a.png"], "link.png", "would replace the image"),
        (["scans/c.png", "scans/d.png"], "scans", r"would replace the image scans/c\.png"),
        (["a.png", "scans/c.png"], "scans", r"would replace the image scans/c\.png"),
    ],
)
def test_places_that_will_not_do(images: list[str], out: str, message: str) -> None:
    make("a.png", "b.png", "scans/c.png", "scans/d.png")
    Path("taken").write_text("something else")
    Path("link.png").symlink_to("a.png")
    with pytest.raises(InputError, match=rf"^--draw {Path(out)}: {message}"):
        plan_pictures([Path(image) for image in images], Path(out))


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("file/out.png", "File exists|Not a directory"),
        ("file/deeper/out.png", "Not a directory"),
        ("folder.png", "Is a directory"),
        (f"{'x' * 300}.png", "File name too long"),
    ],
)
def test_a_drawing_that_cannot_be_written_leaves_nothing_behind(target: str, reason: str) -> None:
    paths = make("a.png")
    Path("file").write_text("in the way")
    Path("folder.png/inside").mkdir(parents=True)
    before = files()
    with pytest.raises(InputError, match=rf"cannot be written \(({reason})\); choose another place"):
        PicturePlan({paths[0]: Path(target)}).draw(paths[0], PAGE)
    assert files() == before


def test_an_interrupted_drawing_leaves_what_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = make("a.png")
    Path("out.png").write_bytes(b"the drawing of yesterday")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("deploy_tools.whole_file.os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        plan_pictures(paths, Path("out.png")).draw(paths[0], PAGE)
    assert files() == ["a.png", "out.png"]
    assert Path("out.png").read_bytes() == b"the drawing of yesterday"
