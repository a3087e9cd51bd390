"""Reading the bytes of a named file, with every refusal as one kind of error."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edge.errors import NbFormatError
from edge.nb.damage import NbDamageError
from edge.regular_file import regular_file_size

# the largest published PP-OCR .nb has below 100 MB; beyond this a file is refused unread
MAX_FILE_SIZE: Final = 1 << 30

_NAME_IT: Final = "name a .nb file as written by opt (ppocr-edge convert)"
_COPY_AGAIN: Final = "copy it again and compare hashes, or convert the model again"


def read_file(path: Path) -> bytes:
    """All bytes of a regular file.

    Raises:
        NbFormatError: Missing, not a file, unreadable, empty or larger than `MAX_FILE_SIZE`.
    """

    def refuse(found: str) -> NbFormatError:
        return NbFormatError(path, found, _NAME_IT)

    try:
        size = regular_file_size(path, lambda found: refuse(found.removeprefix("is ")))
        if size > MAX_FILE_SIZE:
            raise refuse(f"{size} bytes, more than any .nb has")
        data = path.read_bytes()
    except IsADirectoryError:
        raise refuse("a folder, not a file") from None
    except FileNotFoundError:
        raise NbFormatError(path, "no such file", _NAME_IT) from None
    except OSError as error:
        raise NbFormatError(path, f"cannot be read ({os.strerror(error.errno or 0)})", _NAME_IT) from None
    except ValueError:
        raise NbFormatError(repr(str(path)), "not a possible file name", _NAME_IT) from None
    if not data:
        raise NbFormatError(path, "empty file", _COPY_AGAIN)
    return data


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn a finding about bytes into an error about the file they came from."""
    try:
        yield
    except NbDamageError as damage:
        raise NbFormatError(path, damage.found, damage.remedy or _COPY_AGAIN) from None
