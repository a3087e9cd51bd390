"""Disturbed samples are drawn, and part of no figure."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from deploy_tools.comparison.case import compare_measurements
from deploy_tools.measurement.case import Case
from deploy_tools.measurement.series import DISTURBED, Series
from deploy_tools.report.charts.throttling import throttling
from deploy_tools.report.history import History
from deploy_tools.report.material import Material
from deploy_tools.report.page import report_page
from deploy_tools.report.taken import Taken
from deploy_tools.results.record import RunRecord
from tests.deploy_tools.report.made_runs import DET, PI, latency, run


def _spoilt(name: str, milliseconds: float, count: int, disturbed: slice) -> Series:
    """Samples of which some took nine times as long, and are known for it."""
    flags = np.zeros(count, np.uint8)
    flags[disturbed] = DISTURBED
    return Series(
        name,
        np.where(flags > 0, 9.0, 1.0) * milliseconds,
        at=np.arange(count) * milliseconds / 1000,
        flags=flags,
    )


def test_stages_are_of_undisturbed_samples() -> None:
    names = {"run": 100.0, "detect": 61.0, "recognize": 29.0, "network": 83.0}
    series = {name: _spoilt(name, ms, 30, slice(0, 18)) for name, ms in names.items()}
    one = replace(latency(PI, Case("ocr", DET), 100.0, 1, count=30), series=series)
    text = report_page(Material([RunRecord(run(1, "ocr"), None, (one,))]))
    stages = dict(
        re.findall(r"<tr><th[^>]*>(\w+)</th><td>([^<]+)</td>", text[text.index("Stages, median") :])
    )
    assert (stages["detect"], stages["recognize"]) == ("61.0 ms", "29.0 ms")
    assert "83.0 ms" in text
    assert "549 ms" not in text


def test_the_table_of_a_curve_is_of_undisturbed_samples() -> None:
    for count in (50, 4000):  # drawn one by one, and in spans
        drawn = throttling(_spoilt("run", 20.0, count, slice(0, count // 5)), (), "a case", most=100)
        table = drawn[drawn.index("<table") : drawn.index("</table>")]
        assert "20.0" in table
        assert "180" not in table


def test_runs_that_hardly_differ_make_a_history_that_tells_little_differences() -> None:
    case = Case("latency", DET)

    def taken(count: int, last: float) -> History:
        medians = [*[10.0] * (count - 1), last]
        return History(
            [
                Taken(run(number), latency(PI, case, median, number, day=number, count=100), "x")
                for number, median in enumerate(medians)
            ]
        )

    assert taken(6, 10.8).verdict == "slower"
    assert taken(5, 10.8).verdict == "unsure"
    known = taken(6, 10.0)
    assert known.verdict == "same"
    before, after = (one.measurement for one in known.taken[-2:])
    assert compare_measurements(before, after).verdict == "unsure"
