"""A look at the outermost structure of a ``.pdmodel``: whole, cut off, or something else.

It is a protobuf message, ``ProgramDesc`` of Paddle's ``framework.proto``, whose fields all have a length. Of
one that is cut off ``opt`` makes a model without complaint, or crashes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from edge.errors import ModelError

_FIELDS: Final = frozenset({1, 4, 5})  # blocks, version, op_version_map
_LENGTH_DELIMITED: Final = 2
_LONGEST_HEAD: Final = 20  # bytes of a field's number and length


def check_program_file(path: Path) -> None:
    """Make sure that a file has the structure of a program.

    Raises:
        ModelError: It is cut off, or no program at all.
        OSError: It cannot be read.
    """
    size = path.stat().st_size
    position = 0
    with path.open("rb") as stream:
        while position < size:
            stream.seek(position)
            head = stream.read(_LONGEST_HEAD)
            number, used = _varint(head)
            length, more = _varint(head[used:])
            if number & 7 != _LENGTH_DELIMITED or number >> 3 not in _FIELDS or not more:
                raise ModelError(
                    path,
                    "holds no program: it is damaged, training weights, text, or the other of the two files",
                    "name the folder of a model that was exported for inference",
                )
            position += used + more + length
    if position > size:
        raise ModelError(
            path, f"is cut off: {position - size} more bytes were expected", "pull or export the model again"
        )


def _varint(data: bytes) -> tuple[int, int]:
    """A number of protobuf's, and how many bytes it took; none where the data ends before it does."""
    value = 0
    for index, byte in enumerate(data[:10]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value, index + 1
    return value, 0
