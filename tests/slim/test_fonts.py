from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from build_font import build_collection, build_font
from fontTools.ttLib import TTFont, reorderFontTables

from edge.errors import InputError
from slim.fonts import LATIN, FontCatalogue, FontChoice, essential_characters, find_families, find_font
from slim.fonts.cache import cache_file
from slim.fonts.face import bounds_of
from slim.fonts.files import font_files

CHINESE = "易碎物品，小心轻放"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own for every test."""
    monkeypatch.setenv("PPOCR_EDGE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "fonts"
    folder.mkdir()
    return folder


def find(folder: Path, text: str, **wanted: object) -> FontChoice:
    return FontCatalogue.scan([folder]).find(text, **wanted)  # type: ignore[arg-type]


def has_ink(choice: FontChoice, text: str) -> bool:
    return choice.load(30).getmask(text).getbbox() is not None


# --- coverage ---------------------------------------------------------------------------------------


def test_bounds_hold_exactly_the_given_code_points() -> None:
    assert bounds_of([5, 3, 4, 9, 9, 11]) == (3, 6, 9, 10, 11, 12)
    assert bounds_of([]) == ()


def test_face_covers_first_and_last_of_each_range_and_no_neighbour(folder: Path) -> None:
    build_font(folder / "a.ttf", "BCDXé𠀀𠀁")
    face = FontCatalogue.scan([folder]).faces[0]
    assert face.missing("ABCDEWXYèéê𠀀𠀁𠀂") == "AEWYèê𠀂"


def test_only_characters_with_a_glyph_need_one() -> None:
    assert essential_characters("a b\tb\n\u00a0\u200d\ufe0fé中") == "abé中"


def test_font_that_covers_more_of_the_text_wins(folder: Path) -> None:
    build_font(folder / "latin.ttf", LATIN)
    build_font(folder / "chinese.ttf", CHINESE + "0123", family="Test Hei", kind="serif", weight=900)
    assert find(folder, "Total 12").family == "Test Sans"
    assert find(folder, "易碎 12") == FontChoice(folder / "chinese.ttf", 0, "Test Hei", "Regular", "sans", "")
    assert find(folder, "易碎 Ж") == FontChoice(folder / "chinese.ttf", 0, "Test Hei", "Regular", "sans", "Ж")


def test_no_font_installed(folder: Path) -> None:
    choice = find(folder, "Total: 12.50")
    assert choice.path is None
    assert choice.missing == ""
    assert has_ink(choice, "Total")
    assert find(folder, "12 易").missing == "易"
    assert [family.path for family in FontCatalogue.scan([folder]).families()] == [None]


def test_embedded_font_is_the_last_resort_only(folder: Path) -> None:
    build_font(folder / "a.ttf", LATIN, kind="serif", weight=900, italic=True)
    assert find(folder, "Total").path == folder / "a.ttf"
    build_font(folder / "a.ttf", "Tota")
    assert find(folder, "Total").path is None


# --- preference -------------------------------------------------------------------------------------


def test_regular_sans_by_default_and_others_when_wanted(folder: Path) -> None:
    build_font(folder / "1.ttf", LATIN, family="Test Mono", kind="mono")
    build_font(folder / "2.ttf", LATIN, family="Test Serif", kind="serif")
    build_font(folder / "3.ttf", LATIN, style="Bold", weight=700)
    build_font(folder / "4.ttf", LATIN, style="Italic", italic=True)
    build_font(folder / "5.ttf", LATIN, family="Test Sans Condensed", width=3)
    build_font(folder / "6.ttf", LATIN)
    build_font(folder / "7.ttf", LATIN, style="Light", weight=300)

    def name(**wanted: object) -> str:
        path = find(folder, "abc", **wanted).path
        assert path is not None
        return path.stem

    assert name() == "6"
    assert name(kind="mono") == "1"
    assert name(kind="serif") == "2"
    assert name(bold=True) == "3"
    assert name(italic=True) == "4"
    assert name(family="Test Sans Condensed") == "5"
    assert name(family="Test Serif", bold=True) == "2"


def test_han_characters_in_the_form_of_the_text(folder: Path) -> None:
    for country in ("HK", "JP", "KR", "SC"):
        build_font(folder / f"{country}.ttf", "直接のか한국" + LATIN, family=f"Test Sans {country}")
    assert find(folder, "直接").family == "Test Sans SC"
    assert find(folder, "直接の").family == "Test Sans JP"
    assert find(folder, "직接 한국").family == "Test Sans KR"


def test_families_cover_the_text_and_come_once(folder: Path) -> None:
    build_font(folder / "1.ttf", LATIN, style="Bold", weight=700)
    build_font(folder / "2.ttf", LATIN)
    build_font(folder / "3.ttf", LATIN, family="Test Serif", kind="serif")
    build_font(folder / "4.ttf", LATIN.replace("q", ""), family="Test Gap")
    build_font(folder / "5.ttf", LATIN, family="DejaVu Sans Mono", kind="mono")
    catalogue = FontCatalogue.scan([folder])
    families = catalogue.families()
    assert [family.family for family in families[:-1]] == ["DejaVu Sans Mono", "Test Sans", "Test Serif"]
    assert families[-1].path is None
    assert families[1].style == "Regular"
    assert [family.family for family in catalogue.families(kind="serif")] == ["Test Serif"]


# --- files ------------------------------------------------------------------------------------------


def test_collection_faces_are_told_apart(folder: Path, tmp_path: Path) -> None:
    fonts = [
        build_font(tmp_path / "a.ttf", LATIN, family="First Sans"),
        build_font(tmp_path / "b.ttf", CHINESE + "𠀀", family="Second Sans"),
    ]
    build_collection(folder / "both.ttc", fonts)
    choice = find(folder, CHINESE)
    assert (choice.index, choice.family, choice.missing) == (1, "Second Sans", "")
    assert choice.load(20).getname()[0] == "Second Sans"
    assert find(folder, "abc").index == 0


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def drop_outlines(path: Path) -> None:
    font = TTFont(path)
    del font["glyf"], font["loca"]
    font.save(path)


def cut_last_glyph(path: Path) -> None:
    with path.open("rb") as source, io.BytesIO() as reordered:
        tags = [tag for tag in TTFont(source).reader.tables if tag != "glyf"]
        source.seek(0)
        reorderFontTables(source, reordered, tableOrder=[*tags, "glyf"])
        data = reordered.getvalue()
    path.write_bytes(data[:-12])


def claim_characters(path: Path, last: int) -> None:
    data = bytearray(path.read_bytes())
    font = TTFont(path)
    start = font.reader.tables["cmap"].offset
    font.close()
    (subtables,) = struct.unpack_from(">H", data, start + 2)
    changed = 0
    for place in range(subtables):
        (offset,) = struct.unpack_from(">L", data, start + 8 + 8 * place)
        if data[start + offset + 1] == 12:
            struct.pack_into(">L", data, start + offset + 20, last)  # last code point of a group
            changed += 1
    assert changed
    path.write_bytes(data)


BREAKAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "not a font": lambda path: path.write_text("<html>404</html>"),
    "header only": lambda path: path.write_bytes(path.read_bytes()[:12]),
    "truncated": truncate,
    "no outlines": drop_outlines,
    "last glyph cut": cut_last_glyph,
    "more characters than Unicode": lambda path: claim_characters(path, 1_500_000),
    "billions of characters": lambda path: claim_characters(path, 4_000_000_000),
    "countless faces": lambda path: path.write_bytes(b"ttcf\0\1\0\0\xff\xff\xff\xff" + bytes(8)),
    "zeros": lambda path: path.write_bytes(bytes(len(path.read_bytes()))),
}


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_broken_files_are_skipped(folder: Path, breakage: str, caplog: pytest.LogCaptureFixture) -> None:
    # 𠀀 lies beyond 16 bits: the font has a character map of format 12
    build_font(folder / "broken.ttf", LATIN + "𠀀")
    build_font(folder / "sound.ttf", "abc", family="Sound Sans")
    assert find(folder, "xyz𠀀").path == folder / "broken.ttf"
    BREAKAGES[breakage](folder / "broken.ttf")
    faces = FontCatalogue.scan([folder]).faces
    assert [face.family for face in faces[:-1]] == ["Sound Sans"]
    assert caplog.records == []


def test_odd_fonts_are_read_without_a_word(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = build_font(folder / "odd.ttf", CHINESE)
    font = TTFont(path)
    start = font.reader.tables["name"].offset
    font.close()
    data = bytearray(path.read_bytes())
    struct.pack_into(">H", data, start + 4, 7)  # where its strings begin: fontTools logs that this is wrong
    path.write_bytes(data)
    assert find(folder, CHINESE).path == path
    assert caplog.records == []


def test_placeholder_fonts_are_skipped(folder: Path) -> None:
    build_font(folder / "blank.ttf", LATIN + CHINESE, family="Adobe Blank")
    assert find(folder, CHINESE).path is None


def test_links_in_a_circle_end_and_files_come_once(folder: Path) -> None:
    font = build_font(folder / "deep" / "a.ttf", "a")
    # two ways round: without a check every turn doubles the work
    (folder / "deep" / "back").symlink_to(folder)
    (folder / "deep" / "again").symlink_to(folder)
    (folder / "b.ttf").symlink_to(font)
    (folder / "gone.ttf").symlink_to(folder / "nothing")
    assert [file.path.name for file in font_files([folder, folder])] in (["a.ttf"], ["b.ttf"])


def test_unusual_folders_are_passed_over(folder: Path) -> None:
    (folder / "folder.ttf").mkdir()
    (folder / "readme.txt").write_text("no font")
    assert font_files([folder, folder / "missing"]) == []


# --- cache ------------------------------------------------------------------------------------------


def spoil_unnoticed(path: Path) -> None:
    """Fill a file with zeros, leaving its size and time."""
    status = path.stat()
    path.write_bytes(bytes(status.st_size))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_known_files_are_not_read_again(folder: Path) -> None:
    font = build_font(folder / "a.ttf", CHINESE)
    first = find(folder, CHINESE)
    spoil_unnoticed(font)
    assert find(folder, CHINESE) == first


def test_changed_files_are_read_again(folder: Path) -> None:
    font = build_font(folder / "a.ttf", CHINESE)
    assert find(folder, CHINESE).path == font
    build_font(font, LATIN)
    assert find(folder, CHINESE).missing == essential_characters(CHINESE)
    assert list(json.loads(cache_file().read_text())["files"]).count(str(font)) == 1


def test_cache_forgets_files_that_are_gone_and_keeps_those_elsewhere(folder: Path, tmp_path: Path) -> None:
    gone, kept = build_font(folder / "gone.ttf", "a"), build_font(tmp_path / "other" / "kept.ttf", "a")
    FontCatalogue.scan([folder, tmp_path / "other"])
    gone.unlink()
    new = build_font(folder / "new.ttf", "a")
    FontCatalogue.scan([folder])
    cached = json.loads(cache_file().read_text())["files"]
    assert str(gone) not in cached
    assert {str(kept), str(new)} <= set(cached)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        '{"format": 99, "files": {}}',
        '{"format": 1, "files": []}',
        '{"format": 1, "files": {"PATH": {"size": SIZE, "mtime_ns": TIME}}}',
        '{"format": 1, "files": {"PATH": {"size": SIZE, "mtime_ns": TIME, "faces": [{"index": "0"}]}}}',
    ],
)
def test_damaged_cache_is_ignored_and_replaced(folder: Path, content: str) -> None:
    font = build_font(folder / "a.ttf", CHINESE)
    status = font.stat()
    for name, value in (("PATH", font), ("SIZE", status.st_size), ("TIME", status.st_mtime_ns)):
        content = content.replace(name, str(value))
    cache_file().parent.mkdir(parents=True)
    cache_file().write_text(content)
    assert find(folder, CHINESE).path == font
    assert str(font) in json.loads(cache_file().read_text())["files"]


def test_cached_faces_are_checked(folder: Path) -> None:
    font = build_font(folder / "a.ttf", CHINESE)
    FontCatalogue.scan([folder])
    content = json.loads(cache_file().read_text())
    (face,) = content["files"][str(font)]["faces"]
    for key, value in (
        ("kind", "round"),
        ("family", None),
        ("weight", "bold"),
        ("bounds", [1]),
        ("bounds", ["a", "b"]),
    ):
        content["files"][str(font)]["faces"] = [{**face, key: value}]
        cache_file().write_text(json.dumps(content))
        assert find(folder, CHINESE).family == "Test Sans", key


def test_cache_that_cannot_be_written_is_no_error(folder: Path, home: Path) -> None:
    home.write_text("a file where the folder should be")
    build_font(folder / "a.ttf", CHINESE)
    assert find(folder, CHINESE).missing == ""


def test_nothing_but_the_cache_is_left_in_the_folder(folder: Path, home: Path) -> None:
    build_font(folder / "a.ttf", CHINESE)
    FontCatalogue.scan([folder])
    assert [path.name for path in home.iterdir()] == ["fonts.json"]


def test_warm_search_does_not_load_font_tools(folder: Path) -> None:
    build_font(folder / "a.ttf", CHINESE)
    program = (
        "import sys; from slim.fonts import find_font; "
        f"print(find_font({CHINESE!r}).path, 'fontTools' in sys.modules)"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PPOCR_EDGE_FONTS": str(folder), "PYTHONIOENCODING": "utf-8"},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
        for _ in range(2)
    ]
    assert runs == [[str(folder / "a.ttf"), "True"], [str(folder / "a.ttf"), "False"]]


# --- the machine's fonts ----------------------------------------------------------------------------


def test_variable_names_folders_and_files(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    single = build_font(tmp_path / "single.ttf", CHINESE, family="Single Sans")
    build_font(folder / "a.ttf", LATIN, family="Folder Sans")
    monkeypatch.setenv("PPOCR_EDGE_FONTS", f"{folder}{os.pathsep}{single}")
    assert find_font("abc").family == "Folder Sans"
    assert find_font(CHINESE).family == "Single Sans"
    assert [choice.family for choice in find_families(kind="sans")] == ["Folder Sans", "Aileron"]


def test_variable_that_names_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PPOCR_EDGE_FONTS", str(tmp_path / "missing"))
    with pytest.raises(InputError, match=r"PPOCR_EDGE_FONTS: names .*missing, which does not exist; "):
        find_font("abc")


def test_user_folders_are_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PPOCR_EDGE_FONTS", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    # private use: no font of this machine has these
    build_font(tmp_path / ".fonts" / "a.ttf", "\U0010fff0", family="Old Place")
    build_font(tmp_path / ".local" / "share" / "fonts" / "b.ttf", "\U0010fff1", family="New Place")
    catalogue = FontCatalogue.scan()
    covering = {
        face.family for face in catalogue.faces if face.covers("\U0010fff0") or face.covers("\U0010fff1")
    }
    assert covering == {"Old Place", "New Place"}


def test_loading_a_font_that_vanished(folder: Path) -> None:
    font = build_font(folder / "a.ttf", CHINESE)
    choice = find(folder, CHINESE)
    font.unlink()
    with pytest.raises(OSError, match="cannot open resource"):
        choice.load(20)
