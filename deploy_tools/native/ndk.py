"""Android's NDK on this host: found by the variables that name it, and looked at before it is used."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy_tools.native.target import AndroidAbi
from edge.errors import BuildError
from edge.folders import expand_user

VARIABLES: Final = ("ANDROID_NDK_HOME", "ANDROID_NDK_ROOT", "ANDROID_NDK")
"""What names the NDK; the first that is set counts."""
TOOLCHAIN_FILE: Final = "build/cmake/android.toolchain.cmake"
STL_LIBRARY: Final = "libc++_shared.so"

_OLDEST: Final = 18  # the first without GNU's C++ library, and with a compiler that knows all of C++17
_PREBUILT: Final = "toolchains/llvm/prebuilt"
GET_ONE: Final = (
    f"unpack an Android NDK for Linux, r{_OLDEST} or newer, and name its folder: "
    f"export {VARIABLES[0]}=…/android-ndk-r25c"
)


@dataclass(frozen=True)
class Ndk:
    """An NDK.

    Attributes:
        folder: Where it is.
        variable: What named it, for messages.
        revision: As it says it, such as ``25.2.9519653``.
        platforms: The lowest and the highest API level that it builds for.
        compiler: Its C++ compiler.
    """

    folder: Path
    variable: str
    revision: str
    platforms: tuple[int, int]
    compiler: Path

    @property
    def name(self) -> str:
        """As people call it, such as ``NDK r25c``."""
        major, minor = (int(number) for number in self.revision.split(".")[:2])
        return f"NDK r{major}{chr(ord('a') + minor) if minor else ''}"

    @property
    def subject(self) -> str:
        """What names it, for messages."""
        return f"{self.variable}={self.folder}"

    @property
    def toolchain_file(self) -> Path:
        """For CMake."""
        return self.folder / TOOLCHAIN_FILE

    def stl_library(self, android: AndroidAbi) -> Path:
        """The shared C++ library for an ABI.

        Raises:
            BuildError: It has none.
        """
        places = (
            self.compiler.parents[1] / "sysroot/usr/lib" / android.triple,
            self.folder / "sources/cxx-stl/llvm-libc++/libs" / android.abi,  # up to r22
        )
        found = next((place / STL_LIBRARY for place in places if (place / STL_LIBRARY).is_file()), None)
        if found is None:
            raise BuildError(
                self.subject, f"has no {STL_LIBRARY} for {android.abi}", "unpack it again, all of it"
            )
        return found


def find_ndk() -> Ndk:
    """The NDK that the environment names.

    Raises:
        BuildError: None is named, or what is named is none, or none that serves.
    """
    variable = next((name for name in VARIABLES if os.environ.get(name)), None)
    if variable is None:
        raise BuildError("Android NDK", f"none is named: {', '.join(VARIABLES)} are not set", GET_ONE)
    folder = expand_user(os.environ[variable]).absolute()
    subject = f"{variable}={folder}"
    if not folder.is_dir():
        raise BuildError(subject, "is not a folder" if folder.exists() else "no such folder", GET_ONE)
    revision = _revision(folder)
    if revision is None or not (folder / TOOLCHAIN_FILE).is_file():
        raise BuildError(subject, *_no_ndk(folder, variable, named=revision is not None))
    if int(revision.partition(".")[0]) < _OLDEST:
        raise BuildError(subject, f"is NDK {revision}, older than r{_OLDEST}", GET_ONE)
    return Ndk(folder, variable, revision, _platforms(folder), _compiler(folder, subject))


def _revision(folder: Path) -> str | None:
    try:
        text = (folder / "source.properties").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    found = re.search(r"^Pkg\.Revision\s*=\s*(\d+\.\d+[\w.-]*)", text, re.MULTILINE)
    return found[1] if found else None


def _no_ndk(folder: Path, variable: str, *, named: bool) -> tuple[str, str]:
    """What a folder is instead, and the remedy: mostly one above, or one below."""
    if named and (folder / "toolchains").is_dir():
        return f"has no {TOOLCHAIN_FILE}", "unpack it again, all of it"
    inside = [*folder.glob("ndk/*"), folder / "ndk-bundle", *folder.glob("*")]
    real = sorted(place for place in inside if (place / TOOLCHAIN_FILE).is_file())
    if real:
        what = "an Android SDK" if (folder / "platform-tools").is_dir() else "a folder with an NDK in it"
        return f"is {what}, not the NDK itself", f"export {variable}={real[-1]}"
    if (folder / "platform-tools").is_dir():
        return "is an Android SDK, without an NDK", GET_ONE
    above = next((place for place in folder.parents if (place / TOOLCHAIN_FILE).is_file()), None)
    if above is not None:
        return "is a part of an NDK", f"export {variable}={above}"
    return f"is no Android NDK: it has no {TOOLCHAIN_FILE}", GET_ONE


def _platforms(folder: Path) -> tuple[int, int]:
    try:
        levels = json.loads((folder / "meta" / "platforms.json").read_text(encoding="utf-8"))
        return int(levels["min"]), int(levels["max"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, 10_000  # its toolchain file says what it takes


def _compiler(folder: Path, subject: str) -> Path:
    hosts = sorted(place.name for place in (folder / _PREBUILT).glob("*") if place.is_dir())
    host = next((name for name in hosts if name.startswith("linux-")), None)
    if host is None:
        raise BuildError(subject, f"is an NDK for {', '.join(hosts) or 'no host at all'}", GET_ONE)
    compiler = folder / _PREBUILT / host / "bin" / "clang++"
    if not compiler.is_file():
        raise BuildError(subject, f"has no {compiler.relative_to(folder)}", "unpack it again, all of it")
    if not os.access(compiler, os.X_OK):
        raise BuildError(
            subject,
            f"{compiler.relative_to(folder)} may not be executed",
            "unpack it again with a program that keeps permissions, such as unzip",
        )
    return compiler
