"""SHA-256 of model files, and whether what a source gave is what it should be.

Neither the publisher nor its mirrors give hashes. So the hashes of what an address gave first are recorded,
and whatever comes from it later must agree; contents that we recorded ourselves (`KnownContent`) are accepted
from anywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from edge.errors import SourceError
from edge.hashing import sha256_of
from slim.zoo.entry import Entry, FileHash, Kind

Hashes = Mapping[str, FileHash]


def hash_file(path: Path) -> FileHash:
    """SHA-256 and size of a file."""
    return FileHash(sha256_of(path), path.stat().st_size)


def content_name(files: Hashes) -> str:
    """A short name for a set of files: 16 hexadecimal digits that depend on all names and hashes."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{files[name].sha256}\n".encode())
    return digest.hexdigest()[:16]


def recognise(entry: Entry, kind: Kind, files: Hashes) -> str | None:
    """Where we saw exactly these files before, or None."""
    for known in entry.known:
        if known.kind is kind and dict(known.files) == dict(files):
            return known.seen_at
    return None


def check_against_record(
    entry: Entry, kind: Kind, files: Hashes, recorded: Hashes | None, origin: str
) -> str | None:
    """Refuse files that differ from what is on record.

    Args:
        entry: The model.
        kind: Its kind.
        files: Hashes of what the source gave, without the dictionary, which has a hash of its own.
        recorded: What the same address gave on first use; None where this is the first use.
        origin: The address, for the message.

    Returns:
        Where we saw exactly these files before; None where we have not.

    Raises:
        SourceError: The content changed since first use, or is not the publisher's where that is known.
    """
    seen_at = recognise(entry, kind, files)
    if seen_at is not None:
        return seen_at
    accept = "if you trust it, pull again with --trust-new"
    if recorded is not None:
        changed = sorted(name for name in {*recorded, *files} if recorded.get(name) != files.get(name))
        if changed:
            raise SourceError(
                origin, f"{_difference(changed[0], recorded, files)}, as recorded on first use", accept
            )
        return None
    if any(known.kind is kind and known.publisher for known in entry.known):
        name = sorted(files)[0]
        found = f"{name} has sha256 {files[name].sha256[:16]}…, which is not the publisher's {entry.name}"
        raise SourceError(origin, found, accept)
    return None


def _difference(name: str, recorded: Hashes, files: Hashes) -> str:
    if name not in files:
        return f"{name} is no longer there"
    if name not in recorded:
        return f"{name} was not there before"
    return f"{name} has sha256 {files[name].sha256[:16]}…, not {recorded[name].sha256[:16]}…"
