"""A Paddle-Lite inference library folder, looked at before a compiler is started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy_tools.native.elf import machine_text, read_elf
from deploy_tools.native.target import BuildTarget
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


@dataclass(frozen=True)
class LiteHome:
    """The parts of a library folder.

    Attributes:
        folder: As the user named it.
        include: Folder of the headers.
        library: The shared library.
    """

    folder: Path
    include: Path
    library: Path


def find_lite_home(folder: Path, target: BuildTarget, option: str = "--lite-home") -> LiteHome:
    """Find headers and library, and make sure that they are for a target.

    Args:
        folder: ``include`` and ``lib``, or ``cxx/include`` and ``cxx/lib``, are in it.
        target: What is to be built.
        option: What named the folder, for messages.

    Raises:
        InputError: Something is missing, or for another processor.
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
        raise InputError(library, f"is no shared library but a {elf.kind}", _GET_ONE)
    if (elf.bits, elf.machine) != (target.bits, target.machine):
        raise InputError(
            library,
            f"is for {elf.machine_name}, {target.name} is {machine_text(target.bits, target.machine)}",
            "name the library of the target, or another --target",
        )
    return LiteHome(folder.absolute(), (inside / "include").absolute(), library.absolute())


def _missing_library(library: Path) -> str:
    for name, what in _OTHERS.items():
        if library.with_name(name).is_file():
            return f"has no {LIBRARY}, only {what} {name}"
    return f"has no {library.parent.name}/{LIBRARY}"
