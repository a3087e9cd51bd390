"""A model on this machine, and how to ask for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from slim.zoo.entry import Entry, Kind


@dataclass(frozen=True)
class LocalModel:
    """A model that is here.

    Attributes:
        entry: What the zoo knows of it.
        kind: Which of its kinds this is.
        folder: Holds ``inference.pdmodel`` and ``inference.pdiparams``, or ``*.pdparams``, or the ``.nb``.
        dictionary: Its characters, in the same folder; None for detection and classification.
        origin: Address, path, or package with version it came from.
        sha256: File name to hash, for all files in the folder.
        seen_at: Where we had recorded exactly these files before; None where their hashes are known from this
            machine's first use alone.
    """

    entry: Entry
    kind: Kind
    folder: Path
    dictionary: Path | None
    origin: str
    sha256: Mapping[str, str]
    seen_at: str | None


@dataclass(frozen=True)
class PullOptions:
    """How strictly to look at what is here, and what to do about it.

    Attributes:
        verify: Hash local files in full; otherwise only those whose size or time changed.
        again: Fetch even what is here.
        repair: Fetch anew what is here but damaged, instead of raising.
        trust_new: Accept content that differs from what is on record, and record it.
    """

    verify: bool = False
    again: bool = False
    repair: bool = False
    trust_new: bool = False
