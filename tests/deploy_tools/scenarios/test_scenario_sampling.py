"""Sampling: warmed up until steady, stopped by count and time, in turn, each sample with its time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest

from deploy_tools.devices.local import LocalDevice
from deploy_tools.devices.remote.device import RemoteDevice
from deploy_tools.devices.settings import RunSettings
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.series import DISTURBED, FIRST, LOAD, RUN, WARMUP
from deploy_tools.scenarios import sampling
from deploy_tools.scenarios.conditions import Conditions
from deploy_tools.scenarios.measure import measure_unit
from deploy_tools.scenarios.plan import Plan, Unit, plan_from_json
from deploy_tools.scenarios.planning import Wanted, plan_networks, settings_of
from deploy_tools.scenarios.sampling import Sampler, monotonic_since
from deploy_tools.scenarios.workplace import Workplace
from edge.bundle.bundle import Bundle
from edge.errors import InputError

pytestmark = pytest.mark.embedded
Devices = Callable[..., RemoteDevice]
QUICK = Conditions(runs=5, seconds=0.0, limit=60.0, warmup=0.0, cool_down=0.0)


def sampler_on(device: RemoteDevice, bundle: Bundle) -> Sampler:
    return Sampler(device.open(bundle), bundle.golden()[0], monotonic_since(time.monotonic()))


def test_warm_up_ends_when_runs_get_no_faster(made_device: Devices, small: Bundle) -> None:
    getting_faster = [100.0 - step for step in range(60)]
    sampler = sampler_on(made_device("one", times=[500.0, *getting_faster, 40.0]), small)
    sampler.load()
    assert sampler.warm_up(60.0)
    warm = sampler.warmup.values
    assert sampler.first.values == [500.0]
    assert 60 <= len(warm) < 80, "two windows of the steady state are enough"
    series = sampler.series([])
    assert series[LOAD].values.tolist() == [3.0]
    assert series[WARMUP].values.tolist() == [*getting_faster, 40.0, *[40.0] * (len(warm) - 61)]


def test_a_device_that_gets_slower_is_warm(made_device: Devices, small: Bundle) -> None:
    sampler = sampler_on(made_device("one", times=[100.0 + step for step in range(100)]), small)
    assert sampler.warm_up(60.0)
    assert len(sampler.warmup.values) == 10


def test_warm_up_has_a_limit(made_device: Devices, small: Bundle) -> None:
    ever_faster = [0.97**step * 1000 for step in range(5000)]
    sampler = sampler_on(made_device("one", times=ever_faster, pace=0.02), small)
    start = time.monotonic()
    assert not sampler.warm_up(0.5)
    assert time.monotonic() - start < 50, "without it, it would go on for 100 s"
    assert not sampler_on(made_device("two"), small).warm_up(0.0)


def one(plan: Plan, device: RemoteDevice | LocalDevice) -> Measurement:
    (unit,) = plan.units
    (measurement,) = measure_unit(unit, Workplace(device))
    return measurement


def test_count_and_time_are_both_wanted(made_device: Devices, small: Bundle) -> None:
    device = made_device("one", times=[10.0])
    for runs, seconds, expected in ((5, 0.0, 5), (5, 3.0, 300), (400, 3.0, 400)):
        wanted = replace(QUICK, runs=runs, seconds=seconds, limit=60.0)
        found = one(plan_networks("latency", [device], Wanted([small]), wanted), device)
        assert len(found.series[RUN]) == expected
    slow = made_device("two", times=[10.0], pace=0.01)
    wanted = replace(QUICK, runs=100_000, limit=1.0)
    found = one(plan_networks("latency", [slow], Wanted([small]), wanted), slow)
    assert 50 <= len(found.series[RUN]) < 1000, "the limit ends it"


def test_every_sample_has_its_time_and_flag(made_device: Devices, small: Bundle) -> None:
    waits = [0.0] * 8 + [4.0] + [0.0]
    device = made_device("one", times=[30.0], waits=waits, pace=0.03)
    wanted = replace(QUICK, runs=20)
    found = one(plan_networks("latency", [device], Wanted([small]), wanted), device)
    series = found.series[RUN]
    assert len(series) == len(series.at) == len(series.flags) == 20
    assert (np.diff(series.at) >= 0.0299).all(), "one after the other"
    assert 0 < series.at[0] < found.seconds
    assert np.flatnonzero(series.flags).tolist() == [7], "the ninth run of all, after the first"
    assert series.flags[7] == DISTURBED
    assert found.series[FIRST].at[0] < series.at[0]
    assert found.peak_rss_mb == 21.5
    assert found.started.tzinfo is not None
    assert set(found.inputs) == {"cls"}


def test_the_environment_is_stored(made_device: Devices, small: Bundle) -> None:
    device = made_device("one")
    found = one(plan_networks("latency", [device], Wanted([small]), QUICK), device).environment
    assert (found.device, found.wire, found.library, found.library_version) == (
        "one",
        "local",
        "Paddle-Lite",
        "v2.13-rc",
    )
    assert found.runner.startswith("python ")
    assert found.machine == "x86_64"
    assert found.kernel
    assert found.cores
    assert found.memory_bytes
    assert found.host
    assert {"ppocr-edge", "opt"} <= set(found.versions)


def test_the_real_library_and_its_cores(small: Bundle) -> None:
    core = min(os.sched_getaffinity(0))
    settings = [RunSettings(cores=(core,))]
    plan = plan_networks("latency", [LocalDevice()], Wanted([small], settings), replace(QUICK, warmup=60.0))
    found = one(plan_from_json(plan.to_json(), "x"), LocalDevice())
    assert found.case.detail == f"cores {core}"
    assert found.environment.affinity == (core,)
    assert "x86 Paddle-Lite on this host" in found.environment.note
    assert found.environment.runner.startswith("python ")
    assert len(found.series[WARMUP]) >= 5
    assert min(found.series[RUN].values) > 0


def test_in_turn(made_device: Devices, small: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """A B, B A, A B …: what happens meanwhile happens to both."""
    monkeypatch.setattr(sampling, "WAKE_MS", 10.0)
    monkeypatch.setattr(sampling, "VISIT_RUNS", 10)
    device = made_device("one", times=[10.0], pace=0.01)
    wanted = Wanted([small], settings_of([1, 2], []))
    plan = plan_networks("latency", [device], wanted, replace(QUICK, runs=50), in_turn=True)
    assert len(plan.units) == 1
    first, second = measure_unit(plan.units[0], Workplace(device))
    assert (first.case.threads, second.case.threads) == (1, 2)
    assert (len(first.series[RUN]), len(second.series[RUN])) == (50, 50)
    order = sorted([(at, "A") for at in first.series[RUN].at] + [(at, "B") for at in second.series[RUN].at])
    blocks = [(name, len(list(group))) for name, group in groupby(name for _, name in order)]
    assert blocks == [("A", 10), ("B", 20), ("A", 20), ("B", 20), ("A", 20), ("B", 10)]
    assert first.readings == second.readings


@pytest.mark.parametrize(
    ("runs", "seconds", "visits"),
    [
        (60, 0.0, [5] * 12),
        (60, 3.0, [15] * 20),  # visits of 150 ms
        (12, 0.0, [5, 5, 2]),
        (400, 0.0, [20] * 20),
    ],
)
def test_in_turn_even_quick_networks_are_visited_often(
    made_device: Devices, small: Bundle, runs: int, seconds: float, visits: list[int]
) -> None:
    sampler = sampler_on(made_device("one", times=[10.0]), small)
    sampler.load()
    sampler.warm_up(0.0)
    wanted, taken = replace(QUICK, runs=runs, seconds=seconds), []
    while not sampler.enough(wanted):
        before, woken = len(sampler.runs.values), len(sampler.warmup.values)
        sampler.batch(wanted, in_turn=True)
        taken.append(len(sampler.runs.values) - before)
        assert len(sampler.warmup.values) == woken + 5, "50 ms wake it"
    assert taken == visits
    sampler.batch(wanted, in_turn=True)
    assert len(sampler.runs.values) - sum(taken) == visits[0], "as often as the others want"


def test_in_turn_slow_networks_are_visited_for_a_second(made_device: Devices, small: Bundle) -> None:
    sampler = sampler_on(made_device("one", times=[400.0]), small)
    sampler.load()
    sampler.warm_up(0.0)
    sampler.batch(replace(QUICK, runs=1000), in_turn=True)
    assert len(sampler.runs.values) == 3


def test_a_bundle_that_changed_since_the_plan(made_device: Devices, small: Bundle) -> None:
    device = made_device("one")
    plan = plan_networks("latency", [device], Wanted([small]), QUICK)
    (part,) = plan.units[0].parts
    unit = Unit("one", (replace(part, hashes={"cls": "0" * 64}),), QUICK)
    with pytest.raises(InputError, match="has changed since the run began"):
        list(measure_unit(unit, Workplace(device)))
    assert device.entry.name == "one"
