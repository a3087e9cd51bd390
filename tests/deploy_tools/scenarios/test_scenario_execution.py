"""Who measures what, and when: several devices at once, one that dies, going on, nothing measured twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy_tools.devices.base import Device
from deploy_tools.devices.inventory.entry import DeviceEntry, HostAddress
from deploy_tools.devices.remote.device import RemoteDevice
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.host import HostWire
from deploy_tools.devices.wire.ssh import SshWire
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.results.opening import open_results
from deploy_tools.scenarios.conditions import Conditions
from deploy_tools.scenarios.execution import HostExecutor
from deploy_tools.scenarios.memory import MemoryRecorder
from deploy_tools.scenarios.plan import plan_from_json
from deploy_tools.scenarios.planning import Wanted, plan_networks, settings_of
from deploy_tools.scenarios.running import begin, carry_out
from edge.bundle.bundle import Bundle
from edge.errors import InputError
from tests.devices_kit import sshd
from tests.devices_kit.made_runner import started, write_made_python
from tests.processes import wait_until

pytestmark = pytest.mark.embedded
QUICK = Conditions(runs=3, seconds=0.0, limit=60.0, warmup=0.0, cool_down=0.0)
SETTINGS = settings_of(range(1, 21), ["high", "low"])
NAMES = ("one", "dies", "three")


@dataclass
class Fleet:
    """Three devices; the second is behind a server of its own.

    Attributes:
        folder: Of all.
        server: Of the second.
        client: Of this host.
    """

    folder: Path
    server: sshd.Server
    client: sshd.Client

    def devices(self) -> dict[str, Device]:
        """All three, not connected."""
        made: dict[str, Device] = {}
        for name in NAMES:
            python = write_made_python(self.folder / name / "made", pace=0.001)
            entry = DeviceEntry(name, HostAddress(), python=str(python))
            wire: HostWire | SshWire = HostWire(name, self.folder / name)
            if name == "dies":
                wire = SshWire(name, self.server.address(self.client))
            made[name] = RemoteDevice(entry, wire, DeviceStore(wire, None))
        return made

    def runners(self, name: str) -> list[str]:
        """What was started on a device."""
        return started(self.folder / name / "made")


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fleet]:
    """Three devices over real wires."""
    if reason := sshd.missing():
        pytest.skip(reason)
    with sshd.known_openssh(tmp_path / "sshd", monkeypatch) as (server, client):
        yield Fleet(tmp_path, server, client)


class Dying(MemoryRecorder):
    """Ends a server when a device has so many measurements."""

    def __init__(self, server: sshd.Server, count: int) -> None:
        super().__init__()
        self._server = server
        self._left = count

    def add(self, run_id: str, measurement: Measurement) -> None:
        super().add(run_id, measurement)
        if measurement.environment.device == "dies":
            self._left -= 1
            if self._left == 0:
                self._server.stop()


def test_one_dies_half_way(fleet: Fleet, small: Bundle) -> None:
    """All others complete; it goes on later; nothing is measured twice."""
    devices = fleet.devices()
    plan = plan_networks("sweep", list(devices.values()), Wanted([small], SETTINGS), QUICK)
    assert len(plan.cases) == 120
    recorder = Dying(fleet.server, 20)
    run = begin(plan, recorder, tags=["weekly"])
    told: dict[str, float] = {}
    done = carry_out(run, plan, recorder, HostExecutor(devices), told.__setitem__)
    counts = Counter(device for device, _ in recorder.measured(run.id))
    assert counts == {"one": 40, "dies": 20, "three": 40}
    (lost,) = done.lost
    assert (lost.device, lost.units) == ("dies", 19), "one was begun"
    assert lost.why.startswith("dies: ")
    assert (done.before, done.missing) == (0, 20)
    assert (told["one"], told["three"], told["dies"]) == (40, 40, 21)
    failed = [one for one in done.measurements if not one.ok]
    assert [one.environment.device for one in failed] == ["dies"]
    assert run.id not in recorder.finished

    fleet.server.start_again()
    plan = plan_from_json(recorder.runs[run.id].plan, "--resume")
    again = carry_out(run, plan, recorder, HostExecutor(fleet.devices()))
    assert (again.before, again.missing, len(again.measurements), again.lost) == (100, 0, 20, [])
    assert len(recorder.measured(run.id)) == 120
    assert run.id in recorder.finished
    expected = Counter(f"{one.threads} {one.power_mode}" for one in SETTINGS)
    assert Counter(fleet.runners("one")) == Counter(fleet.runners("three")) == expected
    assert Counter(fleet.runners("dies")) - expected <= Counter({f"{failed[0].case.threads} high": 1})
    assert carry_out(run, plan, recorder, HostExecutor(fleet.devices())).measurements == []


def test_a_device_that_was_never_there(
    made_device: Callable[..., RemoteDevice], small: Bundle, tmp_path: Path
) -> None:
    gone_wire = HostWire("gone", tmp_path / "nosuch")
    gone = RemoteDevice(
        DeviceEntry("gone", HostAddress(), python="python3"), gone_wire, DeviceStore(gone_wire, None)
    )
    there = made_device("one")
    wanted = Wanted([small], settings_of([1, 2], []))
    plan = plan_networks("sweep", [gone, there], wanted, QUICK)
    recorder = MemoryRecorder()
    run = begin(plan, recorder)
    done = carry_out(run, plan, recorder, HostExecutor({"one": there, "gone": gone}))
    assert {device for device, _ in recorder.measured(run.id)} == {"one"}
    assert [(lost.device, lost.units) for lost in done.lost] == [("gone", 1)]
    assert done.missing == 2


def test_what_a_device_refuses_does_not_stop_it(small: Bundle) -> None:
    from deploy_tools.devices.local import LocalDevice

    wanted = Wanted([small], settings_of([4, 1], []))
    plan = plan_networks("sweep", [LocalDevice()], wanted, QUICK)
    recorder = MemoryRecorder()
    run = begin(plan, recorder)
    done = carry_out(run, plan, recorder, HostExecutor({"local": LocalDevice()}))
    refused, measured = done.measurements
    assert "cannot be run with 4 threads" in refused.error
    assert refused.environment.note == LocalDevice.note
    assert measured.ok
    assert (done.lost, done.missing) == ([], 1)
    assert run.id in recorder.finished, "trying it again would change nothing"


class Full(MemoryRecorder):
    """Has no room after the first measurement."""

    def add(self, run_id: str, measurement: Measurement) -> None:
        if self.measured(run_id):
            raise InputError("results.db", "no space left", "free some")
        super().add(run_id, measurement)


def test_nothing_goes_on_that_cannot_be_kept(made_device: Callable[..., RemoteDevice], small: Bundle) -> None:
    devices = {name: made_device(name) for name in ("one", "two")}
    plan = plan_networks("sweep", list(devices.values()), Wanted([small], SETTINGS), QUICK)
    recorder = Full()
    run = begin(plan, recorder)
    before = threading.active_count()
    with pytest.raises(InputError, match="no space left"):
        carry_out(run, plan, recorder, HostExecutor(devices))  # type: ignore[arg-type]
    assert len(recorder.measured(run.id)) == 1
    assert run.id not in recorder.finished
    wait_until(lambda: threading.active_count() <= before, 60, "nothing goes on")


def test_a_store_keeps_the_plan(
    made_device: Callable[..., RemoteDevice], small: Bundle, tmp_path: Path
) -> None:
    device = made_device("one")
    plan = plan_networks("sweep", [device], Wanted([small], settings_of([1, 2], [])), QUICK)
    with open_results(tmp_path / "results.db") as store:
        run = begin(plan, store, command="c", tags=["main"])
        assert plan_from_json(store.find("main").plan, "x") == plan
        carry_out(run, plan, store, HostExecutor({"one": device}))
        kept = store.measurements(run.id)
        assert [one.case.threads for one in kept] == [1, 2]
        assert kept[0].series["run"].values.tolist() == [10.0] * 3
        assert store.summary(run.id).finished is not None
