"""A local folder: a mirror with the publisher's layout, or simply where the files are."""

from __future__ import annotations

import shutil
from pathlib import Path

from slim.zoo.archive import unpack
from slim.zoo.entry import Dictionary, Entry, Kind, PublishedFile
from slim.zoo.kind_files import is_archive, missing, wanted
from slim.zoo.progress import Progress
from slim.zoo.sources import Delivery, Destination, NotThereError


class FolderSource:
    """Files from a folder.

    A model is looked for, in this order, as: the file under the publisher's path; the file itself; the
    unpacked archive in a folder of the archive's or the model's name; this folder itself, if it has one of
    these names. Dictionaries are looked for in ``dicts/``, in ``../dicts/``, under PaddleOCR's path, in the
    folder itself and in the unpacked model's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    @property
    def name(self) -> str:
        """The folder."""
        return f"folder {self._folder}"

    def carries(self, entry: Entry, kind: Kind) -> bool:
        """Whether one of the places exists."""
        return kind in entry.files and self._find(entry, entry.files[kind]) is not None

    def deliver(self, entry: Entry, kind: Kind, to: Destination) -> Delivery:
        """See `Source.deliver`."""
        file = entry.files[kind]
        place = self._find(entry, file)
        if place is None:
            looked = f"neither {file.path}, nor {file.file_name}, nor an unpacked {_stem(file)}"
            raise NotThereError(
                str(self._folder), looked, f"put {file.file_name} there, or use another source"
            )
        to.progress.started(place.name, None)
        if place.is_dir():
            files = self._copy_folder(place, kind, to.folder)
        elif is_archive(kind):
            files = unpack(place, kind, to.folder, str(place))
        else:
            shutil.copyfile(place, to.folder / file.file_name)
            files = (file.file_name,)
        is_mirror = place == self._folder / file.path
        return Delivery(files, str(place), f"published:{file.path}" if is_mirror else f"folder:{place}")

    def deliver_dictionary(self, dictionary: Dictionary, target: Path, progress: Progress) -> str:
        """See `Source.deliver_dictionary`."""
        places = (
            self._folder / "dicts" / dictionary.name,
            self._folder.parent / "dicts" / dictionary.name,
            self._folder / dictionary.path,
            self._folder / dictionary.name,
        )
        found = next((place for place in places if place.is_file()), None)
        if found is None:
            raise NotThereError(str(self._folder), f"no {dictionary.name}", f"put it at {places[0]}")
        progress.started(dictionary.name, dictionary.size)
        shutil.copyfile(found, target)
        return str(found)

    def _find(self, entry: Entry, file: PublishedFile) -> Path | None:
        for path in (self._folder / file.path, self._folder / file.file_name):
            if path.is_file():
                return path
        if not is_archive(file.kind):
            return None
        names = (_stem(file), entry.name)
        folders = [self._folder / name for name in names]
        if self._folder.name in names:
            folders.append(self._folder)
        return next((place for place in folders if not missing(file.kind, _names(place, file.kind))), None)

    @staticmethod
    def _copy_folder(place: Path, kind: Kind, into: Path) -> tuple[str, ...]:
        names = tuple(sorted(_names(place, kind)))
        for name in names:
            shutil.copyfile(place / name, into / name)
        return names


def _stem(file: PublishedFile) -> str:
    return file.file_name.removesuffix(".tar")


def _names(folder: Path, kind: Kind) -> set[str]:
    """Names of the files in a folder that belong to a model of this kind; none where there is no folder."""
    if not folder.is_dir():
        return set()
    return {path.name for path in folder.iterdir() if path.is_file() and wanted(kind, path.name)}
