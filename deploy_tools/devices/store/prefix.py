"""Whether what has arrived is the beginning of a file."""

from __future__ import annotations

import hashlib
from pathlib import Path


def sha256_of_start(path: Path, size: int) -> str:
    """Hex SHA-256 of a file's first bytes.

    Args:
        path: File of this host.
        size: So many bytes; fewer where the file is shorter.

    Raises:
        OSError: The file cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while size > 0 and (piece := stream.read(min(size, 1 << 20))):
            digest.update(piece)
            size -= len(piece)
    return digest.hexdigest()
