"""``ppocr-edge report``: finding runs, and ending well or in one line."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from deploy_tools.cli.main import main
from deploy_tools.comparison.quantile import quantile_interval
from deploy_tools.results.export_file import write_export
from deploy_tools.results.opening import open_results
from edge.bundle.bundle import Bundle
from tests.deploy_tools.cli.command_run import CommandRun
from tests.deploy_tools.report.made_runs import everything, run


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> CommandRun:
    """``ppocr-edge report``."""
    return CommandRun(capsys, "report")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with runs of every scenario, all of which have the tag ``main``."""
    path = tmp_path / "results.sqlite"
    monkeypatch.setenv("PPOCR_EDGE_RESULTS", str(path))
    with open_results(path) as results:
        for record in everything():
            results.import_run(record)
    return path


def shown(page: Path) -> list[str]:
    """Ids of the runs in the page, oldest first."""
    runs = page.read_text(encoding="utf-8").partition('<section id="runs"')[2]
    return re.findall(r'data-key="([0-9a-f]{12})"', runs)[::-1]


def ids(*numbers: int) -> list[str]:
    return [run(number).id for number in numbers]


def test_runs_are_found_as_the_store_finds_them(report: CommandRun, store: Path, tmp_path: Path) -> None:
    page = tmp_path / "deep" / "report.html"
    for words, expected in (
        ([], ids(9)),
        (["last"], ids(9)),
        (["main"], ids(9)),
        ([run(2).id, run(7).id], ids(2, 7)),
        (["--last", "3"], ids(7, 8, 9)),
        (["--tag", "main"], ids(*range(10))),
        (["--tag", "main", "--last", "2"], ids(8, 9)),
        ([run(0).id, "--tag", "main", "--last", "1"], ids(0, 9)),
    ):
        assert report(*words, "-o", str(page)) == ""
        assert shown(page) == expected
        assert f"wrote {page}" in report.err
    assert list(page.parent.iterdir()) == [page]


def test_a_title_and_the_tag_stand_on_the_page(report: CommandRun, store: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    report("--tag", "main", "-o", str(page))
    assert "<title>Benchmarks: main</title>" in page.read_text(encoding="utf-8")
    report("--title", "A <b> & c", "-o", str(page))
    assert "<title>A &lt;b&gt; &amp; c</title>" in page.read_text(encoding="utf-8")


def test_exported_files_need_no_store(
    report: CommandRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PPOCR_EDGE_RESULTS", str(tmp_path / "none.sqlite"))
    records = everything()
    write_export("-o", tmp_path / "one.json", records[:2])
    write_export("-o", tmp_path / "two.json.gz", records[6:])
    page = tmp_path / "report.html"
    report(str(tmp_path / "one.json"), str(tmp_path / "two.json.gz"), "-o", str(page))
    assert shown(page) == ids(0, 1, 6, 7, 8, 9)
    assert not (tmp_path / "none.sqlite").exists()


def test_mistakes_end_in_one_line(report: CommandRun, store: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    export = tmp_path / "run.json"
    write_export("-o", export, everything()[:1])
    empty = tmp_path / "empty.sqlite"
    open_results(empty).close()
    with open_results(store) as results:
        results.begin(run(11, tags=("bare",)))
    for words, message in (
        (["nothing"], "has no run 'nothing'"),
        (["--tag", "nothing"], "holds no run with the tag 'nothing'"),
        (["--results", str(empty)], "holds no runs"),
        (["--results", str(tmp_path / "none.sqlite")], "none.sqlite"),
        (["bare"], "^ppocr-edge: bare: measured nothing"),
        ([str(tmp_path / "none.json")], "none.json: cannot be read"),
        (["last", "--last", "2"], "--last 2: does not go with runs"),
        (["--bundles", str(tmp_path / "none")], "--bundles .*none: is not a folder"),
    ):
        assert report(*words, "-o", str(page), code=2) == ""
        assert re.search(message, report.err), report.err
        assert report.err.count("\n") == 1
    for target, message in (
        (tmp_path / "report.pdf", "end it in .html"),
        (export, "end it in .html"),
        (tmp_path / "run.json" / "report.html", "cannot be written"),
    ):
        report("main", "-o", str(target), code=2)
        assert message in report.err
    report(str(page), "-o", str(page), code=2)
    assert f"-o {page}: would replace the file of results {page}; choose another place" in report.err
    assert not page.exists()
    assert json.loads(export.read_text(encoding="utf-8"))["runs"]


def test_a_page_that_cannot_be_written_leaves_the_old_one(
    report: CommandRun, store: Path, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    page.mkdir()
    (page / "kept").touch()
    report("last", "-o", str(page), code=2)
    assert list(tmp_path.glob(".*")) == []
    assert (page / "kept").exists()


@pytest.mark.embedded
def test_what_bench_measured_here_is_a_report(
    report: CommandRun,
    default_bundles: Mapping[str, Bundle],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["bench", str(default_bundles["cls"].folder), "--repeats", "30", "--json"]
    assert main(words) == 0
    printed = capsys.readouterr().out
    (tmp_path / "bench.json").write_text(printed, encoding="utf-8")
    page = tmp_path / "report.html"
    report(str(tmp_path / "bench.json"), "-o", str(page))
    text = page.read_text(encoding="utf-8")
    assert "30 samples" in text
    assert re.search(rf"wrote {re.escape(str(page))}: 1 run, 1 case, [0-9.]+ kB$", report.err, re.M)
    [measured] = json.loads(printed)
    found = re.search(r"<b>([\d.]+) ms</b> <span class=\"interval\">([^<]+)</span>", text)
    assert found is not None
    assert float(found[1]) == pytest.approx(measured["p50_ms"], rel=0.01)
    _, low, high = quantile_interval(np.array(measured["samples_ms"]))
    if math.isfinite(low) and math.isfinite(high):
        shown_low, shown_high = map(float, found[2].split(" … "))
        assert (shown_low, shown_high) == pytest.approx((low, high), rel=0.01)
        assert shown_low <= float(found[1]) <= shown_high
    else:  # thirty samples of a host that changed its pace among them are hardly more than one
        assert found[2] == "too few samples for an interval"
    assert text.count("<svg") == 2
