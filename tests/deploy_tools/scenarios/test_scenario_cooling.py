"""Cooling down: as long as the device is hotter than at first, and no longer than it may take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace

import pytest

from deploy_tools.devices.local import LocalDevice
from deploy_tools.devices.remote.device import RemoteDevice
from deploy_tools.devices.wire.wire import Exit, Finished
from deploy_tools.scenarios.workplace import Workplace

Devices = Callable[..., RemoteDevice]


@pytest.fixture
def hot(made_device: Devices, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Workplace]:
    """``hot(*degrees)``: a device whose looks tell these, one after the other, the last for ever."""

    def make(*degrees: float) -> Workplace:
        device = made_device("one")
        told: Iterator[float] = iter(degrees)
        last = [degrees[-1]]

        def run(command: Sequence[str], *, stdin: bytes = b"", seconds: float = 30.0) -> Finished:
            value = next(told, last[0])
            return Finished(Exit(0), f"temperature={value * 1000:.0f} cpu\n=end\n".encode(), b"")

        # this host has no thermometer
        monkeypatch.setattr(device.wire, "run", run)
        return Workplace(device, pause=pauses.append)

    pauses: list[float] = []
    make.pauses = pauses  # type: ignore[attr-defined]
    return make


def test_it_waits_until_the_device_is_as_cool_as_at_first(hot: Callable[..., Workplace]) -> None:
    place = hot(40, 60, 50, 43, 41.9)
    place.look(0)
    place.cool_down(120)
    assert hot.pauses == [2.0, 2.0, 2.0]  # type: ignore[attr-defined]


def test_not_before_anything_was_measured(hot: Callable[..., Workplace]) -> None:
    hot(70, 70).cool_down(120)
    assert hot.pauses == []  # type: ignore[attr-defined]


def test_it_has_a_limit(hot: Callable[..., Workplace], monkeypatch: pytest.MonkeyPatch) -> None:
    place = hot(40, 60)
    place.look(0)
    place.cool_down(0.0)
    pauses: list[float] = hot.pauses  # type: ignore[attr-defined]
    assert pauses == []
    # a clock that goes on with the pauses alone
    clock = SimpleNamespace(monotonic=lambda: sum(pauses))
    monkeypatch.setattr("deploy_tools.scenarios.workplace.time", clock)
    assert place.cool_down(5.0) == 5.0
    assert pauses == [2.0, 2.0, 1.0]


def test_a_device_without_thermometers_is_asked_once() -> None:
    pauses: list[float] = []
    place = Workplace(LocalDevice(), pause=pauses.append)
    if place.look(0) is not None:
        pytest.skip("this host has thermometers")
    trips = place._wire.round_trips
    assert place.look(1) is None
    place.cool_down(10)
    assert pauses == []
    assert place._wire.round_trips == trips
