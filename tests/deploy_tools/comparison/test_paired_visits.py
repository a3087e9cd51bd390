"""Visits of two things measured in turn: found by when they were, and paired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from made_measurements import WHEN, made

from deploy_tools.comparison.case import compare_measurements
from deploy_tools.comparison.settings import CompareSettings
from deploy_tools.comparison.side import side_of
from deploy_tools.comparison.visits import in_turn, paired_visits
from deploy_tools.measurement.case import Case
from deploy_tools.measurement.environment import Environment
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.series import DISTURBED, Series

Values = npt.NDArray[np.float64]
A_B_B_A = "ABBA"


def taken(
    order: str, runs: int, times: dict[str, float], noise: Sequence[float] = (), flags: npt.ArrayLike = ()
) -> tuple[Measurement, Measurement]:
    """Two measurements whose visits came in this order, so many runs each, a second apart.

    Args:
        order: Of visits, by letters.
        runs: Of a visit.
        times: In ms, by letter.
        noise: By visit, what times are multiplied with.
        flags: Of the samples of B.
    """
    values: dict[str, list[float]] = {"A": [], "B": []}
    at: dict[str, list[float]] = {"A": [], "B": []}
    for number, letter in enumerate(order):
        for run in range(runs):
            at[letter].append(number + run * times[letter] / 1000)
            values[letter].append(times[letter] * (noise[number] if len(noise) else 1.0))
    made_of = []
    for letter in "AB":
        marks = np.asarray(flags if letter == "B" else (), np.uint8)
        series = Series("run", np.array(values[letter]), at=np.array(at[letter]), flags=marks)
        made_of.append(
            Measurement(
                Case("latency", letter, shape=(1, 3, 8, 8)), Environment("pi4"), WHEN, 9.0, {"run": series}
            )
        )
    return made_of[0], made_of[1]


def visits(pair: tuple[Measurement, Measurement]) -> Values:
    return paired_visits(*pair, (side_of(pair[0]), side_of(pair[1])))


@pytest.mark.parametrize(
    ("order", "runs", "pairs"),
    [
        ("ABBAABBA", 5, 4),
        ("ABBAABBA", 1, 4),
        ("BAABBA", 5, 3),
        ("ABABAB", 5, 5),  # a visit of five has a neighbour on both sides: two of its runs, and three
        ("ABABAB", 1, 3),
        ("AAABBB", 5, 1),
        ("ABB", 5, 1),
    ],
)
def test_neighbours_are_paired(order: str, runs: int, pairs: int) -> None:
    found = visits(taken(order, runs, {"A": 10.0, "B": 11.0}))
    assert found == pytest.approx([np.log(1.1)] * pairs)


def test_what_happens_to_both_is_not_seen() -> None:
    dice = np.random.default_rng(1)
    noise = np.repeat(np.exp(dice.normal(0, 0.2, 12)), 2)  # the device is another one for each pair
    pair = taken(A_B_B_A * 6, 5, {"A": 10.0, "B": 10.5}, noise.tolist())
    assert visits(pair) == pytest.approx([np.log(1.05)] * 12)
    found = compare_measurements(*pair)
    assert (found.verdict, found.ratio.pairs, found.in_turn) == ("slower", 12, True)
    assert found.ratio.ratio == pytest.approx(1.05)
    swapped = compare_measurements(pair[1], pair[0])
    assert swapped.ratio.ratio == pytest.approx(1 / 1.05)
    assert (swapped.ratio.low, swapped.ratio.high) == pytest.approx(
        (1 / found.ratio.high, 1 / found.ratio.low)
    )


def test_flagged_samples_are_in_no_visit_and_visits_of_few_others_in_no_pair() -> None:
    flags = np.zeros(30, np.uint8)
    flags[:5] = DISTURBED  # all of the first visit, three and two of the next ones
    flags[5:8] = flags[10:12] = DISTURBED
    before, after = taken(A_B_B_A * 3, 5, {"A": 10.0, "B": 11.0}, flags=flags)
    spoilt = Series(
        "run",
        np.where(flags > 0, 100.0, after.series["run"].values),
        at=after.series["run"].at,
        flags=flags,
    )
    after = Measurement(after.case, after.environment, after.started, after.seconds, {"run": spoilt})
    assert visits((before, after)) == pytest.approx([np.log(1.1)] * 4)


def test_few_visits_are_not_paired() -> None:
    times = {"A": 10.0, "B": 11.0}
    few, enough = (compare_measurements(*taken(A_B_B_A * number, 5, times)) for number in (3, 4))
    assert (few.in_turn, few.ratio.pairs) == (True, 0)
    assert enough.ratio.pairs == 8


def test_visits_too_few_for_the_confidence_leave_it_to_all_samples() -> None:
    dice = np.random.default_rng(0)
    made_of = []
    for one in taken(A_B_B_A * 4, 7, {"A": 10.0, "B": 11.5}):
        run = one.series["run"]
        noisy = replace(run, values=run.values * np.exp(dice.normal(0, 0.01, len(run))))
        made_of.append(replace(one, series={"run": noisy}))
    pair = (made_of[0], made_of[1])
    sure, surer = (compare_measurements(*pair, CompareSettings(confidence=level)) for level in (0.95, 0.99))
    assert (sure.verdict, sure.ratio.pairs) == ("slower", 8)
    assert (surer.verdict, surer.ratio.pairs, surer.notes) == ("slower", 0, ())


def test_thousands_of_visits_are_taken_together() -> None:
    dice = np.random.default_rng(2)
    times = [10 * np.exp(dice.normal(0, 0.01, 30_000)) for _ in range(2)]
    before, after = made(times[0]), made(1.02 * times[1], later=0.005)
    assert in_turn(before, after)
    found = visits((before, after))
    assert 500 <= len(found) <= 1000
    assert np.median(found) == pytest.approx(np.log(1.02), abs=0.001)
