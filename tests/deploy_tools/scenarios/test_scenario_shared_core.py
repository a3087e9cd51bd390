"""Networks in turn on this host run on one core; nothing else is bound that was not to be."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from deploy_tools.devices.base import Device
from deploy_tools.devices.local import LocalDevice
from deploy_tools.devices.remote.device import RemoteDevice
from deploy_tools.devices.settings import RunSettings
from deploy_tools.measurement.series import RUN
from deploy_tools.scenarios.conditions import Conditions
from deploy_tools.scenarios.measure import measure_unit
from deploy_tools.scenarios.plan import Part
from deploy_tools.scenarios.planning import Wanted, plan_networks
from deploy_tools.scenarios.shared_core import on_one_core, shared_core
from deploy_tools.scenarios.workplace import Workplace
from edge.bundle.bundle import Bundle, load_bundle

pytestmark = pytest.mark.embedded
Devices = Callable[..., RemoteDevice]


@pytest.fixture
def two(small: Bundle, tmp_path: Path) -> list[Bundle]:
    """One network in two folders."""
    return [load_bundle(shutil.copytree(small.folder, tmp_path / name)) for name in ("before", "after")]


def parts(bundles: Sequence[Bundle], device: Device, *settings: RunSettings) -> Sequence[Part]:
    wanted = Wanted(list(bundles), list(settings) or [RunSettings()])
    (unit,) = plan_networks("latency", [device], wanted, Conditions(), in_turn=True).units
    return unit.parts


def cores(found: Sequence[Part]) -> list[tuple[int, ...]]:
    return [part.settings.cores for part in found]


@pytest.mark.parametrize("file", ["cpu_capacity", "cpufreq/cpuinfo_max_freq"])
def test_slow_cores_are_not_shared(file: str, tmp_path: Path) -> None:
    first, *others = sorted(os.sched_getaffinity(0))
    assert shared_core(tmp_path) == max([first, *others]), "nothing is told"
    for core in (first, *others):
        path = tmp_path / f"cpu{core}" / file
        path.parent.mkdir(parents=True)
        path.write_text("1024\n" if core == first else "512\n")
    assert shared_core(tmp_path) == first


def test_two_share_a_core(two: list[Bundle]) -> None:
    planned = parts(two, LocalDevice())
    bound = on_one_core(planned, LocalDevice())
    assert cores(bound) == [(shared_core(),)] * 2
    assert [part.case for part in bound] == [part.case for part in planned], "they are called as they were"


def test_what_was_asked_for_counts(two: list[Bundle], made_device: Devices) -> None:
    here, device = LocalDevice(), made_device("one")
    assert cores(on_one_core(parts(two[:1], here), here)) == [()], "it has nobody to share with"
    assert cores(on_one_core(parts(two, here, RunSettings(cores=(0,))), here)) == [(0,)] * 2
    assert cores(on_one_core(parts(two, here, RunSettings(2)), here)) == [()] * 2
    assert cores(on_one_core(parts(two, here, RunSettings(power_mode="high")), here)) == [()] * 2
    assert cores(on_one_core(parts(two, device), device)) == [()] * 2, "its cores may differ"


def test_the_real_library_runs_there(two: list[Bundle]) -> None:
    conditions = Conditions(runs=5, seconds=0.0, warmup=0.0, cool_down=0.0)
    plan = plan_networks("latency", [LocalDevice()], Wanted(two), conditions, in_turn=True)
    found = list(measure_unit(plan.units[0], Workplace(LocalDevice())))
    assert [one.environment.affinity for one in found] == [(shared_core(),)] * 2
    assert [len(one.series[RUN]) for one in found] == [5, 5]
