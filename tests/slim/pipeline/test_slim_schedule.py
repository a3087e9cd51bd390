from __future__ import annotations

import time

import pytest

from slim.pipeline.schedule import Schedule, Stage


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the clock shows; to be changed."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def schedule(*stages: Stage) -> Schedule:
    return Schedule(stages, lambda _: None)


def test_what_waits_takes_its_estimate() -> None:
    plan = schedule(Stage("a", "a", 10.0), Stage("b", "b", 20.0))
    assert (plan.left, plan.certain) == (30.0, True)
    unknown = schedule(Stage("a", "a", 10.0), Stage("b", "b"))
    assert (unknown.left, unknown.certain) == (10.0, False)


def test_what_runs_takes_its_estimate_until_its_speed_is_seen(clock: list[float]) -> None:
    plan = schedule(Stage("a", "a", 100.0), Stage("b", "b", 20.0))
    with plan.running("a") as progress:
        clock[0] += 30
        assert plan.left == 90
        progress(0, 50, "")
        clock[0] += 10
        progress(20, 50, "")
        # 20 in 10 s, so 30 in 15 s
        assert plan.left == 35
        clock[0] += 3
        progress(50, 50, "")
        assert plan.left == 20
    assert plan["a"].seconds == 43
    assert plan.left == 20


def test_a_step_that_goes_on_is_not_taken_for_a_fast_one(clock: list[float]) -> None:
    plan = schedule(Stage("a", "a"))
    with plan.running("a") as progress:
        progress(900, 1000, "")
        clock[0] += 5
        progress(910, 1000, "")
        # 10 in 5 s, so 90 in 45 s
        assert plan.left == 45


def test_what_is_kept_takes_no_time() -> None:
    seen: list[str] = []
    plan = Schedule([Stage("a", "a", 10.0)], lambda stage: seen.append(stage.status))
    plan.keep("a")
    assert (plan.left, plan["a"].seconds, seen) == (0.0, 0.0, ["kept"])
