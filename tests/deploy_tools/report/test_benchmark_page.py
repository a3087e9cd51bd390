"""The page in a real browser: what it draws, how it fits, what keys do, that nothing from outside runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from deploy_tools.report.material import Material
from deploy_tools.report.page import report_page
from tests.chromium import Chromium, chromium, needs_chromium
from tests.deploy_tools.report.made_models import made_models
from tests.deploy_tools.report.made_runs import HOSTILE, everything, hostile
from tests.html_tags import tags

SECTIONS = [
    "summary",
    "failures",
    "matrix",
    "trade-off",
    "sweeps",
    "sustained",
    "history",
    "parity",
    "pictures",
    "distributions",
    "devices",
    "runs",
]
OPEN_ALL = "document.querySelectorAll('details').forEach((one) => (one.open = true))"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``everything.html`` and ``hostile.html``."""
    folder = tmp_path_factory.mktemp("pages")
    for name, runs in (("everything", everything()), ("hostile", hostile())):
        material = Material(runs, tag="main" if name == "everything" else HOSTILE, models=made_models())
        (folder / f"{name}.html").write_text(report_page(material), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """One browser for all tests: it needs seconds to start."""
    with chromium() as one:
        yield one


@pytest.mark.parametrize("name", ["everything", "hostile"])
def test_the_page_is_whole_and_needs_nothing_beside_it(name: str, pages: Path) -> None:
    found = tags(pages / f"{name}.html")
    assert found.open == []
    addresses = [
        value or "" for _, one in found.found for key, value in one.items() if key in ("src", "href")
    ]
    assert addresses
    assert all(one.startswith(("data:image/jpeg;base64,", "#")) for one in addresses)
    assert not any(key.startswith("on") for _, one in found.found for key in one)
    assert [tag for tag, _ in found.found].count("script") == 1
    ids = [one["id"] for _, one in found.found if "id" in one]
    assert len(ids) == len(set(ids))
    # every link inside leads somewhere
    assert {one[1:] for one in addresses if one.startswith("#")} <= set(ids)


def test_every_part_is_there_and_named(pages: Path) -> None:
    found = tags(pages / "everything.html")
    assert [one["id"] for tag, one in found.found if tag == "section"] == SECTIONS


def test_parts_without_data_are_left_out() -> None:
    text = report_page(Material(everything()[:1]))
    shown = re.findall(r'<section id="([\w-]+)"', text)
    assert shown == ["summary", "matrix", "distributions", "devices", "runs"]


def test_what_others_wrote_is_text(pages: Path) -> None:
    text = (pages / "hostile.html").read_text(encoding="utf-8")
    assert HOSTILE not in text
    assert "<img src=x" not in text
    assert text.count("<script>") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in text
    # device, environment, conditions, names of series and zones, error, verdict, text, tag, command
    assert text.count("&lt;script&gt;alert(1)") > 100


@needs_chromium
def test_nothing_that_others_wrote_runs(pages: Path, browser: Chromium) -> None:
    browser.open(pages / "hostile.html")
    browser.run(OPEN_ALL)
    assert browser.said == []
    assert browser.run("[...document.images].every((one) => one.src.startsWith('data:image/jpeg'))")
    assert browser.run("document.querySelectorAll('script').length") == 1


@needs_chromium
@pytest.mark.parametrize("name", ["everything", "hostile"])
@pytest.mark.parametrize("width", [390, 1400])
def test_it_fits_and_is_drawn_without_complaint(
    name: str, width: int, pages: Path, browser: Chromium
) -> None:
    path = pages / f"{name}.html"
    browser.open(path, width=width)
    browser.run(OPEN_ALL)
    assert browser.said == []
    assert [one for one in browser.fetched if not one.startswith("data:")] == [path.as_uri()]
    assert browser.run("document.documentElement.scrollWidth") == width
    # every chart has room and something in it, besides its grid
    charts = browser.run(
        "[...document.querySelectorAll('svg')].map((one) => { const box = one.getBoundingClientRect();"
        "const marks = [...one.querySelectorAll('path:not(.grid), rect')].filter((mark) => "
        "{ const size = mark.getBBox(); return size.width + size.height > 0; });"
        "return [box.width, box.height, marks.length, one.getAttribute('aria-label').length]; })"
    )
    assert len(charts) > 10
    assert all(wide > 100 and high > 20 and marks and named > 20 for wide, high, marks, named in charts)
    assert browser.run("[...document.images].every((one) => one.complete && one.naturalWidth > 100)")


@needs_chromium
def test_words_stay_inside_their_charts(pages: Path, browser: Chromium) -> None:
    browser.open(pages / "everything.html", width=390)
    browser.run(OPEN_ALL)
    outside = browser.run(
        "[...document.querySelectorAll('.word, .beside span, .x-marks span, .y-marks span')].filter((one) => "
        "{ const box = one.getBoundingClientRect();"
        "const panel = one.closest('.panel').getBoundingClientRect();"
        "return box.left < panel.left || box.right > panel.right; }).map((one) => one.textContent)"
    )
    assert outside == []


@needs_chromium
@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_by_day_and_by_night(
    dark: bool, pages: Path, browser: Chromium, tmp_path: Path
) -> None:
    browser.open(pages / "everything.html", width=390, dark=dark)
    browser.screenshot(tmp_path / "shot.png")
    with Image.open(tmp_path / "shot.png") as shot:
        ground = shot.convert("L").getpixel((3, 840))
    assert isinstance(ground, int)
    assert (ground < 60) is dark
    # by the rules of WCAG 2.2 for text, and for what is drawn
    assert browser.run(POOR_CONTRAST) == []
    for name in COLOURS:
        assert _contrast(*(browser.run(COLOUR.format(one)) for one in (name, "panel"))) >= 3, name


COLOURS = ["ok", "disturbed", "throttled", "accent", "ink-soft"]
COLOURS += [f"track-{number}" for number in range(4)] + [f"stage-{number}" for number in range(5)]
COLOUR = "getComputedStyle(document.documentElement).getPropertyValue('--{}').trim()"


def _contrast(one: str, other: str) -> float:
    light = sorted(map(_light, (one, other)))
    return (light[1] + 0.05) / (light[0] + 0.05)


def _light(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


POOR_CONTRAST = """(() => {
  document.querySelectorAll("details").forEach((one) => (one.open = true));
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const parts = (text) => [...text.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
  const over = (top, under) => [0, 1, 2].map((n) => top[n] * top[3] + under[n] * (1 - top[3]));
  const ground = (one) => {
    if (!one) return [255, 255, 255];
    const own = parts(getComputedStyle(one).backgroundColor);
    return own[3] === 1 ? own : over(own, ground(one.parentElement));
  };
  const poor = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || one.closest("script")) continue;
    if (!one.getClientRects().length) continue;
    const style = getComputedStyle(one), under = ground(one);
    const [a, b] = [light(over(parts(style.color), under)), light(under)].sort((x, y) => y - x);
    const name = `${one.className || one.tagName}: ${style.color} on ${under}`;
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.add(name);
  }
  return [...poor];
})()"""


@needs_chromium
def test_a_figure_leads_to_its_samples(pages: Path, browser: Chromium) -> None:
    browser.open(pages / "everything.html")
    browser.run("document.querySelectorAll('details.block').forEach((one) => (one.open = false))")
    target = browser.run(
        "(() => { const links = [...document.querySelectorAll('#matrix td a')]; const link = links.at(-1);"
        "link.focus(); return link.hash.slice(1); })()"
    )
    browser.press("Enter")
    browser.wait(f"document.getElementById('{target}').open")
    assert browser.run("document.activeElement.tagName") == "SUMMARY"
    assert browser.run(f"document.activeElement.parentElement.id === '{target}'")
    assert abs(browser.run("document.activeElement.getBoundingClientRect().top")) < 60


@needs_chromium
def test_an_address_of_a_case_opens_it(pages: Path, browser: Chromium) -> None:
    text = (pages / "everything.html").read_text(encoding="utf-8")
    closed = re.findall(r'<details class="block panel" id="([\w-]+)">', text)
    assert closed
    browser.open(pages / "everything.html", anchor=f"#{closed[-1]}")
    browser.wait(f"document.getElementById('{closed[-1]}').open")


@needs_chromium
def test_the_first_key_skips_to_the_results(pages: Path, browser: Chromium) -> None:
    browser.open(pages / "everything.html")
    browser.press("Tab")
    assert browser.run("document.activeElement.className") == "skip"
    box = browser.run("(({left, top}) => [left, top])(document.activeElement.getBoundingClientRect())")
    assert box[0] >= 0
    assert box[1] >= 0
    browser.press("Enter")
    browser.press("Tab")
    assert browser.run("document.activeElement.closest('main') !== null")


@needs_chromium
def test_focus_is_seen_wherever_it_is(pages: Path, browser: Chromium) -> None:
    browser.open(pages / "everything.html", width=390)
    seen = set()
    for _ in range(30):
        browser.press("Tab")
        name, outline = browser.run(
            "[document.activeElement.tagName, getComputedStyle(document.activeElement).outlineWidth]"
        )
        seen.add(name)
        assert outline == "3px", name
    assert {"A", "BUTTON"} <= seen


@needs_chromium
@pytest.mark.parametrize("width", [390, 1400])
def test_tables_are_sorted_by_keyboard(width: int, pages: Path, browser: Chromium) -> None:
    browser.open(pages / "everything.html", width=width)
    column = "[...document.querySelectorAll('.matrix tbody tr')].map((row) => row.cells[2].dataset.key)"
    before = browser.run(column)
    browser.run("document.querySelectorAll('.matrix th button')[2].focus()")
    browser.press("Enter")
    rising = browser.run(column)
    assert browser.run("document.activeElement.parentElement.ariaSort") == "ascending"
    browser.press(" ")
    falling = browser.run(column)
    assert browser.run("document.activeElement.parentElement.ariaSort") == "descending"
    numbers = sorted(float(one) for one in before if one)
    assert [float(one) for one in rising if one] == numbers
    assert [float(one) for one in falling if one] == numbers[::-1]
    # what failed comes last, whichever way
    assert rising[-1] == falling[-1] == ""
    assert len(before) == len(rising) == 5
    assert browser.run("document.querySelectorAll('.matrix th[aria-sort]').length") == 1


@needs_chromium
def test_without_scripts_nothing_is_missing(pages: Path, browser: Chromium, tmp_path: Path) -> None:
    text = (pages / "everything.html").read_text(encoding="utf-8")
    (tmp_path / "plain.html").write_text(re.sub(r"<script>.*</script>", "", text, flags=re.DOTALL))
    browser.open(tmp_path / "plain.html")
    assert browser.run("document.querySelectorAll('button').length") == 0
    assert browser.run("document.querySelectorAll('.matrix tbody tr').length") == 5
    assert browser.run("getComputedStyle(document.querySelector('.block[open] svg')).display") == "block"


def test_the_page_runs_no_script_but_its_own(pages: Path) -> None:
    text = (pages / "everything.html").read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert re.search(r"script-src 'sha256-[\w+/=]+';", policy[1])
    assert "'unsafe-inline'" in policy[1].partition("style-src")[2]
    assert "'unsafe-inline'" not in policy[1].partition("style-src")[0]


@needs_chromium
def test_a_script_put_into_the_page_is_refused(pages: Path, browser: Chromium, tmp_path: Path) -> None:
    text = (pages / "everything.html").read_text(encoding="utf-8")
    (tmp_path / "put.html").write_text(text.replace("<main", "<script>document.title = 'put'</script><main"))
    browser.open(tmp_path / "put.html")
    assert browser.run("document.title") != "put"
    assert any("Content Security Policy" in one for one in browser.said)
