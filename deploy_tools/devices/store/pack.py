"""Many small files as one: to send each by itself costs more round trips than bytes."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SMALL: Final = 1 << 20
"""Files up to this size are packed."""
_FEWEST: Final = 3


def worth_packing(sizes: Mapping[str, int]) -> frozenset[str]:
    """Those files that are better sent as one; none where they are few.

    Args:
        sizes: By SHA-256.
    """
    small = frozenset(digest for digest, size in sizes.items() if size <= SMALL)
    return small if len(small) >= _FEWEST else frozenset()


def write_pack(target: Path, files: Mapping[str, Path]) -> None:
    """Write a tar file that unpacks into parts; the same files give the same bytes, so it can be resumed.

    Args:
        target: File to write.
        files: By SHA-256.

    Raises:
        OSError: One cannot be read.
    """
    with tarfile.open(target, "w", format=tarfile.USTAR_FORMAT) as pack:
        for digest in sorted(files):
            entry = tarfile.TarInfo(f"{digest}.part")
            entry.size = files[digest].stat().st_size
            entry.mode = 0o644
            with files[digest].open("rb") as stream:
                pack.addfile(entry, stream)
