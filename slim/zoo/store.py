"""The local store: models that were pulled, and the hashes of what each address gave first.

::

    models/.locks/NAME.lock          held while the model is being pulled
    models/.recorded/NAME.json       hashes on first use, by address
    models/.downloads/NAME/          partial downloads
    models/NAME/KIND/index.json      which contents are here, and which one was pulled last
    models/NAME/KIND/CONTENT/        the files; CONTENT is made of their hashes, so a folder never changes

Folders and JSON files appear in one step. Readers need no lock.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.folders import home_folder
from slim.zoo.entry import Entry, FileHash, Kind
from slim.zoo.first_use import FirstUse
from slim.zoo.hashes import Hashes, content_name, hash_file
from slim.zoo.json_file import write_json
from slim.zoo.lock import locked
from slim.zoo.progress import Progress

_STAGING: Final = ".new-"
_FORMAT: Final = 1
_INDEX: Final = "index.json"


@dataclass(frozen=True)
class Content:
    """One content of a model in the store.

    Attributes:
        folder: Where its files are.
        files: Their hashes, the dictionary's among them.
        times: When each was stored, as modification time in nanoseconds.
        dictionary: Name of the dictionary among them; None where the model has none.
        origins: Name of a source to the address, path, or package with version there; the latest comes last.
        seen_at: Where we had seen exactly these files before; None where nowhere.
    """

    folder: Path
    files: Hashes
    times: Mapping[str, int]
    dictionary: str | None
    origins: Mapping[str, str]
    seen_at: str | None

    def damage(self, full: bool) -> str:
        """What is wrong with the files; empty where nothing is.

        Args:
            full: Hash every file. Otherwise only those whose time is not what it was when they were stored.
        """
        for name, expected in self.files.items():
            try:
                status = (self.folder / name).stat()
            except FileNotFoundError:
                return f"{name} is missing"
            if status.st_size != expected.size:
                return f"{name} has {status.st_size} bytes, not {expected.size}"
            touched = status.st_mtime_ns != self.times[name]
            if (full or touched) and hash_file(self.folder / name) != expected:
                return f"{name} was changed after it was pulled: its hash differs"
        return ""


@dataclass(frozen=True)
class Arrival:
    """What is known of a content when it comes into the store; fields as in `Content`, for one source."""

    dictionary: str | None
    source: str
    origin: str
    seen_at: str | None


class Store:
    """The folder of pulled models.

    Args:
        root: The folder; ``models`` below `edge.folders.home_folder` where None. Made when first written to.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or home_folder() / "models"

    def find(self, entry: Entry, kind: Kind, source: str | None = None) -> Content | None:
        """A content of the model that is here: from that source, or pulled last. Files are not checked."""
        current, contents = _read_index(self._kind_folder(entry, kind))
        for content in sorted(contents, key=lambda one: one.folder.name != current):
            if content.folder.is_dir() and (source is None or source in content.origins):
                return content
        return None

    def kinds(self, entry: Entry) -> frozenset[Kind]:
        """The kinds of a model that are here."""
        return frozenset(kind for kind in entry.files if self.find(entry, kind) is not None)

    def locked(self, entry: Entry, progress: Progress) -> AbstractContextManager[None]:
        """Hold the model's lock; everything below that writes asks for it."""
        return locked(self.root / ".locks" / f"{entry.name}.lock", entry.name, progress)

    @contextmanager
    def downloads(self, entry: Entry) -> Iterator[Path]:
        """The folder for the model's partial downloads; removed afterwards if nothing is in it."""
        folder = self.root / ".downloads" / entry.name
        folder.mkdir(parents=True, exist_ok=True)
        try:
            yield folder
        finally:
            _remove_if_empty(folder, folder.parent)

    @contextmanager
    def staging(self, entry: Entry, kind: Kind) -> Iterator[Path]:
        """An empty folder beside the final ones; gone afterwards unless `add` took it.

        What a killed process left of an earlier one is removed first. Needs the lock.
        """
        parent = self._kind_folder(entry, kind)
        parent.mkdir(parents=True, exist_ok=True)
        for stale in parent.glob(f"{_STAGING}*"):
            shutil.rmtree(stale)
        folder = Path(tempfile.mkdtemp(prefix=_STAGING, dir=parent))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            _remove_if_empty(parent, parent.parent)

    def add(self, entry: Entry, kind: Kind, staging: Path, arrival: Arrival) -> Content:
        """Take over the files of a staging folder as the content pulled last. Needs the lock."""
        parent = self._kind_folder(entry, kind)
        files = {path.name: hash_file(path) for path in sorted(staging.iterdir())}
        folder = parent / content_name(files)
        if not _holds(folder, files):
            aside = parent / f"{_STAGING}damaged"
            if folder.exists():
                folder.replace(aside)
            staging.chmod(0o755)
            staging.replace(folder)
            shutil.rmtree(aside, ignore_errors=True)
        times = {name: (folder / name).stat().st_mtime_ns for name in files}
        _, others = _read_index(parent)
        earlier = next((one.origins for one in others if one.folder == folder), {})
        origins = {key: value for key, value in earlier.items() if key != arrival.source}
        origins[arrival.source] = arrival.origin
        content = Content(folder, files, times, arrival.dictionary, origins, arrival.seen_at)
        contents = (*(one for one in others if one.folder != folder), content)
        rows = {one.folder.name: _row(one) for one in contents}
        write_json(parent / _INDEX, {"format": _FORMAT, "current": folder.name, "contents": rows})
        return content

    def first_use(self, entry: Entry) -> FirstUse:
        """The record of what each address of this model gave first."""
        return FirstUse(self.root / ".recorded" / f"{entry.name}.json")

    def _kind_folder(self, entry: Entry, kind: Kind) -> Path:
        return self.root / entry.name / kind.value


def _holds(folder: Path, files: Hashes) -> bool:
    """Whether a folder holds exactly these files."""
    if not folder.is_dir() or {path.name for path in folder.iterdir()} != set(files):
        return False
    return all(hash_file(folder / name) == expected for name, expected in files.items())


def _row(content: Content) -> dict[str, Any]:
    files = {
        name: {"sha256": one.sha256, "size": one.size, "mtime_ns": content.times[name]}
        for name, one in content.files.items()
    }
    return {
        "files": files,
        "dictionary": content.dictionary,
        "origins": [[source, origin] for source, origin in content.origins.items()],
        "seen_at": content.seen_at,
    }


def _read_index(parent: Path) -> tuple[str, tuple[Content, ...]]:
    """Name of the content pulled last, and all contents.

    Nothing where there is no index that can be read: the model is then pulled again, and checked against the
    record of first use as always.
    """
    try:
        index = json.loads((parent / _INDEX).read_text(encoding="utf-8"))
        if index["format"] != _FORMAT:
            return "", ()
        contents = tuple(_content(parent / name, row) for name, row in index["contents"].items())
        return str(index["current"]), contents
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError, AttributeError):
        return "", ()


def _content(folder: Path, row: Mapping[str, Any]) -> Content:
    return Content(
        folder=folder,
        files={name: FileHash(one["sha256"], one["size"]) for name, one in row["files"].items()},
        times={name: one["mtime_ns"] for name, one in row["files"].items()},
        dictionary=row["dictionary"],
        origins=dict(row["origins"]),
        seen_at=row["seen_at"],
    )


def _remove_if_empty(*folders: Path) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()
