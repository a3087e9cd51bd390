"""From sources and a library to a runner, built once for every combination of them."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Final

import edge
from deploy_tools.conversion.workshop import put_in_place, workshop
from deploy_tools.native.built import MANIFEST, PROGRAM, BuiltRunner, read_runner, write_manifest
from deploy_tools.native.command import run_step
from deploy_tools.native.lite_home import HEADERS, LiteHome, find_lite_home
from deploy_tools.native.target import BuildTarget
from deploy_tools.native.tools import build_tools, require, version_of
from edge.errors import BuildError, InputError
from edge.folders import home_folder
from edge.hashing import sha256_of

SOURCES: Final = Path(edge.__file__).resolve().parent / "native"
_SUFFIXES: Final = (".cc", ".h", ".txt")
_KEY_DIGITS: Final = 16


def build_runner(lite_home: Path, target: BuildTarget, *, option: str = "--lite-home") -> BuiltRunner:
    """Build the native runner, or find the one built before from the same sources, library and compiler.

    Args:
        lite_home: A Paddle-Lite inference library folder.
        target: What to build for.
        option: What named the folder, for messages.

    Raises:
        InputError: The folder does not suit.
        BuildError: A tool is missing, or the build failed.
    """
    lite = find_lite_home(lite_home, target, option)
    subject = f"the runner for {target.name}"
    tools = build_tools(target)
    require(tools, subject)
    compiler = version_of(tools[0])
    origin = _origin(lite)
    key = hashlib.sha256(repr((target, compiler, sorted(origin.items()))).encode()).hexdigest()
    place = home_folder() / "runners" / f"{target.name}-{key[:_KEY_DIGITS]}"
    ready = read_runner(place)
    if ready is not None and ready.key == key:
        return ready
    try:
        with workshop(place) as shop:
            finished = BuiltRunner(shop / "runner", target.name, key, lite.library.name, compiler)
            _build(lite, target, subject, shop / "build")
            finished.folder.mkdir()
            shutil.copy(shop / "build" / PROGRAM, finished.program)
            shutil.copyfile(lite.library, finished.folder / lite.library.name)
            write_manifest(finished, origin)
            put_in_place(finished.folder, place)
    except OSError as error:
        raise BuildError(
            subject, f"{place} cannot be written ({error.strerror})", "check permissions and free space"
        ) from None
    return BuiltRunner(place, target.name, key, lite.library.name, compiler)


def copy_runner(runner: BuiltRunner, folder: Path) -> BuiltRunner:
    """Copy a runner to a folder of the user's.

    Raises:
        InputError: The folder is taken by something else, or cannot be written.
    """
    subject = f"--output {folder}"
    if os.path.lexists(folder) and not _may_replace(folder):
        raise InputError(subject, "is there, and is no runner", "name a new or an empty folder")
    place = folder.absolute()
    try:
        with workshop(place) as shop:
            shutil.copytree(runner.folder, shop / "runner")
            put_in_place(shop / "runner", place)
    except OSError as error:
        raise InputError(subject, f"cannot be written ({error.strerror})", "name another folder") from None
    return BuiltRunner(place, runner.target, runner.key, runner.library, runner.compiler)


def _may_replace(folder: Path) -> bool:
    if not folder.is_dir() or folder.is_symlink():
        return False
    names = {path.name for path in folder.iterdir()}
    return not names or ({MANIFEST, PROGRAM} <= names and len(names) == 3)


def _origin(lite: LiteHome) -> dict[str, str]:
    """Hashes of everything that the result depends on, besides the compiler."""
    sources = sorted(path for path in SOURCES.iterdir() if path.suffix in _SUFFIXES)
    parts = [*sources, *(lite.include / name for name in HEADERS), lite.library]
    return {path.name: sha256_of(path) for path in parts}


def _build(lite: LiteHome, target: BuildTarget, subject: str, folder: Path) -> None:
    cross = [f"-DCMAKE_SYSTEM_NAME={target.system}", f"-DCMAKE_SYSTEM_PROCESSOR={target.processor}"]
    configure = [
        *("cmake", "-S", str(SOURCES), "-B", str(folder), "-G", "Unix Makefiles"),
        "-DCMAKE_BUILD_TYPE=Release",
        f"-DCMAKE_CXX_COMPILER={target.compiler}",
        *(cross if target.cross else []),
        f"-DLITE_INCLUDE={lite.include}",
        f"-DLITE_LIBRARY={lite.library}",
    ]
    run_step(configure, subject, "cmake")
    run_step(["cmake", "--build", str(folder), "--parallel", str(os.cpu_count() or 1)], subject, "compiling")
