"""What a library is built for, from its ELF file; of an archive, from its first object.

Layout as in ``<elf.h>`` and ``<ar.h>``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from deploy_tools.native.elf_image import CutOffError, ElfImage
from edge.errors import InputError

_ELF: Final = b"\x7fELF"
_ARCHIVE: Final = b"!<arch>\n"
_HEADER: Final = {1: 52, 2: 64}
_CLASSES: Final = {1: 32, 2: 64}
_KINDS: Final = {1: "object", 2: "program", 3: "shared library"}
EM_ARM: Final = 40
EM_X86_64: Final = 62
EM_AARCH64: Final = 183
_MACHINES: Final = {
    3: "x86 (32 bit)",
    EM_ARM: "ARM (32 bit)",
    EM_X86_64: "x86-64",
    EM_AARCH64: "ARM (64 bit)",
    243: "RISC-V",
}
_FLAG_SOFT: Final = 0x200
_FLAG_HARD: Final = 0x400
_TAG_VFP_ARGS: Final = 28
_VFP_ARGS: Final = {0: "soft", 1: "hard"}

# of Android's own libraries, which elsewhere have numbers at their ends
_OF_ANDROID: Final = (
    "libdl.so",
    "libm.so",
    "liblog.so",
    "libandroid.so",
    "libc++_shared.so",
    "libgnustl_shared.so",
)


@dataclass(frozen=True)
class ElfFile:
    """What an ELF file is.

    Attributes:
        bits: 32 or 64.
        machine: Number of the processor.
        kind: ``shared library``, ``program``, ``object``, or ``archive`` of objects.
        system: ``Linux`` (with glibc), ``Android`` or ``musl``; empty where nothing tells.
        float_abi: Of 32-bit ARM: ``hard`` where numbers are passed in registers of the floating-point unit,
            ``soft`` where not; empty elsewhere, and where nothing tells.
        needed: Names of the libraries it is linked with.
        soname: Its name in programs that are linked with it; empty where it has none.
        android_api: The Android API level it was built for; 0 where nothing tells.
    """

    bits: int
    machine: int
    kind: str
    system: str = ""
    float_abi: str = ""
    needed: tuple[str, ...] = ()
    soname: str = ""
    android_api: int = 0

    @property
    def machine_name(self) -> str:
        """The processor in words."""
        return _MACHINES.get(self.machine, f"machine {self.machine}")


def read_elf(path: Path) -> ElfFile:
    """Read what a library or program is.

    Raises:
        InputError: The file cannot be read, is none, or is cut off.
    """
    again = "fetch the library again"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})", again) from None
    archive = data.startswith(_ARCHIVE)
    if archive:
        data = data[max(data.find(_ELF), 0) :]
    if not data.startswith(_ELF) or len(data) < 5 or len(data) < _HEADER.get(data[4], len(data) + 1):
        found = "is a Git LFS pointer, not the file" if data.startswith(b"version https://git-lfs") else None
        raise InputError(path, found or "is no library (not an ELF file)", again)
    bits = _CLASSES[data[4]]
    order: Literal["little", "big"] = "little" if data[5] == 1 else "big"
    kind = int.from_bytes(data[16:18], order)
    machine = int.from_bytes(data[18:20], order)
    if archive:
        return ElfFile(bits, machine, "archive")
    try:
        return _look(ElfImage(data, bits, order), bits, machine, _KINDS.get(kind, f"file of kind {kind}"))
    except CutOffError:
        raise InputError(path, f"is cut off: it has {len(data)} bytes, and names more", again) from None


def machine_text(bits: int, machine: int) -> str:
    """A processor in words, for messages."""
    return ElfFile(bits, machine, "").machine_name


def _look(image: ElfImage, bits: int, machine: int, kind: str) -> ElfFile:
    list(image.sections())  # they come last in a file: all of it is there
    needed, soname = image.linked()
    android = next((content for owner, content in image.notes() if owner == "Android"), None)
    return ElfFile(
        bits,
        machine,
        kind,
        system="Android" if android is not None else _system(needed),
        float_abi=_float_abi(image) if machine == EM_ARM else "",
        needed=needed,
        soname=soname,
        android_api=int.from_bytes((android or b"")[:4], "little"),
    )


def _system(needed: Sequence[str]) -> str:
    if any(name == "libc.so.6" or name.startswith("ld-linux") for name in needed):
        return "Linux"
    if any(name.startswith("libc.musl-") for name in needed):
        return "musl"
    return "Android" if any(name in _OF_ANDROID for name in needed) else ""


def _float_abi(image: ElfImage) -> str:
    if image.flags & (_FLAG_SOFT | _FLAG_HARD):
        return "hard" if image.flags & _FLAG_HARD else "soft"
    attributes = image.arm_attributes()  # of linkers that set no flags
    return "" if attributes is None else _VFP_ARGS.get(attributes.get(_TAG_VFP_ARGS, 0), "")
