"""What a library is built for, from its ELF header; of an archive, from its first object.

Layout as in ``<elf.h>`` and ``<ar.h>``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.errors import InputError

_ELF: Final = b"\x7fELF"
_ARCHIVE: Final = b"!<arch>\n"
_LOOKED_AT: Final = 1 << 20
_HEADER: Final = 20
_CLASSES: Final = {1: 32, 2: 64}
_KINDS: Final = {1: "object", 2: "program", 3: "shared library"}
_MACHINES: Final = {3: "x86 (32 bit)", 40: "ARM (32 bit)", 62: "x86-64", 183: "ARM (64 bit)", 243: "RISC-V"}


@dataclass(frozen=True)
class ElfFile:
    """What an ELF file is.

    Attributes:
        bits: 32 or 64.
        machine: Number of the processor.
        kind: ``shared library``, ``program``, ``object``, or ``archive`` of objects.
    """

    bits: int
    machine: int
    kind: str

    @property
    def machine_name(self) -> str:
        """The processor in words."""
        return _MACHINES.get(self.machine, f"machine {self.machine}")


def read_elf(path: Path) -> ElfFile:
    """Read the header of a library or program.

    Raises:
        InputError: The file cannot be read, or is none.
    """
    again = "fetch the library again"
    try:
        with path.open("rb") as stream:
            data = stream.read(_LOOKED_AT)
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})", again) from None
    archive = data.startswith(_ARCHIVE)
    start = data.find(_ELF, len(_ARCHIVE)) if archive else 0
    header = data[start : start + _HEADER] if start >= 0 else b""
    if not header.startswith(_ELF) or len(header) < _HEADER or header[4] not in _CLASSES:
        found = "is a Git LFS pointer, not the file" if data.startswith(b"version https://git-lfs") else None
        raise InputError(path, found or "is no library (not an ELF file)", again)
    order: Final = "little" if header[5] == 1 else "big"
    kind = int.from_bytes(header[16:18], order)
    machine = int.from_bytes(header[18:20], order)
    return ElfFile(
        _CLASSES[header[4]], machine, "archive" if archive else _KINDS.get(kind, f"file of kind {kind}")
    )


def machine_text(bits: int, machine: int) -> str:
    """A processor in words, for messages."""
    return ElfFile(bits, machine, "").machine_name
