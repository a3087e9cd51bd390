"""Reading a log that somebody saved or pastes."""

from __future__ import annotations

import codecs
import sys
from dataclasses import dataclass
from typing import IO, Final

from edge.errors import InputError

MOST_BYTES: Final = 64 << 20
"""What is read of a log: its end, which says how it ended."""
_BLOCK: Final = 1 << 20
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),  # what PowerShell's > writes
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Log:
    """A log.

    Attributes:
        name: Where it is from.
        text: Its end, at most `MOST_BYTES` of it.
        cut_bytes: How much stood before that.
    """

    name: str
    text: str
    cut_bytes: int


def read_log(name: str) -> Log:
    """Read a log: a file, a pipe, or ``-`` for standard input.

    Raises:
        InputError: It cannot be read.
    """
    if name == "-":
        return _read(sys.stdin.buffer, "standard input")
    try:
        with open(name, "rb") as stream:  # noqa: PTH123  (Path would make another name of "")
            return _read(stream, name)
    except (OSError, ValueError) as error:
        found = getattr(error, "strerror", None) or "no path"
        raise InputError(
            name if name.isprintable() else repr(name),
            f"cannot be read ({found})",
            "give a file with the program's output, or '-' for standard input",
        ) from None


def _read(stream: IO[bytes], name: str) -> Log:
    content = bytearray()
    start, cut = b"", 0
    while block := stream.read(_BLOCK):
        start = start or block[:3]
        content += block
        if (more := len(content) - MOST_BYTES) > 0:
            more += more % 2  # characters of UTF-16 stay whole
            del content[:more]
            cut += more
    encoding = next((found for mark, found in _MARKS if start.startswith(mark)), "utf-8")
    if cut and encoding == "utf-16":
        encoding = "utf-16-le" if start.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
    return Log(name, content.decode(encoding, errors="replace"), cut)
