"""A Python of a device whose runner computes nothing: what it says of times is what a test wants it to say.

It speaks the real frames over the real wires, and takes as long as it is told to, mostly no time at all.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_PROGRAM = "made python"
_CODE = """
import argparse, json, sys, time
sys.path.insert(0, sys.argv[1])
import numpy as np
from edge.predictor.frames import Channel
how = json.loads(sys.argv[2])
parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--power-mode", default="none")
given, _ = parser.parse_known_args(sys.argv[3:])
with open(how["log"], "a") as log:
    log.write(f"{given.threads} {given.power_mode}\\n")
channel = Channel(0, 1)
channel.send({
    "runner": "python", "library": "paddlelite", "library_version": "v2.13-rc", "inputs": ["x"],
    "outputs": ["y"], "load_ms": 3.0, "peak_rss_mb": 20.0,
    "threads": given.threads, "power_mode": given.power_mode,
})
done = 0
while True:
    request, _ = channel.receive()
    runs = request.get("runs", 1)
    times = [how["times"][min(done + run, len(how["times"]) - 1)] for run in range(runs)]
    waits = [how["waits"][min(done + run, len(how["waits"]) - 1)] for run in range(runs)]
    done += runs
    time.sleep(how["pace"] * runs)
    answer = {"ms": times[-1], "runs_ms": times, "waits_ms": waits, "peak_rss_mb": 21.5}
    channel.send(answer, [np.full(how["shape"], how["value"], np.float32)])
"""


def write_made_python(
    folder: Path,
    *,
    times: Sequence[float] = (10.0,),
    waits: Sequence[float] = (0.0,),
    pace: float = 0.0,
    shape: Sequence[int] = (1, 2),
    value: float = 0.5,
) -> Path:
    """A program to name as a device's Python.

    Args:
        folder: Gets it, and ``log``: a line of threads and power mode for every runner that was started.
        times: What runs take in ms, as they are told; the last one for ever.
        waits: How long they waited for the processor, likewise.
        pace: Seconds each really takes.
        shape: Of the output.
        value: Of all elements of the output.
    """
    folder.mkdir(parents=True, exist_ok=True)
    how = {
        "times": list(times),
        "waits": list(waits),
        "pace": pace,
        "log": str(folder / "log"),
        "shape": list(shape),
        "value": value,
    }
    program = folder / _PROGRAM
    real = shlex.quote(sys.executable)
    words = f"{real} -c {shlex.quote(_CODE)}"
    program.write_text(
        f'#!/bin/sh\ncase $1 in -c) exec {real} "$@";; esac\n'
        f'archive=$1; shift\nexec {words} "$archive" {shlex.quote(json.dumps(how))} "$@"\n'
    )
    program.chmod(0o755)
    return program


def write_inventory(path: Path, devices: Mapping[str, Path], **more: object) -> Path:
    """A file of devices of this host; returns it.

    Args:
        path: The file.
        devices: By name the folder that has the device's Python, by `write_made_python`; gets its store.
        more: What else the file says of each.
    """
    entries = {
        name: {"this_host": True, "python": str(folder / _PROGRAM), "folder": str(folder / "store"), **more}
        for name, folder in devices.items()
    }
    path.write_text(json.dumps({"inventory": 1, "devices": entries}))
    return path


def started(folder: Path) -> list[str]:
    """Threads and power mode of every runner that the program of a folder started, in order."""
    log = folder / "log"
    return log.read_text().splitlines() if log.exists() else []
