"""The pages on using a release say what there is."""

from __future__ import annotations

import dataclasses
import re

import pytest

from edge.ocr.parameters import ClassificationParameters, DetectionParameters, RecognitionParameters
from tests.release_kit.snippets import DOCS, snippets

PAGES = ("consumers.md", "consumers/python.md", "consumers/cpp.md", "consumers/android.md")
JAVA = "app/src/main/java/com/example/reader"
PROGRAMS = {
    "consumers/python.md": {"read_line.py", "read_page.py"},
    "consumers/cpp.md": {"CMakeLists.txt", "reader.h", "read_line.cc", "read_page.cc"},
    "consumers/android.md": {
        *("settings.gradle", "build.gradle", "app/build.gradle", "app/src/main/AndroidManifest.xml"),
        *(f"{JAVA}/{name}.java" for name in ("MainActivity", "PageReader", "LineReader", "Model")),
        *(f"{JAVA}/{name}.kt" for name in ("MainActivity", "PageReader")),
    },
}


@pytest.mark.parametrize("page", PROGRAMS)
def test_every_program_is_named_so_that_it_is_tested(page: str) -> None:
    assert set(snippets(page)) == PROGRAMS[page]
    languages = re.findall(r"^```(\w+)$", (DOCS / page).read_text("utf-8"), re.MULTILINE)
    assert len(languages) == len(PROGRAMS[page])


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([\w./-]+\.md)", (DOCS / page).read_text("utf-8")):
        assert ((DOCS / page).parent / link).is_file(), link


@pytest.mark.parametrize("kind", [DetectionParameters, ClassificationParameters, RecognitionParameters])
def test_every_parameter_is_explained(kind: type) -> None:
    text = (DOCS / "consumers.md").read_text("utf-8")
    for field in dataclasses.fields(kind):
        assert f"`{field.name}`" in text, field.name


def test_numbers_that_no_manifest_has() -> None:
    """They stand in all programs."""
    from edge.ocr.ctc import BLANK
    from edge.ocr.detect import SIDE_MULTIPLE
    from edge.ocr.pipeline import MIN_SCORE

    assert (BLANK, SIDE_MULTIPLE, MIN_SCORE) == (0, 32, 0.5)
