"""The first 26 bytes of a ``.nb``: format version, the ``opt`` that wrote it, size of the topology.

Little-endian: uint16 meta version, 16 bytes opt version, uint64 topology size. ``opt`` copies 16 bytes out of
a shorter string, so what follows its NUL is whatever stood in memory, and differs from run to run.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.nb.damage import NbDamageError
from edge.nb.files import naming, read_file
from edge.nb.foreign import recognised

_FORM: Final = struct.Struct("<H16sQ")
_VERSION_FIELD: Final = slice(2, 18)
HEADER_SIZE: Final = _FORM.size
READABLE_META_VERSIONS: Final = (1, 2)


@dataclass(frozen=True)
class NbHeader:
    """The header of a ``.nb``.

    Attributes:
        meta_version: 2 today; 1 came with Paddle-Lite 2.7; 0 is the format before it.
        opt_version: Version of the converter, as it reports itself: ``v2.13-rc``, or a commit hash.
        topology_size: Bytes of the FlatBuffer that follows the header.
    """

    meta_version: int
    opt_version: str
    topology_size: int


def parse_header(data: bytes) -> NbHeader:
    """Read the header at the start of ``data``.

    Raises:
        NbDamageError: Another kind of file, too short, of a format that is not read here, or shorter than it
            announces.
    """
    if foreign := recognised(data):
        raise foreign
    if len(data) < HEADER_SIZE:
        raise NbDamageError(f"{len(data)} bytes, less than the {HEADER_SIZE} of a .nb header")
    meta_version, field, topology_size = _FORM.unpack_from(data)
    version = _opt_version(field)
    if not version:
        raise NbDamageError(
            "no .nb model (no opt version in its header)", "name a .nb file as written by opt"
        )
    if meta_version == 0:
        raise NbDamageError(
            "meta version 0, the .nb format before Paddle-Lite 2.7, which today's library refuses",
            "convert the model again with the opt of the library that shall run it",
        )
    if meta_version not in READABLE_META_VERSIONS:
        raise NbDamageError(
            f"meta version {meta_version}, neither 1 nor 2: damaged, or of an unknown later format"
        )
    there = len(data) - HEADER_SIZE
    if topology_size > there:
        raise NbDamageError(
            f"truncated: the header announces a topology of {topology_size} bytes, {there} follow"
        )
    return NbHeader(meta_version, version, topology_size)


def normalized(data: bytes) -> bytes:
    """The same model with the uninitialised bytes of the header zeroed, so that conversion is reproducible.

    Raises:
        NbDamageError: ``data`` does not start with a readable header.
    """
    version = parse_header(data).opt_version.encode("ascii")
    return data[: _VERSION_FIELD.start] + version.ljust(16, b"\0") + data[_VERSION_FIELD.stop :]


def normalize_file(path: Path) -> None:
    """Replace a file by its `normalized` form, in one step; a file that is normal already is not touched.

    Raises:
        NbFormatError: Not a ``.nb``; the file is left as it is.
    """
    data = read_file(path)
    with naming(path):
        clean = normalized(data)
    if clean == data:
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(clean)
        temporary.chmod(path.stat().st_mode & 0o777)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _opt_version(field: bytes) -> str:
    """The text before the NUL, or of all 16 bytes where a longer version was cut; empty where it is none."""
    version = field.split(b"\0", 1)[0]
    return version.decode("ascii") if all(32 < byte < 127 for byte in version) else ""
