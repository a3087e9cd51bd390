"""From sources and a library to a runner, built once for every combination of them."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

import edge
from deploy_tools.conversion.workshop import put_in_place, workshop
from deploy_tools.native.built import PROGRAM, BuiltRunner, is_runner, read_runner, write_manifest
from deploy_tools.native.command import run_step
from deploy_tools.native.link_copy import write_link_copy
from deploy_tools.native.lite_home import HEADERS, LiteHome, find_lite_home
from deploy_tools.native.target import BuildTarget
from deploy_tools.native.toolchain import Toolchain, find_toolchain
from deploy_tools.native.tools import build_tools, require
from edge.errors import BuildError, InputError
from edge.folders import home_folder
from edge.hashing import sha256_of

SOURCES: Final = Path(edge.__file__).resolve().parent / "native"
_SUFFIXES: Final = (".cc", ".h", ".txt")
_KEY_DIGITS: Final = 16


def build_runner(
    lite_home: Path, target: BuildTarget, *, option: str = "--lite-home", platform: int | None = None
) -> BuiltRunner:
    """Build the native runner, or find the one built before from the same sources, library and compiler.

    Args:
        lite_home: A Paddle-Lite inference library folder.
        target: What to build for.
        option: What named the folder, for messages.
        platform: Android's API level; None: the lowest that suits.

    Raises:
        InputError: The folder, or the API level, does not suit.
        BuildError: A tool or the NDK is missing, or the build failed.
    """
    lite = find_lite_home(lite_home, target, option)
    subject = f"the runner for {target.name}"
    require(build_tools(target), subject)
    toolchain = find_toolchain(target, lite, platform)
    origin = _origin(lite, toolchain)
    key = hashlib.sha256(repr((target, toolchain.name, sorted(origin.items()))).encode()).hexdigest()
    place = home_folder() / "runners" / f"{target.name}-{key[:_KEY_DIGITS]}"
    ready = read_runner(place)
    if ready is not None and ready.key == key:
        return ready
    try:
        with workshop(place) as shop:
            beside = tuple(path.name for path in toolchain.beside)
            finished = BuiltRunner(
                shop / "runner", target.name, key, lite.loaded_as, toolchain.name, beside=beside
            )
            _build(lite, toolchain, subject, shop / "build")
            finished.folder.mkdir()
            shutil.copy(shop / "build" / PROGRAM, finished.program)
            shutil.copyfile(lite.library, finished.folder / finished.library)
            for path in toolchain.beside:
                shutil.copyfile(path, finished.folder / path.name)
            write_manifest(finished, origin)
            put_in_place(finished.folder, place)
    except OSError as error:
        raise BuildError(
            subject, f"{place} cannot be written ({error.strerror})", "check permissions and free space"
        ) from None
    return replace(finished, folder=place)


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
    return replace(runner, folder=place)


def _may_replace(folder: Path) -> bool:
    if not folder.is_dir() or folder.is_symlink():
        return False
    return is_runner(folder) or not any(folder.iterdir())


def _origin(lite: LiteHome, toolchain: Toolchain) -> dict[str, str]:
    """Hashes of everything that the result depends on, besides the compiler."""
    sources = sorted(path for path in SOURCES.iterdir() if path.suffix in _SUFFIXES)
    parts = [*sources, *(lite.include / name for name in HEADERS), lite.library, *toolchain.beside]
    return {path.name: sha256_of(path) for path in parts}


def _build(lite: LiteHome, toolchain: Toolchain, subject: str, folder: Path) -> None:
    library = lite.library
    if toolchain.needs_link_copy:
        library = folder.with_name(lite.library.name)
        write_link_copy(lite, library)
    configure = [
        *("cmake", "-S", str(SOURCES), "-B", str(folder), "-G", "Unix Makefiles"),
        "-DCMAKE_BUILD_TYPE=Release",
        *toolchain.words,
        f"-DLITE_INCLUDE={lite.include}",
        f"-DLITE_LIBRARY={library}",
        f"-DLITE_HAS_SONAME={'ON' if lite.elf.soname else 'OFF'}",
    ]
    run_step(configure, subject, "cmake")
    run_step(["cmake", "--build", str(folder), "--parallel", str(os.cpu_count() or 1)], subject, "compiling")
