"""The tables of an ELF file: segments, sections, what it is linked with, and its notes.

Layout as in ``<elf.h>``; of ARM's build attributes as in "Addenda to, and Errata in, the ABI for the Arm
Architecture".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

_PT_LOAD: Final = 1
_PT_DYNAMIC: Final = 2
_PT_NOTE: Final = 4
_SHT_NOBITS: Final = 8  # a section of zeros, which is not in the file
_SHT_DYNSYM: Final = 11
_SHT_ARM_ATTRIBUTES: Final = 0x70000003
_DT_NEEDED: Final = 1
_DT_STRTAB: Final = 5
_DT_SONAME: Final = 14

_STB_LOCAL: Final = 0

_TAG_FILE: Final = 1
_TAG_COMPATIBILITY: Final = 32
_TAGS_WITH_TEXT: Final = (4, 5)  # names of processors; above 32 the odd ones


class CutOffError(Exception):
    """The file ends before what its tables name."""


@dataclass(frozen=True)
class Part:
    """A segment or section.

    Attributes:
        kind: Its type.
        offset: Where it begins in the file.
        size: Its bytes in the file.
        address: Where it is in memory.
        info: Of a section: what it means depends on the type.
    """

    kind: int
    offset: int
    size: int
    address: int
    info: int = 0


class ElfImage:
    """An ELF file's bytes, read by number and table.

    Args:
        data: The whole file.
        bits: 32 or 64.
        order: Of the bytes in a number.
    """

    def __init__(self, data: bytes, bits: int, order: Literal["little", "big"]) -> None:
        self._data = data
        self._wide = bits == 64
        self._order = order

    @property
    def flags(self) -> int:
        """Of the processor."""
        return self._number(48 if self._wide else 36, 4)

    def segments(self) -> Iterator[Part]:
        """What is loaded.

        Raises:
            CutOffError: One lies beyond the end of the file.
        """
        if self._wide:
            yield from self._parts(32, 54, kind=0, offset=8, size=32, address=16)
        else:
            yield from self._parts(28, 42, kind=0, offset=4, size=16, address=8)

    def sections(self) -> Iterator[Part]:
        """What the linker left; may be none.

        Raises:
            CutOffError: One lies beyond the end of the file.
        """
        if self._wide:
            yield from self._parts(40, 58, kind=4, offset=24, size=32, address=16, info=44)
        else:
            yield from self._parts(32, 46, kind=4, offset=16, size=20, address=12, info=28)

    def linked(self) -> tuple[tuple[str, ...], str]:
        """The libraries it needs, and its own name for those that need it; empty where it says none."""
        entries = list(self._dynamic())
        texts = next((self._offset_of(value) for tag, value in entries if tag == _DT_STRTAB), None)
        if texts is None:
            return (), ""
        needed = tuple(self._text(texts + value) for tag, value in entries if tag == _DT_NEEDED)
        return needed, next((self._text(texts + value) for tag, value in entries if tag == _DT_SONAME), "")

    def notes(self) -> Iterator[tuple[str, bytes]]:
        """Owner and content of every note."""
        for segment in self.segments():
            at, end = segment.offset, segment.offset + segment.size
            while segment.kind == _PT_NOTE and at + 12 <= end:
                owner, content = self._number(at, 4), self._number(at + 4, 4)
                start = at + 12 + _rounded(owner)
                yield self._text(at + 12), self._data[start : min(start + content, end)]
                at = start + _rounded(content)

    def arm_attributes(self) -> dict[int, int] | None:
        """ARM's build attributes that are numbers; None where there are none at all."""
        for section in self.sections():
            if section.kind == _SHT_ARM_ATTRIBUTES and section.size:
                try:
                    return self._attributes(section.offset + 1, section.offset + section.size)
                except IndexError:
                    raise CutOffError from None
        return None

    def late_locals(self) -> Iterator[int]:
        """Where the binding of every exported symbol is that calls itself local.

        Those come first in a table, and its header says how many there are. GNU's older linkers left some
        behind it, which LLVM's refuses.
        """
        each, binding = (24, 4) if self._wide else (16, 12)
        for section in self.sections():
            if section.kind == _SHT_DYNSYM:
                first = section.offset + section.info * each
                for at in range(first, section.offset + section.size, each):
                    if self._data[at + binding] >> 4 == _STB_LOCAL:
                        yield at + binding

    def _parts(
        self,
        table: int,
        sizes: int,
        *,
        kind: int,
        offset: int,
        size: int,
        address: int,
        info: int | None = None,
    ) -> Iterator[Part]:
        word = 8 if self._wide else 4
        start, each, count = self._number(table, word), self._number(sizes, 2), self._number(sizes + 2, 2)
        if start + each * count > len(self._data):
            raise CutOffError
        for at in range(start, start + each * count, each or 1):
            part = Part(
                self._number(at + kind, 4),
                self._number(at + offset, word),
                self._number(at + size, word),
                self._number(at + address, word),
                0 if info is None else self._number(at + info, 4),
            )
            zeros = info is not None and part.kind == _SHT_NOBITS
            if not zeros and part.offset + part.size > len(self._data):
                raise CutOffError
            yield part

    def _dynamic(self) -> Iterator[tuple[int, int]]:
        word = 8 if self._wide else 4
        for segment in self.segments():
            if segment.kind != _PT_DYNAMIC:
                continue
            for at in range(segment.offset, segment.offset + segment.size, 2 * word):
                tag = self._number(at, word)
                if tag == 0:
                    return
                yield tag, self._number(at + word, word)

    def _offset_of(self, address: int) -> int:
        for part in self.segments():
            if part.kind == _PT_LOAD and part.address <= address < part.address + part.size:
                return address - part.address + part.offset
        return address

    def _attributes(self, at: int, end: int) -> dict[int, int]:
        found: dict[int, int] = {}
        while at < end:
            stop = at + self._number(at, 4)
            vendor = self._text(at + 4)
            part = at + 5 + len(vendor)
            while vendor == "aeabi" and part < stop:
                tag, size = self._data[part], self._number(part + 1, 4)
                if tag == _TAG_FILE:
                    found.update(self._pairs(part + 5, part + size))
                part += max(size, 5)
            at = max(stop, at + 4)
        return found

    def _pairs(self, at: int, end: int) -> Iterator[tuple[int, int]]:
        while at < end:
            tag, at = self._variable(at)
            if tag in _TAGS_WITH_TEXT or (tag > _TAG_COMPATIBILITY and tag % 2):
                at += len(self._text(at)) + 1
                continue
            value, at = self._variable(at)
            if tag == _TAG_COMPATIBILITY:
                at += len(self._text(at)) + 1
            yield tag, value

    def _variable(self, at: int) -> tuple[int, int]:
        """A number of as many bytes as it needs (ULEB128), and where the next thing begins."""
        value, shift = 0, 0
        while True:
            byte = self._data[at]
            value |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if byte < 0x80:
                return value, at

    def _number(self, at: int, size: int) -> int:
        if at + size > len(self._data):
            raise CutOffError
        return int.from_bytes(self._data[at : at + size], self._order)

    def _text(self, at: int) -> str:
        end = self._data.find(b"\0", at)
        if end < 0:
            raise CutOffError
        return self._data[at:end].decode("latin-1")


def _rounded(size: int) -> int:
    return (size + 3) & ~3
