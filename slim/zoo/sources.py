"""Where model files come from: one small protocol, and how a user names a source."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final, Protocol

from edge.errors import SourceError
from edge.folders import expand_user
from slim.zoo.entry import Dictionary, Entry, Kind
from slim.zoo.progress import Progress

MIRROR_VARIABLE: Final = "PPOCR_EDGE_MIRROR"
FORMS: Final = "a source is 'publisher', 'package', an http(s) address, or a folder"


class NotThereError(SourceError):
    """The source does not have this file; another may."""


@dataclass(frozen=True)
class Destination:
    """Where a source puts a model.

    Attributes:
        folder: An existing, empty folder for the model's files.
        downloads: A folder for partial downloads, kept between calls.
        progress: Told what happens.
    """

    folder: Path
    downloads: Path
    progress: Progress


@dataclass(frozen=True)
class Delivery:
    """What a source put into a folder.

    Attributes:
        files: Names of the model's files there.
        origin: Where they come from, for people: an address, a package with its version, a path.
        address: Key under which hashes are recorded on first use. The publisher and every mirror of it share
            the keys, because a mirror that gives other files is no mirror.
    """

    files: tuple[str, ...]
    origin: str
    address: str


class Source(Protocol):
    """A place that may have models and dictionaries."""

    @property
    def name(self) -> str:
        """What to call it; the same for two sources only if they are the same place."""

    def carries(self, entry: Entry, kind: Kind) -> bool:
        """Whether it is worth asking; costs no network."""

    def deliver(self, entry: Entry, kind: Kind, to: Destination) -> Delivery:
        """Put a model's files, flat, into a folder.

        Args:
            entry: The model.
            kind: Which of its kinds; one that the entry has.
            to: Where to.

        Raises:
            NotThereError: The source does not have it.
            SourceError: It cannot be had, or is not what it should be.
        """

    def deliver_dictionary(self, dictionary: Dictionary, target: Path, progress: Progress) -> str:
        """Write a dictionary to ``target`` and return its origin; the content is not checked here.

        Raises:
            NotThereError: The source does not have it.
            SourceError: It cannot be had.
        """


class SourceKind(Enum):
    """The kinds of sources a user can name."""

    PUBLISHER = "publisher"
    PACKAGE = "package"
    MIRROR = "mirror"
    FOLDER = "folder"


@dataclass(frozen=True)
class SourceSpec:
    """A source as named by a user: ``location`` is the address or folder, empty for the other kinds."""

    kind: SourceKind
    location: str = ""

    @classmethod
    def parse(cls, text: str) -> SourceSpec:
        """Understand the text of an option or of ``PPOCR_EDGE_MIRROR``.

        Raises:
            SourceError: Neither of the words, nor an http(s) address, nor an existing folder.
        """
        if text in (SourceKind.PUBLISHER.value, SourceKind.PACKAGE.value):
            return cls(SourceKind(text))
        if text.startswith(("http://", "https://")):
            return cls(SourceKind.MIRROR, text.rstrip("/"))
        if "://" in text or not text:
            raise SourceError(text or "''", "not a source", FORMS)
        folder = expand_user(text)
        if not folder.is_dir():
            found = "a file, not a folder" if folder.exists() else "no such folder"
            raise SourceError(text, found, FORMS)
        return cls(SourceKind.FOLDER, str(folder.resolve()))


def open_source(spec: SourceSpec) -> Source:
    """The source a user named."""
    # imported here: a listing of the zoo needs neither HTTP nor the rest
    if spec.kind is SourceKind.FOLDER:
        from slim.zoo.source_folder import FolderSource

        return FolderSource(Path(spec.location))
    if spec.kind is SourceKind.PACKAGE:
        from slim.zoo.source_package import PackageSource

        return PackageSource()
    from slim.zoo.source_http import HttpSource

    return HttpSource(spec.location)


def default_sources(environment: Mapping[str, str] | None = None) -> tuple[Source, ...]:
    """What is tried, in order, where the user names no source: installed package, own mirror, publisher.

    Args:
        environment: Variables; the process's own where None.

    Raises:
        SourceError: ``PPOCR_EDGE_MIRROR`` is not a source.
    """
    mirror = (os.environ if environment is None else environment).get(MIRROR_VARIABLE, "")
    specs = [SourceSpec(SourceKind.PACKAGE)]
    if mirror:
        try:
            specs.append(SourceSpec.parse(mirror))
        except SourceError as error:
            raise SourceError(f"{MIRROR_VARIABLE}={mirror}", error.found, error.remedy) from error
    specs.append(SourceSpec(SourceKind.PUBLISHER))
    return tuple(open_source(spec) for spec in specs)
