"""What ``bench`` on a device says against the runner started there by hand, and what it takes around that.

The device is this host behind OpenSSH's sshd, with the Python runner. Both measure in turn, so what else the
host does falls on both. Then four devices at once against one, with a runner that sleeps: two cores cannot
compute for four.
"""

from __future__ import annotations

import json
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest

from deploy_tools.bench import bench_bundle
from deploy_tools.devices.inventory.entry import DeviceEntry
from deploy_tools.devices.remote.device import RemoteDevice
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.together import on_each
from deploy_tools.devices.wire.ssh.wire import SshWire
from edge.bundle.bundle import Bundle
from tests.benchmarks.material import Material, Row, show
from tests.devices_kit.sshd import Client, Server, openssh

ROUNDS = 5
WARMUP = 3
REPEATS = {"cls": 200, "det": 20}  # a quick network is soon disturbed by what else runs
TURNS = 20
NEAR = 2.0  # per cent
AROUND = 3.0  # seconds
DEVICES = 4
TOGETHER = 1.3  # so many times as long as one alone
SLEEP = 0.25  # seconds a run


def measure(material: Material) -> bool:
    """Figures 4 and 5 of the devices."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        with _servers(Path(folder), patch, 1) as (devices, (server,)):
            rows = [
                row for task in ("cls", "det") for row in _near(material.bundles[task], devices[0], server)
            ]
        good = show(f"4. bench over SSH against the bare runner, medians of {ROUNDS} rounds", rows)
        with _servers(Path(folder) / "four", patch, DEVICES) as (devices, _):
            rows = _together(material.bundles["cls"], devices)
        return show(f"5. {DEVICES} devices at once, each run sleeps {SLEEP:g} s", rows) and good


@contextmanager
def _servers(
    folder: Path, patch: pytest.MonkeyPatch, count: int
) -> Iterator[tuple[list[RemoteDevice], list[Server]]]:
    """So many devices, each a server of its own; more than one have a runner that sleeps."""
    with ExitStack() as stack:
        client = Client(folder / "user")
        patch.setenv("HOME", str(client.home))
        servers = [stack.enter_context(openssh(folder / f"device{number}")) for number in range(count)]
        client.knows(*servers)
        devices = []
        for number, server in enumerate(servers):
            server.admits(client)
            python = sys.executable if count == 1 else _sleeper(server)
            entry = DeviceEntry(f"board{number}", server.address(client), python=python)
            wire = SshWire(entry.name, server.address(client))
            devices.append(RemoteDevice(entry, wire, DeviceStore(wire, None)))
            stack.callback(devices[-1].close)
        yield devices, servers


def _near(bundle: Bundle, device: RemoteDevice, server: Server) -> list[Row]:
    tensor = bundle.golden()[0]
    here: list[float] = []
    there: list[float] = []
    around: list[float] = []
    device.open(bundle).close()  # the first time everything is sent
    device.close()
    for _ in range(ROUNDS):
        start = time.perf_counter()
        device.open(bundle).close()
        device.close()
        around.append(time.perf_counter() - start)
        repeats = REPEATS[bundle.manifest.task]
        result = bench_bundle(bundle, device, tensor, warmup=WARMUP, repeats=repeats)
        here += result.samples_ms
        device.close()
        there += _by_hand(bundle, server, tensor)
    difference = (statistics.median(here) / statistics.median(there) - 1) * 100
    name = bundle.manifest.task
    medians = f"{statistics.median(here):.2f} and {statistics.median(there):.2f} ms"
    return [
        Row(f"{name}: bench, by hand", medians),
        Row(f"{name}: difference, at most {NEAR:g} %", f"{difference:+.2f} %", abs(difference) <= NEAR),
        Row(
            f"{name}: connect, ask, check, lock, start, end; at most {AROUND:g} s",
            f"{statistics.median(around):.2f} s, the longest {max(around):.2f} s",
            statistics.median(around) <= AROUND,
        ),
    ]


def _by_hand(bundle: Bundle, server: Server, tensor: np.ndarray) -> Sequence[float]:
    (runner,) = server.home.glob(".ppocr-edge/runners/*/runner.zip")
    np.save(server.home / "input.npy", tensor)
    command = [sys.executable, str(runner), "--model", str(bundle.model_path.absolute())]
    command += ["--input", str(server.home / "input.npy")]
    command += ["--warmup", str(WARMUP), "--repeats", str(REPEATS[bundle.manifest.task])]
    done = subprocess.run(command, capture_output=True, check=True, start_new_session=True)
    samples: list[float] = json.loads(done.stdout)["cases"][0]["samples_ms"]
    return samples


def _together(bundle: Bundle, devices: Sequence[RemoteDevice]) -> list[Row]:
    tensor = bundle.golden()[0]

    def bench(device: RemoteDevice) -> None:
        bench_bundle(bundle, device, tensor, warmup=1, repeats=TURNS)

    on_each(devices, bench)  # sends
    alone = []
    for device in devices:
        start = time.perf_counter()
        on_each([device], bench)
        alone.append(time.perf_counter() - start)
    start = time.perf_counter()
    outcomes = on_each(devices, bench)
    together = time.perf_counter() - start
    assert all(outcome.error is None for outcome in outcomes), outcomes
    return [
        Row("the slowest alone", f"{max(alone):.2f} s"),
        Row(
            f"all, at most {TOGETHER:g} × as long",
            f"{together:.2f} s, {together / max(alone):.2f} ×",
            together <= TOGETHER * max(alone),
        ),
    ]


def _sleeper(server: Server) -> str:
    """A Python whose runner sleeps instead of computing."""
    code = f"""
import sys, time
sys.path.insert(0, sys.argv[1])
import numpy as np
from edge.predictor.frames import Channel
channel = Channel(0, 1)
channel.send({{"library": "sleep", "library_version": "v2.13-rc", "load_ms": 0.0}})
while True:
    channel.receive()
    time.sleep({SLEEP})
    channel.send({{"ms": {SLEEP * 1000}}}, [np.zeros((1, 2), np.float32)])
"""
    program = server.folder / "python"
    real = shlex.quote(sys.executable)
    lines = f'#!/bin/sh\ncase $1 in -c) exec {real} "$@";; esac\nexec {real} -c {shlex.quote(code)} "$@"\n'
    program.write_text(lines)
    program.chmod(0o755)
    return str(program)
