"""Which runner a device gets: the native one for its processor, or the Python one for its Python."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy_tools.devices.inventory.entry import DeviceEntry
from deploy_tools.devices.remote.facts import NEEDED, DeviceFacts
from deploy_tools.devices.remote.mending import change_command
from deploy_tools.devices.remote.python_package import write_python_runner
from deploy_tools.devices.scratch import scratch
from deploy_tools.devices.versions import version_in_library
from deploy_tools.devices.wire.wire import script
from deploy_tools.native.build import build_runner
from deploy_tools.native.built import PROGRAM
from deploy_tools.native.lite_home import find_lite_home
from deploy_tools.native.target import TARGETS, BuildTarget
from edge.errors import DeviceError, InputError

ARCHIVE: Final = "runner.zip"


@dataclass(frozen=True)
class RunnerFiles:
    """A runner that is ready to be sent.

    Attributes:
        name: Of the set of files, for people who look at the device.
        files: What it consists of, by names there.
        executable: Those of them that are programs.
    """

    name: str
    files: Mapping[str, Path]
    executable: Collection[str] = ()


@dataclass(frozen=True)
class NativeChoice:
    """The native runner, built from the entry's library.

    Attributes:
        entry: The device.
        target: What to build for.
        library_version: As the library's file says it; empty where it does not.
    """

    entry: DeviceEntry
    target: BuildTarget
    library_version: str

    @contextmanager
    def files(self) -> Iterator[RunnerFiles]:
        """Build it, or find it built; there as long as the context lasts.

        Raises:
            InputError: The library does not suit.
            BuildError: It cannot be built.
        """
        assert self.entry.lite_home is not None  # noqa: S101  (the choice was made by it)
        built = build_runner(self.entry.lite_home, self.target, option=_option(self.entry))
        files = {name: built.folder / name for name in built.files}
        yield RunnerFiles(self.target.name, files, (PROGRAM,))

    def command(self, folder: str) -> list[str]:
        """What runs it from its folder there."""
        program = f"{folder}/{PROGRAM}"
        if self.target.android is None:
            return [program]
        # up to Android 6 a program does not say where its libraries are
        return [*script('LD_LIBRARY_PATH=$1; export LD_LIBRARY_PATH; shift; exec "$@"', folder), program]


@dataclass(frozen=True)
class PythonChoice:
    """The Python runner, for a Python of the device.

    Attributes:
        python: That Python, absolute.
        library_version: Of its paddlelite; empty where unknown.
    """

    python: str
    library_version: str

    @contextmanager
    def files(self) -> Iterator[RunnerFiles]:
        """Pack it; there as long as the context lasts."""
        with scratch() as folder:
            archive = folder / ARCHIVE
            write_python_runner(archive)
            yield RunnerFiles("python", {ARCHIVE: archive})

    def command(self, folder: str) -> list[str]:
        """What runs it from its folder there; its arguments follow."""
        return [self.python, f"{folder}/{ARCHIVE}"]


Choice = NativeChoice | PythonChoice


def choose_runner(entry: DeviceEntry, facts: DeviceFacts) -> Choice:
    """The runner for a device; the native one where the entry names a library and a Python.

    Raises:
        DeviceError: The entry names neither, or not what the device needs; says what to name.
        InputError: The library cannot be read.
    """
    if entry.lite_home is not None:
        return _native(entry, entry.lite_home, facts)
    if entry.python is not None:
        return _python(entry, facts)
    raise DeviceError(
        entry.name,
        "nothing is named that could run models there",
        f"name a Paddle-Lite library folder of this host for {facts.abi}: "
        f"{change_command(entry.name, '--lite-home DIR')}; "
        "or a Python there that has paddlelite, by --python",
    )


def _native(entry: DeviceEntry, lite_home: Path, facts: DeviceFacts) -> NativeChoice:
    target = TARGETS.get(facts.abi)
    if target is None:
        raise DeviceError(
            entry.name,
            f"is {facts.abi}, for which no native runner can be built",
            f"known are {', '.join(TARGETS)}; or name a Python there that has paddlelite, by --python",
        )
    try:
        lite = find_lite_home(lite_home, target, _option(entry))
    except InputError as error:
        raise DeviceError(
            entry.name,
            f"its library does not suit: {error.subject} {error.found}",
            f"name one for {target.name}: {change_command(entry.name, '--lite-home DIR')}",
        ) from None
    try:
        version = version_in_library(lite.library)
    except OSError as error:
        raise InputError(
            lite.library, f"cannot be read ({error.strerror})", "check its permissions"
        ) from None
    return NativeChoice(entry, target, version)


def _python(entry: DeviceEntry, facts: DeviceFacts) -> PythonChoice:
    if not facts.python:
        raise DeviceError(
            entry.name,
            f"has no Python {entry.python}",
            f"name one that is there: {change_command(entry.name, '--python PROGRAM')}",
        )
    if not facts.python_version:
        raise DeviceError(
            entry.name,
            f"{facts.python} does not run as a Python does",
            f"name another: {change_command(entry.name, '--python PROGRAM')}",
        )
    missing = [name for name in NEEDED if name not in facts.packages]
    if missing:
        raise DeviceError(
            entry.name,
            f"its Python {facts.python} ({facts.python_version}) has no {' and no '.join(missing)}",
            f"install them there ('{facts.python} -m pip install {' '.join(missing)}'), or name a "
            f"Paddle-Lite library: {change_command(entry.name, '--lite-home DIR')}",
        )
    return PythonChoice(facts.python, facts.lite_version)


def _option(entry: DeviceEntry) -> str:
    return f"lite_home of {entry.name}"
