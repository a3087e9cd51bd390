"""Protobuf messages as lists of fields that are written back as they were read.

Only lengths and numbers of fields are looked at (https://protobuf.dev/programming-guides/encoding/), so what
a schema does not tell of survives too.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

VARINT: Final = 0
BYTES: Final = 2
_FOUR_BYTES: Final = 5
_FIXED: Final = {1: 8, _FOUR_BYTES: 4}


class WireError(ValueError):
    """Bytes that are no message."""


@dataclass(frozen=True)
class Field:
    """A field of a message.

    Attributes:
        number: In the schema.
        kind: Wire type.
        value: As it stands in the message: of a string or message its bytes, of a number its encoding.
    """

    number: int
    kind: int
    value: bytes

    @property
    def whole(self) -> int:
        """The number in a field of kind `VARINT`.

        Raises:
            WireError: It is of another kind.
        """
        if self.kind != VARINT:
            raise WireError(f"field {self.number} is no whole number")
        return _varint(self.value, 0)[0]

    @property
    def signed(self) -> int:
        """The same as a signed number: a negative one stands there as if it had 64 bits.

        Raises:
            WireError: It is of another kind.
        """
        return self.whole - (1 << 64) if self.whole >> 63 else self.whole

    @property
    def single(self) -> float:
        """The number in a field of four bytes.

        Raises:
            WireError: It is of another kind.
        """
        if self.kind != _FOUR_BYTES:
            raise WireError(f"field {self.number} is no float")
        return float(struct.unpack("<f", self.value)[0])

    @property
    def content(self) -> bytes:
        """What is in a field of kind `BYTES`: a string, a message or a packed list.

        Raises:
            WireError: It is of another kind.
        """
        if self.kind != BYTES:
            raise WireError(f"field {self.number} is no string or message")
        return self.value

    @property
    def text(self) -> str:
        """The same as text.

        Raises:
            WireError: It is of another kind, or no text.
        """
        try:
            return self.content.decode()
        except UnicodeDecodeError:
            raise WireError(f"field {self.number} is no text") from None


def read_message(data: bytes) -> list[Field]:
    """The fields of a message, in their order.

    Raises:
        WireError: It is none.
    """
    return list(iterate_message(data))


def iterate_message(data: bytes) -> Iterator[Field]:
    """The same, read as far as they are asked for.

    Raises:
        WireError: What was read so far is no message.
    """
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        number, kind = key >> 3, key & 7
        start = position
        if kind == VARINT:
            _, position = _varint(data, position)
        elif kind == BYTES:
            length, start = _varint(data, position)
            position = start + length
        elif kind in _FIXED:
            position += _FIXED[kind]
        else:
            raise WireError(f"wire type {kind} at byte {start}")
        if not number or position > len(data):
            raise WireError(f"a field at byte {start} goes beyond the message's end")
        yield Field(number, kind, data[start:position])


def write_message(fields: Iterable[Field]) -> bytes:
    """A message of fields."""
    parts = bytearray()
    for field in fields:
        parts += encoded(field.number << 3 | field.kind)
        if field.kind == BYTES:
            parts += encoded(len(field.value))
        parts += field.value
    return bytes(parts)


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """A number, and where the bytes after it begin."""
    value = 0
    for index, byte in enumerate(data[position : position + 10]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value, position + index + 1
    raise WireError(f"a number at byte {position} has no end")


def encoded(number: int) -> bytes:
    """A whole number as it stands in messages."""
    number &= (1 << 64) - 1
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)
