"""A copy of a library that LLVM's linker takes; what goes to the device stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from deploy_tools.native.elf_image import ElfImage
from deploy_tools.native.lite_home import LiteHome

_WEAK: Final = 0x20
_TYPE: Final = 0x0F


def write_link_copy(lite: LiteHome, copy: Path) -> None:
    """Copy a library for Android, with symbols called weak that call themselves local among the global ones.

    Paddle-Lite's libraries for Android come from GNU's old linkers, which left a few such (``__bss_start``,
    ``_end``). NDKs from r22 on have LLVM's linker, which gives up at the first. No program needs any of them.

    Raises:
        OSError: The library cannot be read, or the copy not written.
    """
    data = bytearray(lite.library.read_bytes())
    for at in ElfImage(bytes(data), lite.elf.bits, "little").late_locals():
        data[at] = _WEAK | (data[at] & _TYPE)
    copy.write_bytes(data)
