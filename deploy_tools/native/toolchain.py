"""What compiles for a target, as CMake is told it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy_tools.native.lite_home import LiteHome
from deploy_tools.native.ndk import STL_LIBRARY, find_ndk
from deploy_tools.native.target import AndroidAbi, BuildTarget
from deploy_tools.native.tools import compiler_of, version_of
from edge.errors import InputError

DEFAULT_PLATFORM: Final = 21
"""Android 5, the first with 64-bit processors, and the oldest that today's NDKs build for."""
PLATFORM_OPTION: Final = "--android-platform"


@dataclass(frozen=True)
class Toolchain:
    """A compiler.

    Attributes:
        name: It and everything chosen for it: another name means another program.
        words: CMake's definitions.
        beside: Libraries that lie beside the program, besides Paddle-Lite's.
        needs_link_copy: Whether its linker is one that refuses old libraries.
    """

    name: str
    words: tuple[str, ...]
    beside: tuple[Path, ...] = ()
    needs_link_copy: bool = False


def find_toolchain(target: BuildTarget, lite: LiteHome, platform: int | None) -> Toolchain:
    """What compiles for a target and a library.

    Args:
        target: What to build for.
        lite: The library, which decides what of Android's C++ library is needed.
        platform: Android's API level; None: the lowest that suits NDK and library, and is at least
            `DEFAULT_PLATFORM`.

    Raises:
        InputError: The level does not suit.
        BuildError: There is no NDK, or none that serves.
    """
    if target.android is not None:
        return _android(target.android, lite, platform)
    if platform is not None:
        raise InputError(
            f"{PLATFORM_OPTION} {platform}", f"{target.name} is no Android", "leave the option away"
        )
    words = [f"-DCMAKE_CXX_COMPILER={target.compiler}"]
    if target.cross:
        words += [f"-DCMAKE_SYSTEM_NAME={target.system}", f"-DCMAKE_SYSTEM_PROCESSOR={target.processor}"]
    return Toolchain(version_of(compiler_of(target)), tuple(words))


def _android(android: AndroidAbi, lite: LiteHome, platform: int | None) -> Toolchain:
    ndk = find_ndk()
    lowest, highest = ndk.platforms
    level = platform or max(DEFAULT_PLATFORM, lowest, lite.elf.android_api)
    subject = f"{PLATFORM_OPTION} {level}"
    if not lowest <= level <= highest:
        raise InputError(subject, f"{ndk.name} builds for {lowest} to {highest}", "name one of them")
    if level < lite.elf.android_api:
        raise InputError(
            subject,
            f"the library is for {lite.elf.android_api} and newer",
            "leave the option away, or raise it",
        )
    shared = STL_LIBRARY in lite.elf.needed
    stl = "c++_shared" if shared else "c++_static"
    return Toolchain(
        name=f"{ndk.name} ({ndk.revision}), android-{level}, {stl}",
        words=(
            f"-DCMAKE_TOOLCHAIN_FILE={ndk.toolchain_file}",
            f"-DANDROID_ABI={android.abi}",
            f"-DANDROID_PLATFORM=android-{level}",
            f"-DANDROID_STL={stl}",
        ),
        beside=(ndk.stl_library(android),) if shared else (),
        needs_link_copy=True,
    )
