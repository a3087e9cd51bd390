"""The demo: from published models to text, latencies and bundles to take away; quicker a second time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image

from edge.bundle.bundle import Bundle, load_bundle
from tests.e2e.command import run_command

pytestmark = pytest.mark.embedded
MODELS = ("ch_PP-OCRv4_det", "ch_PP-OCRv4_rec", "ch_ppocr_mobile_v2.0_cls")


def times(folder: Path) -> dict[str, int]:
    """When each model of a folder of bundles was written."""
    return {path.parent.name: path.stat().st_mtime_ns for path in folder.glob("*/model.nb")}


@pytest.mark.timeout(900)  # what it needs is made in it, and two commands may take 300 s each
def test_a_page_of_its_own_then_a_picture_of_mine(
    default_bundles: Mapping[str, Bundle], picture: Path, tmp_path: Path
) -> None:
    """Bundles that are there and whole are kept: those for x86 at first, all of them the second time."""
    bundles = tmp_path / "out" / "bundles"
    for bundle in default_bundles.values():
        shutil.copytree(bundle.folder, bundles / bundle.folder.name)
    damaged = bundles / "ch_ppocr_mobile_v2.0_cls-x86" / "model.nb"
    damaged.write_bytes(b"damaged")
    before = times(bundles)

    first = run_command("demo", "-o", "out", cwd=tmp_path, limit=300)
    assert (first.code, first.err) == (0, "")
    after = times(bundles)
    assert set(after) == {f"{name}-{target}" for name in MODELS for target in ("x86", "arm")}
    kept = {name for name in before if after[name] == before[name]}
    assert kept == {"ch_PP-OCRv4_det-x86", "ch_PP-OCRv4_rec-x86"}, "the damaged one is made again"
    for folder in bundles.iterdir():
        assert load_bundle(folder).manifest.target == folder.name.rpartition("-")[2]
    assert "of" in first.out
    assert "lines without a mistake" in first.out
    assert first.out.count(" ms") >= 15, "a table of latencies"
    assert "proves the pipeline, is not the latency of a phone" in first.out
    with (
        Image.open(tmp_path / "out" / "page.png") as page,
        Image.open(tmp_path / "out" / "result.png") as drawn,
    ):
        assert drawn.width > page.width
    written = json.loads((tmp_path / "out" / "result.json").read_text())
    assert len(written["lines"]) > 10

    second = run_command("demo", picture, "-o", "out", cwd=tmp_path, limit=300)
    assert (second.code, second.err) == (0, "")
    assert times(bundles) == after
    assert "Hello 2026" in second.out
    assert [line["text"] for line in json.loads((tmp_path / "out" / "result.json").read_text())["lines"]] == [
        "Hello 2026"
    ]
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["bundles", "page.png", "result.json", "result.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
    assert not any(path.name.startswith(".") for path in bundles.rglob("*"))
