"""The content of a file of results, whatever it is."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from edge.errors import InputError
from edge.regular_file import regular_file_size

_MOST: Final = 512 * 1024 * 1024
_GZIP: Final = b"\x1f\x8b"
STDIN: Final = Path("-")


@dataclass(frozen=True)
class Content:
    """What stands in a file.

    Attributes:
        name: Of the file, for messages.
        text: All of it; what is no UTF-8 is replaced.
        written: When the file was last changed, in UTC: the time of results that tell none.
    """

    name: str
    text: str
    written: datetime

    def refusal(self, found: str, remedy: str) -> InputError:
        """An error about this file."""
        return InputError(self.name, found, remedy)


def read_content(path: Path) -> Content:
    """Read a file, or standard input for ``-``; one compressed with gzip is unpacked.

    Raises:
        InputError: It cannot be read, is too large, or damaged.
    """
    name = "standard input" if path == STDIN else str(path)

    def refuse(found: str) -> InputError:
        return InputError(name, found, "name a file of results")

    try:
        if path == STDIN:
            data, written = sys.stdin.buffer.read(_MOST + 1), datetime.now(timezone.utc)
        else:
            regular_file_size(path, refuse, _MOST)
            data = path.read_bytes()
            written = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
        if data.startswith(_GZIP):
            with gzip.open(io.BytesIO(data)) as unpacked:
                data = unpacked.read(_MOST + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise refuse("is damaged: it cannot be unpacked") from None
    except (OSError, ValueError) as error:
        raise refuse(f"cannot be read ({getattr(error, 'strerror', None) or error})") from None
    if len(data) > _MOST:
        raise refuse(f"has more than {_MOST >> 20} MiB")
    return Content(name, data.decode("utf-8-sig", "replace"), written)
