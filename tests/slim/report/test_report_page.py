from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from slim.report import write_report
from tests.chromium import Chromium, chromium, needs_chromium
from tests.html_tags import tags
from tests.slim.report.findings import HOSTILE, findings_of

TASKS = ["det", "cls", "rec"]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the report of every task."""
    folder = tmp_path_factory.mktemp("reports")
    for task in TASKS:
        work = tmp_path_factory.mktemp(task)
        (folder / task).mkdir()
        findings, manifest = findings_of(work, task)
        write_report(findings, manifest, folder / task, lambda *_: None)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """One browser for all tests: it needs seconds to start."""
    with chromium() as one:
        yield one


@pytest.mark.parametrize("task", TASKS)
def test_the_page_needs_nothing_beside_it_and_runs_nothing(task: str, reports: Path) -> None:
    found = tags(reports / task / "report.html")
    assert found.open == []
    names = {name for name, _ in found.found}
    assert names & {"script", "link", "iframe", "object", "form"} == set()
    addresses = [
        value or ""
        for _, attributes in found.found
        for key, value in attributes.items()
        if key in ("src", "href", "srcset", "action")
    ]
    assert addresses
    assert all(address.startswith("data:image/jpeg;base64,") for address in addresses)
    assert not any(key.startswith("on") for _, attributes in found.found for key in attributes)


@pytest.mark.parametrize("task", TASKS)
def test_what_others_wrote_is_text(task: str, reports: Path) -> None:
    text = (reports / task / "report.html").read_text(encoding="utf-8")
    assert HOSTILE not in text
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in text


def test_figures_stand_in_the_page(reports: Path) -> None:
    text = (reports / "det" / "report.html").read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>", " ", text)
    # of 8 pages: 8 boxes right, 3 too many, none missed: 2 · 8 / (11 + 8)
    assert "84.21 %" in text
    assert "8 boxes of both models, 4 only of the model before, 3 only of the small one" in text
    assert "6 of 8 photographs differ" in text
    assert "1.23 MB" in text
    assert "25 % of 4.86 MB" in text
    assert "55 % of 11.0 ms" in text


def test_readings_that_changed_are_shown_worst_first(reports: Path) -> None:
    text = (reports / "rec" / "report.html").read_text(encoding="utf-8")
    assert "4 of 5 lines are read otherwise. 1 of them better than before." in text
    places = [text.index(f'alt="line line {number}.png"') for number in (3, 4, 1, 2)]
    assert places == sorted(places)
    assert '<dt>now</dt><dd>Harb<span class="wrong">0</span>ur</dd>' in text
    assert "<dt>before</dt><dd>Harbour</dd>" in text
    assert "<dt>now</dt><dd>∅</dd>" in text
    assert "line 0.png" not in text


def test_decisions_that_changed_are_shown(reports: Path) -> None:
    text = (reports / "cls" / "report.html").read_text(encoding="utf-8")
    assert "2 of 6 judgements (each line upright and turned) changed, 1 for the worse." in text


def test_the_values_are_those_of_the_manifest_with_times(reports: Path) -> None:
    values = json.loads((reports / "det" / "report.json").read_text(encoding="utf-8"))
    assert values["latency"]["median_ms"] == {"0": 11.0, "1": 6.0}
    assert values["seconds"] == {"1": 75.0}
    assert values["steps"][1]["cost"] == {
        "parameters": 440_661,
        "macs": 1_911_000_000,
        "bytes": 1_231_000,
        "nb_bytes": 1_230_000,
    }


@needs_chromium
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_screen(task: str, width: int, reports: Path, browser: Chromium) -> None:
    browser.open(reports / task / "report.html", width=width)
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run("document.images.length") > 0
    assert browser.run("[...document.images].every((one) => one.naturalWidth)")


@needs_chromium
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_is_dark_where_the_reader_likes_it(
    dark: bool, reports: Path, browser: Chromium, tmp_path: Path
) -> None:
    browser.open(reports / "det" / "report.html", width=390, dark=dark)
    browser.screenshot(tmp_path / "shot.png")
    with Image.open(tmp_path / "shot.png") as shot:
        ground = shot.convert("L").getpixel((3, 840))
        inks = shot.convert("L").getextrema()
    assert isinstance(ground, int)
    assert (ground < 60) is dark
    # text stands out from the ground
    assert inks[1] - inks[0] > 150
