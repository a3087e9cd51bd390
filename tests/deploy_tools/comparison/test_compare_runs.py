from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_measurements import made, steady

from deploy_tools.comparison.history import spread_of_runs
from deploy_tools.comparison.runs import Alone, compare_runs


def test_what_both_have_is_compared_and_the_rest_is_named() -> None:
    before = [made(steady(10, seed=1)), made(steady(5), "gone"), made(steady(7, seed=4), device="pixel")]
    after = [
        made(steady(12, seed=2), later=60),
        made(steady(5), "new"),
        made(steady(7, seed=5), device="pixel", later=60),
    ]
    spread = {("pixel", after[2].case.key): 0.005}
    found = compare_runs(before, after, names=("main", "pr"), spread=spread)
    assert [(case.device, case.case.subject, case.verdict) for case in found.cases] == [
        ("pi4", "ch_det", "slower"),
        ("pixel", "ch_det", "same"),
    ]
    assert [(one.case.split(" / ")[1], one.why) for one in found.alone] == [
        ("new", "only in pr"),
        ("gone", "only in main"),
    ]
    assert found.regressions == 1
    assert found.counts == {"slower": 1, "same": 1}


def test_the_same_case_on_another_device_is_another() -> None:
    found = compare_runs([made(steady(10))], [made(steady(10), device="pixel")])
    assert found.cases == ()
    assert [one.device for one in found.alone] == ["pixel", "pi4"]


def test_what_failed_is_named_with_the_reason() -> None:
    failed = replace(made([]), error="model too big")
    found = compare_runs([made(steady(10))], [failed], names=("main", "pr"))
    key = failed.case.key
    assert found.alone == (Alone("pi4", key, "pr failed: model too big"),)
    found = compare_runs([failed], [made([])], names=("main", "pr"))
    assert found.alone == (
        Alone("pi4", key, "main failed: model too big, pr has no samples of a steady state"),
    )


def test_pairs_compare_what_has_different_names() -> None:
    run = [
        made(steady(10, seed=1), "det"),
        made(steady(8, seed=2), "slim_det", precision="int8"),
        made(steady(3), "other"),
    ]
    found = compare_runs(run, run, pairs={"det": "slim_det", "fp32": "int8"})
    assert [case.name for case in found.cases] == [
        "latency / det → slim_det / fp32 → int8 / 1x3x640x640 / 1 thread"
    ]
    assert found.cases[0].verdict == "faster"
    assert found.cases[0].in_turn
    # the third has a precision of a pair, but nobody to be compared with
    assert [one.case.split(" / ")[1] for one in found.alone] == ["other"]


def test_a_pair_that_is_nowhere_compares_nothing() -> None:
    run = [made(steady(10))]
    found = compare_runs(run, run, pairs={"det": "slim"})
    assert (found.cases, found.alone) == ((), ())


def test_earlier_runs_tell_how_much_runs_differ() -> None:
    dice = np.random.default_rng(1)
    noise = np.exp(dice.normal(0, 0.03, 200))
    steps = np.where(np.arange(200) < 120, 10.0, 15.0)  # once it became another model
    points = [("pi4", "det", float(value)) for value in noise * steps]
    spread = spread_of_runs([*points, *[("pi4", "rec", 5.0)] * 5, ("pi4", "rec", None)])
    assert spread == {("pi4", "det"): pytest.approx(0.03, rel=0.25)}


def test_runs_that_differed_before_are_not_told_to_differ_now() -> None:
    before, after = made(steady(10, seed=1)), made(steady(10.6, seed=2), later=60)
    key = ("pi4", before.case.key)
    (alone,) = compare_runs([before], [after]).cases
    (known,) = compare_runs([before], [after], spread={key: 0.05}).cases
    (steadier,) = compare_runs([before], [after], spread={key: 0.001}).cases
    assert (alone.verdict, known.verdict, steadier.verdict) == ("unsure", "unsure", "slower")
    assert known.notes == ("earlier runs differed by 5.0 %, as a standard deviation",)
    assert alone.notes == steadier.notes == ()
    assert steadier.ratio.half_width < alone.ratio.half_width < known.ratio.half_width
    # however alike earlier runs were
    (same,) = compare_runs([before], [after], spread={key: 0.01}).cases
    assert steadier.ratio == same.ratio


def test_few_earlier_runs_know_less() -> None:
    few, many = ([("pi4", "det", 10.0 + number % 2) for number in range(count)] for count in (6, 60))
    of_few, of_many = (spread_of_runs(points)["pi4", "det"] for points in (few, many))
    assert of_few == pytest.approx(of_many * 2.571 / 2.001, rel=0.001)
