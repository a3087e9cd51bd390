"""A Paddle-Lite inference library folder, looked at before a compiler is started."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy_tools.native.elf import ElfFile, machine_text, read_elf
from deploy_tools.native.target import TARGETS, BuildTarget
from edge.errors import InputError

HEADERS: Final = ("paddle_api.h", "paddle_place.h")
"""What the runner includes, directly and through the first."""
LIBRARY: Final = "libpaddle_light_api_shared.so"
_OTHERS: Final = {
    "libpaddle_api_light_bundled.a": "the static library",
    "libpaddle_full_api_shared.so": "the full library, which is for opt",
}
_GET_ONE: Final = (
    "give the folder of a Paddle-Lite release (inference_lite_lib.…): it has include and lib, or cxx/include "
    "and cxx/lib"
)
_FLOATS: Final = {
    "hard": "passes floating-point numbers in registers of their own (hard float, armhf)",
    "soft": "passes floating-point numbers in registers of integers (soft float)",
}
_OLD_ANDROID_STL: Final = "libgnustl_shared.so"


@dataclass(frozen=True)
class LiteHome:
    """The parts of a library folder.

    Attributes:
        folder: As the user named it.
        include: Folder of the headers.
        library: The shared library.
        elf: What that is.
    """

    folder: Path
    include: Path
    library: Path
    elf: ElfFile

    @property
    def loaded_as(self) -> str:
        """The file name under which a program looks for the library."""
        return self.elf.soname or self.library.name


def find_lite_home(folder: Path, target: BuildTarget, option: str = "--lite-home") -> LiteHome:
    """Find headers and library, and make sure that they are for a target.

    Args:
        folder: ``include`` and ``lib``, or ``cxx/include`` and ``cxx/lib``, are in it.
        target: What is to be built.
        option: What named the folder, for messages.

    Raises:
        InputError: Something is missing, or for another system or processor.
    """
    subject = f"{option} {folder}"
    if not folder.is_dir():
        found = "is not a folder" if folder.exists() else "no such folder"
        raise InputError(subject, found, _GET_ONE)
    inside = next((place for place in (folder, folder / "cxx") if (place / "lib").is_dir()), None)
    if inside is None:
        raise InputError(subject, "has neither lib nor cxx/lib", _GET_ONE)
    library = inside / "lib" / LIBRARY
    if not library.is_file():
        raise InputError(subject, _missing_library(library), _GET_ONE)
    for name in HEADERS:
        if not (inside / "include" / name).is_file():
            raise InputError(
                subject,
                f"has no {(inside / 'include' / name).relative_to(folder)}",
                "take library and headers from one release: others do not fit together",
            )
    elf = read_elf(library)
    if elf.kind != "shared library":
        article = "an" if elf.kind[0] in "ao" else "a"
        raise InputError(library, f"is no shared library but {article} {elf.kind}", _GET_ONE)
    for misfit in _misfits(elf, target):
        raise InputError(library, misfit, _another(elf, target))
    return LiteHome(folder.absolute(), (inside / "include").absolute(), library.absolute(), elf)


def _misfits(elf: ElfFile, target: BuildTarget) -> Iterator[str]:
    """Why a library does not suit a target."""
    if (elf.bits, elf.machine) != (target.bits, target.machine):
        yield f"is for {elf.machine_name}, {target.name} is {machine_text(target.bits, target.machine)}"
    if elf.system == "musl":
        yield "is built for musl, Linux targets are built for glibc"
    elif elf.system not in ("", target.system):
        yield f"is for {elf.system}, {target.name} is {target.system}"
    if elf.float_abi not in ("", target.float_abi):
        yield f"{_FLOATS[elf.float_abi]}, {target.name} does not"
    if _OLD_ANDROID_STL in elf.needed:
        yield f"needs {_OLD_ANDROID_STL}, which NDKs no longer have"


def _another(elf: ElfFile, target: BuildTarget) -> str:
    """What to take instead."""
    remedy = f"take a library for {target.name} ({target.releases}…)"
    for other in TARGETS.values():
        if next(_misfits(elf, other), None) is None:
            return f"{remedy}, or build with --target {other.name}"
    return remedy


def _missing_library(library: Path) -> str:
    for name, what in _OTHERS.items():
        if library.with_name(name).is_file():
            return f"has no {LIBRARY}, only {what} {name}"
    return f"has no {library.parent.name}/{LIBRARY}"
