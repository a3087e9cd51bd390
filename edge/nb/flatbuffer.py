"""A small FlatBuffers reader that trusts no offset in the buffer.

FlatBuffers (https://flatbuffers.dev/internals/): a table starts with a signed 32-bit distance back to its
vtable; the vtable holds, as uint16, its own size, the table's size and one offset per field (0: absent).
Strings, vectors and child tables are reached through unsigned 32-bit distances, forward from where the
distance itself stands.
"""

from __future__ import annotations

import struct

from edge.nb.damage import NbDamageError

_U16 = struct.Struct("<H")
_I32 = struct.Struct("<i")
_U32 = struct.Struct("<I")


class FlatBuffer:
    """A buffer with bounds-checked reads and a budget of bytes to visit.

    In a buffer as written every table, string and vector is reached once. Damaged offsets can make one part
    stand in many places, and reading would take time quadratic in the size or worse; the budget, which is the
    buffer's own size, ends that.

    Args:
        data: The whole buffer; offsets count from its start.
        part: What the buffer is, for messages.
    """

    def __init__(self, data: bytes, part: str) -> None:
        self.data = data
        self.size = len(data)
        self.part = part
        self._budget = len(data)

    def root(self) -> Table:
        """The table the buffer starts with."""
        return Table(self, self.follow(0))

    def damage(self, found: str) -> NbDamageError:
        """A finding about this buffer, to be raised."""
        return NbDamageError(f"damaged {self.part}: {found}")

    def visit(self, position: int, length: int) -> None:
        """Check that a range lies inside, and take it off the budget."""
        if position < 0 or length < 0 or position + length > self.size:
            raise self.damage(f"{length} bytes at {position} lie outside its {self.size}")
        self._budget -= length
        if self._budget < 0:
            raise self.damage("its parts overlap")

    def u16(self, position: int) -> int:
        """An unsigned 16-bit number."""
        return self._number(_U16, position)

    def i32(self, position: int) -> int:
        """A signed 32-bit number."""
        return self._number(_I32, position)

    def u32(self, position: int) -> int:
        """An unsigned 32-bit number."""
        return self._number(_U32, position)

    def follow(self, position: int) -> int:
        """The position that the forward distance at ``position`` leads to."""
        return position + self._number(_U32, position)

    def byte_string(self, position: int) -> bytes:
        """The bytes of the string whose length stands at ``position``."""
        length = self.u32(position)
        self.visit(position, 4 + length)
        return self.data[position + 4 : position + 4 + length]

    def vector(self, position: int, width: int) -> tuple[int, int]:
        """Check the vector of ``width``-byte elements at ``position``: where it starts, and how many."""
        count = self.u32(position)
        self.visit(position, 4 + count * width)
        return position + 4, count

    def _number(self, form: struct.Struct, position: int) -> int:
        if position < 0 or position + form.size > self.size:
            raise self.damage(f"{form.size} bytes at {position} lie outside its {self.size}")
        number: int = form.unpack_from(self.data, position)[0]
        return number


class Table:
    """One table: fields by their number in the schema; absent fields give None, or the default asked for."""

    __slots__ = ("_vtable", "_vtable_size", "buffer", "position")

    def __init__(self, buffer: FlatBuffer, position: int) -> None:
        vtable = position - buffer.i32(position)
        vtable_size, table_size = buffer.u16(vtable), buffer.u16(vtable + 2)
        if vtable_size < 4 or vtable_size % 2 or vtable + vtable_size > buffer.size or table_size < 4:
            raise buffer.damage(f"no table at {position}")
        buffer.visit(position, table_size)
        self.buffer = buffer
        self.position = position
        self._vtable = vtable
        self._vtable_size = vtable_size

    def field(self, number: int) -> int | None:
        """Where a field's value stands in the buffer."""
        entry = 4 + 2 * number
        if entry + 2 > self._vtable_size:
            return None
        offset = self.buffer.u16(self._vtable + entry)
        return self.position + offset if offset else None

    def integer(self, number: int, default: int = 0) -> int:
        """A signed 32-bit field."""
        at = self.field(number)
        return default if at is None else self.buffer.i32(at)

    def byte(self, number: int, default: int = 0) -> int:
        """An unsigned 8-bit or boolean field."""
        at = self.field(number)
        if at is None:
            return default
        if at >= self.buffer.size:
            raise self.buffer.damage(f"a byte at {at} lies outside its {self.buffer.size}")
        return self.buffer.data[at]

    def byte_string(self, number: int) -> bytes | None:
        """A string field, undecoded."""
        at = self.field(number)
        return None if at is None else self.buffer.byte_string(self.buffer.follow(at))

    def text(self, number: int) -> str:
        """A required string field."""
        raw = self.byte_string(number)
        if raw is None:
            raise self.buffer.damage(f"the table at {self.position} lacks its name")
        try:
            return raw.decode()
        except UnicodeDecodeError:
            raise self.buffer.damage(f"the name of the table at {self.position} is no text") from None

    def table(self, number: int) -> Table | None:
        """A child table."""
        at = self.field(number)
        return None if at is None else Table(self.buffer, self.buffer.follow(at))

    def tables(self, number: int) -> list[Table]:
        """A vector of child tables; empty where the field is absent."""
        return [Table(self.buffer, at) for at in self._references(number)]

    def texts(self, number: int) -> tuple[str, ...]:
        """A vector of strings; empty where the field is absent."""
        return tuple(self.buffer.byte_string(at).decode(errors="replace") for at in self._references(number))

    def vector(self, number: int, width: int) -> tuple[int, int]:
        """Where the elements of a vector start, and how many; none where the field is absent."""
        at = self.field(number)
        return (0, 0) if at is None else self.buffer.vector(self.buffer.follow(at), width)

    def longs(self, number: int) -> tuple[int, ...]:
        """A vector of signed 64-bit numbers; empty where the field is absent."""
        first, count = self.vector(number, 8)
        return struct.unpack_from(f"<{count}q", self.buffer.data, first)

    def _references(self, number: int) -> list[int]:
        first, count = self.vector(number, 4)
        follow = self.buffer.follow
        return [follow(first + 4 * index) for index in range(count)]
