from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_measurements import made, steady

from deploy_tools.comparison.case import compare_measurements, why_not
from deploy_tools.comparison.environments import differences
from deploy_tools.comparison.settings import CompareSettings
from deploy_tools.comparison.words import verdict
from deploy_tools.measurement.environment import Environment
from deploy_tools.measurement.series import DISTURBED, THROTTLED, Series


def test_a_slower_case_is_a_regression_beyond_the_threshold_only() -> None:
    before, after = made(steady(10, seed=1)), made(steady(10.6, seed=2), later=60)
    found = compare_measurements(before, after, spread=0.01)
    assert (found.verdict, found.regression) == ("slower", True)
    assert found.ratio.low < 1.06 < found.ratio.high
    found = compare_measurements(before, after, CompareSettings(threshold=0.1), spread=0.01)
    assert (found.verdict, found.regression) == ("slower", False)


def test_a_faster_and_a_like_case() -> None:
    before = made(steady(10, seed=1))
    assert compare_measurements(before, made(steady(9, seed=2), later=60), spread=0.01).verdict == "faster"
    like = compare_measurements(before, made(steady(10, seed=2), later=60), spread=0.01)
    assert (like.verdict, like.regression, like.needed) == ("same", False, None)


def test_flagged_samples_are_left_out() -> None:
    times = steady(10, seed=1)
    flags = np.zeros(60, np.uint8)
    flags[::4] = DISTURBED
    spoilt = np.where(flags > 0, 3 * times, times)
    found = compare_measurements(made(times), made(spoilt, flags=flags, later=0.01))
    assert found.verdict == "same"
    assert (len(found.after.samples), found.after.left_out) == (45, 15)
    assert found.notes == ()


def test_on_a_busy_device_only_large_differences_are_told_from_runs_one_after_the_other() -> None:
    flags = np.zeros(60, np.uint8)
    flags[::4] = DISTURBED
    before, slow, twice = (
        made(steady(time, seed=time), flags=flags, later=later)
        for time, later in ((10, 0), (11, 60), (20, 60))
    )
    found = compare_measurements(before, slow)
    assert (found.verdict, found.needed) == ("unsure", None)
    assert found.notes[-1].startswith("others used the device")
    assert compare_measurements(before, twice).verdict == "slower"
    in_turn = compare_measurements(before, made(steady(11, seed=11), flags=flags, later=0.01))
    assert (in_turn.verdict, in_turn.notes) == ("slower", ())


def test_disturbed_samples_alone_tell_nothing() -> None:
    flags = np.full(60, DISTURBED, np.uint8)
    flags[:5] = 0
    found = compare_measurements(made(steady(10, seed=1)), made(steady(30, seed=2), flags=flags))
    assert (len(found.after.samples), found.after.left_out) == (60, 0)
    assert (found.verdict, found.needed) == ("unsure", None)
    assert found.notes == ("after: others used the device for 55 of 60 samples: they tell nothing",)


def test_throttled_samples_are_left_out_where_there_are_others() -> None:
    flags = np.zeros(60, np.uint8)
    flags[40:] = THROTTLED
    hot = np.where(flags > 0, 1.5, 1) * steady(10, seed=1)
    found = compare_measurements(made(hot, flags=flags), made(steady(10, seed=2), later=60))
    assert len(found.before.samples) == 40
    assert found.notes == ("before: the device was throttled for 20 of 60 samples",)
    flags[5:] = THROTTLED
    found = compare_measurements(made(hot, flags=flags), made(steady(10, seed=2), later=60))
    assert len(found.before.samples) == 60


def test_under_sustained_load_throttled_samples_are_what_is_measured() -> None:
    flags = np.zeros(60, np.uint8)
    flags[30:] = THROTTLED
    flags[:3] = DISTURBED
    long = made(steady(10, seed=1), flags=flags, scenario="sustained")
    assert len(compare_measurements(long, long).before.samples) == 57


def test_drift_is_told() -> None:
    drifting = steady(10, seed=1) * np.linspace(1, 1.2, 60)
    found = compare_measurements(made(drifting), made(steady(10, seed=2), later=60))
    assert any("no steady state" in note for note in found.notes)


def test_few_samples_say_nothing() -> None:
    found = compare_measurements(made(steady(10, 5)), made(steady(20, 5), later=60))
    assert (found.verdict, found.regression, found.needed) == ("unsure", False, None)
    assert "5 samples are too few for an interval" in found.notes


def test_measured_in_turn_there_is_less_between() -> None:
    in_turn = compare_measurements(made(steady(10, seed=1)), made(steady(10, seed=2), later=0.01))
    apart = compare_measurements(made(steady(10, seed=1)), made(steady(10, seed=2), later=60))
    elsewhere = compare_measurements(made(steady(10, seed=1)), made(steady(10, seed=2), host="other"))
    assert (in_turn.in_turn, apart.in_turn, elsewhere.in_turn) == (True, False, False)
    assert in_turn.ratio.half_width < apart.ratio.half_width == elsewhere.ratio.half_width


def test_one_after_the_other_says_little_of_a_device_that_is_not_known() -> None:
    before, after, slow = (
        made(steady(time, seed=time), later=later) for time, later in ((100, 0), (106, 60), (113, 60))
    )
    found = compare_measurements(before, after)
    assert (found.verdict, found.needed, verdict(found)) == ("unsure", None, "unsure: measure in turn")
    assert compare_measurements(before, slow).verdict == "slower"
    # nor would a turn help where there are too few samples
    few = compare_measurements(made(steady(10, 5)), made(steady(20, 5), later=60))
    assert verdict(few) == "unsure"


def test_samples_of_an_unknown_time_were_not_taken_in_turn() -> None:
    one = made(steady(10))
    timeless = replace(one, series={"run": Series("run", steady(10))})
    assert not compare_measurements(timeless, timeless).in_turn


def test_times_that_are_none_are_no_samples() -> None:
    times = steady(10)
    times[:3] = (0.0, np.nan, -1.0)
    found = compare_measurements(made(times), made(steady(10)))
    assert len(found.before.samples) == 57
    # nor is the time of what followed them
    assert not found.in_turn


def test_what_cannot_be_compared() -> None:
    assert why_not(made(steady(10))) == ""
    assert why_not(made([])) == "has no samples of a steady state"
    assert why_not(replace(made([]), error="died")) == "failed: died"
    unlike = replace(made([]), series={"run": Series("run", steady(10), "points")})
    assert why_not(unlike) == "has no samples of a steady state"
    with pytest.raises(ValueError, match="without samples"):
        compare_measurements(made([]), made(steady(10)))


def test_lower_percentiles_look_past_a_busy_half() -> None:
    dice = np.random.default_rng(3)
    before, after = (steady(10, 200, seed=seed) * np.where(dice.random(200) < 0.4, 1.5, 1) for seed in (1, 2))
    low = CompareSettings(percentile=20)
    in_turn = compare_measurements(made(before), made(1.05 * after, later=0.01), low)
    assert (in_turn.verdict, in_turn.ratio.pairs) == ("slower", 0), "visits are paired by medians alone"
    assert compare_measurements(made(before), made(after, later=0.01), low).verdict == "same"


def test_environments_differ_in_what_both_tell() -> None:
    old = Environment("pi", library="Paddle-Lite", library_version="v2.10", governor="performance")
    new = replace(old, library_version="v2.13", governor="", affinity=(2, 3), charging=True, host="x")
    assert differences(old, old) == ()
    assert differences(old, new) == ("library version v2.10 → v2.13", "bound cores none → 2+3")
    assert differences(replace(old, charging=False), new)[-1] == "charging no → yes"
