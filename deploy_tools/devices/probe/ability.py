"""What a device can run, and what it lacks for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from deploy_tools.devices.inventory.entry import DeviceEntry
from deploy_tools.devices.probe.facts import Probe, PythonThere
from deploy_tools.devices.remote.facts import NEEDED, DeviceFacts
from deploy_tools.native.lite_home import find_lite_home
from deploy_tools.native.target import TARGETS
from edge.errors import InputError

_RUNTIME: Final = ("libstdc++.so.6", "libgomp.so.1")
"""What a runner and Paddle-Lite for Linux are linked with, besides libc."""


@dataclass(frozen=True)
class Ability:
    """One way to run models.

    Attributes:
        runner: ``native`` or ``python``.
        abi: System and processor, as build targets are called, such as ``linux-arm64``.
        targets: What models are converted for, as ``convert --target`` takes it; the usual one comes first.
        missing: What it lacks, each with what to do.
    """

    runner: str
    abi: str
    targets: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Whether models can be run so."""
        return not self.missing

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "ready": self.ready}


def abilities(probe: Probe, entry: DeviceEntry) -> tuple[Ability, ...]:
    """What a device can run: with the native runner, and with Python where that may be a way.

    The one that is used comes first: the native one where the entry names a library, as for a run.

    Args:
        probe: What it is.
        entry: What is said of it in the inventory.
    """
    facts = runner_facts(probe, entry)
    targets = tuple(_targets(probe, facts))
    native = Ability("native", facts.abi, targets, tuple(_native_lacks(probe, entry, facts)))
    python = Ability("python", facts.abi, targets[:1], tuple(_python_lacks(probe, entry, facts)))
    found = [native, python] if _python_counts(probe, entry, facts) else [native]
    return tuple(sorted(found, key=lambda one: entry.lite_home is None and not one.ready))


def runner_facts(probe: Probe, entry: DeviceEntry) -> DeviceFacts:
    """What a runner is chosen by, as far as a probe tells."""
    python = probe.pythons[0] if entry.python is not None and probe.pythons else None
    return DeviceFacts(
        machine=probe.machine,
        bits=probe.bits or 0,
        android_abi=probe.abis[0] if probe.abis else "",
        python=python.path if python else "",
        python_version=(python.version or "") if python else "",
        packages=frozenset(name for name in NEEDED if python and name in python.packages),
        lite_version=python.library_version if python else "",
    )


def _targets(probe: Probe, facts: DeviceFacts) -> Iterator[str]:
    if facts.target:
        yield facts.target
    if facts.target == "arm" and any("libOpenCL" in path for path in probe.libraries):
        yield "arm,opencl"


def _native_lacks(probe: Probe, entry: DeviceEntry, facts: DeviceFacts) -> Iterator[str]:
    target = TARGETS.get(facts.abi)
    if target is None:
        yield f"a runner for {facts.abi}: runners are built for {', '.join(TARGETS)}"
        return
    if not probe.abis and probe.loaders and all("ld-musl" in loader for loader in probe.loaders):
        yield "glibc: this system has musl, and Paddle-Lite's libraries are built for glibc"
    if entry.lite_home is None:
        yield f"a Paddle-Lite library for {facts.abi}: name its folder on this host with --lite-home"
    else:
        try:
            find_lite_home(entry.lite_home, target, "lite_home")
        except InputError as error:
            yield f"a Paddle-Lite library for {facts.abi}: {error}"
    there = {PurePosixPath(path).name for path in probe.libraries}
    lacking = [name for name in _RUNTIME if name not in there]
    if facts.abi.startswith("linux-") and lacking:
        yield f"{' and '.join(lacking)}: install them there"


def _python_counts(probe: Probe, entry: DeviceEntry, facts: DeviceFacts) -> bool:
    """Whether Python may be the way: it is named, has the library, or could get it, as on x86-64."""
    has = any("paddlelite" in python.packages for python in probe.pythons)
    return entry.python is not None or has or (facts.target == "x86" and bool(probe.pythons))


def _python_lacks(probe: Probe, entry: DeviceEntry, facts: DeviceFacts) -> Iterator[str]:
    python = max(probe.pythons, key=_usefulness, default=None)
    if python is None:
        yield f"Python: there is no {entry.python or 'python3'}"
    elif python.version is None:
        yield f"a Python that runs: {python.path} does not"
    else:
        if "numpy" not in python.packages:
            yield f"numpy in {python.path}: install it there"
        if "paddlelite" not in python.packages:
            wheels = "its wheel is for Python 3.10" if facts.target == "x86" else "its wheels are for x86-64"
            about = "" if "No module named 'paddlelite'" in python.error else f" ({python.error})"
            yield f"paddlelite in {python.path}, Python {python.version}: {wheels}{about}"
        elif entry.python is None:
            yield f"its name in the inventory: add --python {python.path}"


def _usefulness(python: PythonThere) -> tuple[bool, bool, int]:
    return "paddlelite" in python.packages, python.version is not None, len(python.packages)
