"""A file that is there only when all of it has arrived."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def arriving(target: Path) -> Iterator[IO[bytes]]:
    """A new file beside the target, which takes its place at the end of the block.

    Where the block fails the target is what it was, and nothing is left beside it.

    Raises:
        OSError: It cannot be made, or cannot take its place.
    """
    # beside it, so that it can take its place at once
    part = target.with_name(f".{target.name[:80]}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(target)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
