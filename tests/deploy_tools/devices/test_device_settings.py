"""Threads, power mode and cores: what reaches the runner, and what a device cannot do is refused or noted."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy_tools.devices.base import Device
from deploy_tools.devices.local import LocalDevice
from deploy_tools.devices.settings import USUAL, RunSettings
from edge.bundle.bundle import Bundle
from edge.errors import InputError, PredictorCrashedError, PredictorError
from tests.devices_kit.board import Board

CORE = min(os.sched_getaffinity(0))


def test_what_is_asked_counts_before_what_is_usual() -> None:
    usual = RunSettings(2, "high")
    assert USUAL.over(usual) == usual
    assert RunSettings(4).over(usual) == RunSettings(4, "high")
    assert RunSettings(cores=(1,)).over(usual) == RunSettings(2, None, (1,)), "a mode would bind elsewhere"
    assert USUAL.words() == []
    assert RunSettings(4, "low").words() == ["--threads", "4", "--power-mode", "low"]
    assert RunSettings(cores=(0, 3)).words() == ["--cores", "0,3"]
    with pytest.raises(InputError, match="--cores 0,1: does not go together with power mode high"):
        RunSettings(None, "high", (0, 1)).check()
    RunSettings(None, "none", (0, 1)).check()


def test_what_a_greeting_tells() -> None:
    greeting = {"threads": 1, "power_mode": "none", "cores": [0, 1]}
    assert USUAL.missed(greeting) == RunSettings(1, "none", (1, 0)).missed(greeting) == ""
    assert RunSettings(4, "high", (2,)).missed({}) == "", "an older runner does not tell"
    missed = RunSettings(4, "high", (2,)).missed(greeting)
    assert "4 threads: its library has 1; power mode high: its library has none; cores (2,)" in missed


@pytest.fixture(params=["local", "over a wire"])
def device(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Device]:
    """This host, as itself and as a device."""
    opened = LocalDevice() if request.param == "local" else Board(tmp_path, python=sys.executable)
    yield opened
    opened.close()


def opened(device: Device, bundle: Bundle, settings: RunSettings) -> Mapping[str, object]:
    """What the runner says of itself."""
    predictor = device.open(bundle, settings=settings)
    try:
        return predictor.info
    finally:
        predictor.close()


@pytest.mark.embedded
def test_cores_are_those_asked_for(device: Device, default_bundles: Mapping[str, Bundle]) -> None:
    bundle = default_bundles["cls"]
    info = opened(device, bundle, RunSettings(1, "none", (CORE,)))
    assert (info["runner"], info["threads"], info["power_mode"]) == ("python", 1, "none")
    assert info["cores"] == [CORE]
    assert opened(device, bundle, USUAL)["cores"] == sorted(os.sched_getaffinity(0))
    with pytest.raises(PredictorCrashedError, match="--cores 999: cannot be bound to them"):
        opened(device, bundle, RunSettings(cores=(999,)))


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("settings", "missed"),
    [
        (RunSettings(threads=4), "4 threads: its library has 1"),
        (RunSettings(power_mode="high"), "power mode high: its library has none"),
    ],
)
def test_what_the_wheel_cannot_do_is_refused(
    device: Device, default_bundles: Mapping[str, Bundle], settings: RunSettings, missed: str
) -> None:
    with pytest.raises(PredictorError, match=f"cannot be run with {missed}; leave that out"):
        opened(device, default_bundles["cls"], settings)


@pytest.mark.embedded
def test_what_an_entry_asks_in_vain_is_noted(tmp_path: Path, default_bundles: Mapping[str, Bundle]) -> None:
    board = Board(tmp_path, python=sys.executable, threads=3)
    try:
        assert board.settings == RunSettings(3)
        opened(board, default_bundles["cls"], USUAL)
        assert board.note == "its entry asks for 3 threads: its library has 1"
    finally:
        board.close()


@pytest.mark.embedded
def test_how_long_others_had_the_core(default_bundles: Mapping[str, Bundle]) -> None:
    """Two programs on one core: each waits while the other runs, and the kernel says how long."""
    bundle = default_bundles["cls"]
    predictor = LocalDevice().open(bundle, settings=RunSettings(cores=(CORE,)))
    rival = LocalDevice().open(default_bundles["det"], settings=RunSettings(cores=(CORE,)))
    try:
        predictor.run([bundle.golden()[0]])
        assert predictor.waits_ms == [], "nobody measured"
        rival.run([default_bundles["det"].golden()[0]])
        with _again_and_again(lambda: rival.measure([default_bundles["det"].golden()[0]], 1)):
            predictor.measure([bundle.golden()[0]], 100)
        assert len(predictor.waits_ms) == 100
        assert max(predictor.waits_ms) > 1.0
    finally:
        predictor.close()
        rival.close()


@contextmanager
def _again_and_again(work: Callable[[], object]) -> Iterator[None]:
    """Something is done before the block, all through it, and not after it."""
    begun, enough = threading.Event(), threading.Event()

    def go_on() -> None:
        while not enough.is_set():
            work()
            begun.set()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        assert begun.wait(120)
        yield
    finally:
        enough.set()
        thread.join()
