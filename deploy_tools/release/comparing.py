"""In what a release differs from one that was made again."""

from __future__ import annotations

import hashlib
import json
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy_tools.release.trust.archive_check import is_archive
from deploy_tools.release.trust.signature import SIGNATURE_NAME
from deploy_tools.release.trust.sums import SUMS_NAME
from edge.bundle.manifest import MANIFEST_NAME
from edge.hashing import sha256_of

_FOLLOW: Final = (SUMS_NAME, MANIFEST_NAME)
"""They list the other files, so they differ wherever one of those does."""


@dataclass(frozen=True)
class Difference:
    """A file that is not the same.

    Attributes:
        name: In the release.
        found: How it differs.
        packing: Whether what is in it is the same, and only packed by another zlib.
    """

    name: str
    found: str
    packing: bool = False

    def __str__(self) -> str:
        return f"{self.name} {self.found}"


def compare_releases(new: Path, old: Path) -> list[Difference]:
    """Compare everything but signatures; what tells most comes first.

    Args:
        new: As it would be made now.
        old: As it is.

    Raises:
        OSError: A file cannot be read.
    """
    files = {folder: _files(folder) for folder in (new, old)}
    found = []
    for name in sorted(files[new] | files[old]):
        if name not in files[old]:
            found.append(Difference(name, "is missing"))
        elif name not in files[new]:
            found.append(Difference(name, "is there and should not be"))
        elif sha256_of(new / name) != sha256_of(old / name):
            found.append(_differing(name, new / name, old / name))
    return sorted(found, key=lambda one: (one.name in _FOLLOW, one.packing, one.name))


def _files(folder: Path) -> set[str]:
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    return names - {SIGNATURE_NAME}


def _differing(name: str, new: Path, old: Path) -> Difference:
    if is_archive(name):
        members = [_members(path) for path in (new, old)]
        if None not in members and members[0] == members[1]:
            return Difference(name, "holds the same, but was packed by another zlib or edited", packing=True)
        return Difference(name, f"holds something else{_first(members)}")
    if name == MANIFEST_NAME:
        return Difference(name, f"differs{_first_key(new, old)}")
    return Difference(name, "differs")


def _members(path: Path) -> dict[str, str] | None:
    """Hashes of an archive's members by name; None where it cannot be read."""
    try:
        if path.name.endswith(".aar"):
            with zipfile.ZipFile(path) as archive:
                return {
                    one.filename: hashlib.sha256(archive.read(one)).hexdigest() for one in archive.infolist()
                }
        with tarfile.open(path, "r:gz") as tar:
            return {
                one.name: hashlib.sha256(stream.read()).hexdigest()
                for one in tar
                if (stream := tar.extractfile(one)) is not None
            }
    except (OSError, EOFError, KeyError, tarfile.TarError, zipfile.BadZipFile, zlib.error, RuntimeError):
        return None


def _first(members: list[dict[str, str] | None]) -> str:
    new, old = members
    if new is None or old is None:
        return ", or is damaged"
    names = sorted(name for name in new.keys() | old.keys() if new.get(name) != old.get(name))
    # an archive's own manifest lists the others
    told = next((name for name in names if not name.endswith(f"/{MANIFEST_NAME}")), names[0])
    return f": {told}"


def _first_key(new: Path, old: Path) -> str:
    try:
        one, other = (json.loads(path.read_bytes()) for path in (new, old))
        keys = sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))
        return f" in {', '.join(keys)}"
    except (ValueError, AttributeError):
        return ", or is damaged"
