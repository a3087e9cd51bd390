"""Scales, thinning and labels: what charts are made of."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.environment import Reading
from deploy_tools.measurement.series import Series
from deploy_tools.report.charts.axis import axis, time_axis
from deploy_tools.report.charts.heat_map import STEPS, shade
from deploy_tools.report.charts.marks import dots, line
from deploy_tools.report.charts.over_time import over_time
from deploy_tools.report.charts.plot import spread
from deploy_tools.report.charts.throttling import throttling
from deploy_tools.report.figures import series_figures
from deploy_tools.report.material import Material, counting
from deploy_tools.report.numbers import between, quantity, share, significant
from deploy_tools.report.page import report_page
from deploy_tools.report.thin import spans, spread_out
from deploy_tools.results.record import RunRecord
from tests.deploy_tools.report.made_runs import DET, PI, latency, run, samples, sustained


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0, 10, ["0", "5", "10"]),
        (0.2, 0.9, ["0.2", "0.4", "0.6", "0.8"]),
        (11.9, 12.3, ["11.9", "12.0", "12.1", "12.2", "12.3"]),
        (86, 94.4, ["86", "88", "90", "92", "94"]),
        (0, 1_234_567, ["0", "500,000", "1,000,000"]),
        (7.0, 7.0, ["6.8", "7.0", "7.2"]),
        (0, 0, ["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
    ],
)
def test_axes_have_round_values(low: float, high: float, marks: list[str]) -> None:
    assert [text for _, text in axis(low, high, "x").marks] == marks


@pytest.mark.parametrize("seed", range(3))
def test_every_axis_has_two_values_inside(seed: int) -> None:
    dice = np.random.default_rng(seed)
    for _ in range(300):
        low = float(dice.normal() * 10 ** dice.uniform(-6, 7))
        made = axis(
            low, low + abs(low) * 1e-3 + float(10 ** dice.uniform(-7, 7)), "x", count=int(dice.integers(1, 7))
        )
        assert 2 <= len(made.marks) <= 15
        places = [(value - made.low) / (made.high - made.low) for value, _ in made.marks]
        assert all(-1e-6 <= place <= 1 + 1e-6 for place in places)
        assert len({text for _, text in made.marks}) == len(made.marks)


def test_long_times_are_labelled_in_seconds() -> None:
    made = time_axis(0.0, 20_000.0, "time")
    assert made.name == "time, s"
    assert made.marks[1] == (5000.0, "5")
    assert time_axis(0.0, 900.0, "time").name == "time, ms"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0 ms"),
        (4e-5, "4.0e-05 ms"),
        (0.1234, "0.123 ms"),
        (9.996, "10.0 ms"),
        (99.96, "100 ms"),
        (1234.4, "1,234 ms"),
        (16_180.0, "16.2 s"),
    ],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert quantity(value, "ms") == text


def test_intervals_that_are_not_known_are_not_invented() -> None:
    assert between(float("-inf"), float("inf"), "ms") == "too few samples for an interval"
    assert between(9.0, 12_000.0, "ms") == "0.009 … 12.0"
    assert significant(float("nan")) == "nan"


def test_some_is_never_none_nor_all() -> None:
    assert [share(part, 1000) for part in (0, 1, 500, 999, 1000)] == [
        "0 %",
        "< 1 %",
        "50 %",
        "> 99 %",
        "100 %",
    ]


def test_thinning_keeps_ends_extremes_and_medians() -> None:
    values = np.random.default_rng(0).exponential(size=10_007)
    at = np.arange(10_007.0)
    found = spans(at, values, 200)
    assert len(found.count) <= 200
    assert found.count.sum() == 10_007
    assert (found.begin[0], found.end[-1]) == (0.0, 10_006.0)
    assert (found.least.min(), found.most.max()) == (values.min(), values.max())
    size = int(found.count[0])
    assert found.median[3] == np.median(values[3 * size : 4 * size])
    assert found.median[-1] == np.median(values[-int(found.count[-1]) :])
    middle = spans(at, values, 200, middle=0.8)
    assert middle.most[3] == pytest.approx(np.quantile(values[3 * size : 4 * size], 0.9))


def test_few_are_not_thinned() -> None:
    found = spans(np.arange(3.0), np.array([3.0, 1.0, 2.0]), 200)
    assert found.median.tolist() == [3.0, 1.0, 2.0]
    assert spread_out(3, 10).tolist() == [0, 1, 2]
    assert spread_out(100, 3).tolist() == [0, 50, 99]


def test_a_hundred_thousand_samples_are_few_elements_and_the_page_says_so() -> None:
    series = samples(20.0, 100_000, 1)
    drawn = over_time(series, series_figures(series), "a case", most=240)
    assert len(drawn) < 20_000
    assert len(re.findall("<path", drawn)) < 12
    assert re.search(r"100,000 samples drawn as \d+ spans", drawn)


def test_every_one_of_few_samples_is_drawn() -> None:
    series = samples(20.0, 300, 1)
    drawn = over_time(series, series_figures(series), "a case", most=240)
    flagged = int((series.flags > 0).sum())
    assert len(re.findall(r"h\.1", drawn)) == 300 + flagged  # a ring is two dots


def test_shades_are_equal_ratios() -> None:
    assert [shade(value, (1.0, 2.0**STEPS)) for value in (1.0, 1.9, 2.1, 60.0, 2.0**STEPS)] == [0, 0, 1, 5, 6]
    assert shade(5.0, (5.0, 5.0)) == 0


def test_labels_are_spread_within_the_plot() -> None:
    found = spread(((0.99, "c"), (0.98, "b"), (0.1, "a"), (1.0, "d")), 0.1)
    assert [name for _, name in found] == ["a", "b", "c", "d"]
    places = [place for place, _ in found]
    assert places == pytest.approx([0.1, 0.8, 0.9, 1.0])


def test_places_are_shares_from_the_lower_left() -> None:
    x, y = np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.25, 1.0])
    assert 'd="M0 1000h.1M500 750h.1M1000 0h.1"' in dots(x, y, "ok")
    assert 'd="M0 1000l500 -250l500 -750"' in line(x, y, "main")
    assert dots(np.empty(0), np.empty(0), "ok") == ""


def test_a_device_that_tells_nothing_has_its_times_alone() -> None:
    drawn = throttling(samples(20.0, 50, 1), (), "a case", most=100)
    assert drawn.count("<svg") == 1


def test_zones_that_stop_telling_break_nothing() -> None:
    nan = float("nan")
    told = (
        Reading(0.0, {"cpu": 40.0, "broken": nan}, {0: 1_000_000}),
        Reading(0.5, {"cpu": nan}, {}),
        Reading(1.0, {}, {0: 900_000, 3: 1_200_000}),
    )
    drawn = throttling(samples(20.0, 50, 1), told, "a case", most=100)
    assert drawn.count("<svg") == 3
    assert "broken" not in drawn
    assert "nan" not in drawn


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.partition("</style>")[2].partition("<script>")[0].lower()))


@pytest.mark.parametrize("count", [1, 2, 5])
def test_few_samples_are_a_report_too(count: int) -> None:
    case = Case("latency", DET)
    one = latency(PI, case, 10.0, 1, count=count)
    plain = Series("run", one.series["run"].values)  # neither moments nor flags
    found = (replace(one, series={"run": plain}), sustained(PI, 2, count=count))
    text = report_page(Material([RunRecord(run(1), None, found), RunRecord(run(2), None, found)]))
    assert "too few samples" in text
    assert "nan" not in _words(text)


def test_samples_that_are_no_numbers_are_left_out() -> None:
    one = latency(PI, Case("latency", DET), 10.0, 1, count=30)
    values = one.series["run"].values.copy()
    values[[3, 7]] = [float("nan"), float("inf")]
    broken = replace(one, series={"run": replace(one.series["run"], values=values)})
    text = report_page(Material([RunRecord(run(1), None, (broken,))]))
    assert "28 samples" in text
    assert "nan" not in _words(text)


def test_equal_and_zero_times_are_drawn() -> None:
    one = latency(PI, Case("latency", DET), 10.0, 1, count=30)
    for value in (0.0, 5.0):
        flat = replace(one, series={"run": Series("run", np.full(30, value))})
        assert f"<b>{quantity(value, 'ms')}</b>" in report_page(Material([RunRecord(run(1), None, (flat,))]))


def test_names_are_sorted_as_people_count() -> None:
    names = ["board 10", "board 2", "board", "2 boards", "board 2b"]
    assert sorted(names, key=counting) == ["2 boards", "board", "board 2", "board 2b", "board 10"]
