"""The publisher's server, or an HTTP mirror with the same path layout."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from urllib.parse import quote

from edge.errors import SourceError
from slim.zoo.archive import unpack
from slim.zoo.download import Patience, download, public_form
from slim.zoo.entry import Dictionary, Entry, Kind
from slim.zoo.kind_files import is_archive
from slim.zoo.partial import Partial
from slim.zoo.progress import Progress
from slim.zoo.sources import Delivery, Destination, NotThereError


class HttpSource:
    """Files from a web server.

    Dictionaries are not on the publisher's server but in its code repository, whose address the catalog has.
    A mirror may carry them as ``dicts/NAME`` beside or above its root, or under the repository's own path.
    """

    def __init__(self, root: str = "", patience: Patience | None = None) -> None:
        """Name the server.

        Args:
            root: Address of a mirror; empty for the publisher.
            patience: Limits of each download.
        """
        self._root = root.rstrip("/")
        self._patience = patience

    @property
    def name(self) -> str:
        """``publisher`` or the mirror's address."""
        return f"mirror {public_form(self._root)}" if self._root else "publisher"

    def carries(self, entry: Entry, kind: Kind) -> bool:
        """Always worth asking."""
        return kind in entry.files

    def deliver(self, entry: Entry, kind: Kind, to: Destination) -> Delivery:
        """See `Source.deliver`."""
        file = entry.files[kind]
        address = f"{self._root}/{quote(file.path)}" if self._root else file.address
        part = Partial(to.downloads / f"{file.file_name}.{_short_hash(address)}.part")
        origin = public_form(address)
        resumed = download(address, part, to.progress, self._patience)
        try:
            files = self._take(part, kind, file.file_name, to.folder, origin)
        except SourceError:
            part.discard()
            if not resumed:
                raise
            # the earlier half may be to blame: once more from the start
            to.progress.note(f"{origin}: the resumed file is damaged, fetching it anew")
            for stray in to.folder.iterdir():
                stray.unlink()
            download(address, part, to.progress, self._patience)
            try:
                files = self._take(part, kind, file.file_name, to.folder, origin)
            finally:
                part.discard()
        part.discard()
        return Delivery(files, origin, f"published:{file.path}")

    def deliver_dictionary(self, dictionary: Dictionary, target: Path, progress: Progress) -> str:
        """See `Source.deliver_dictionary`."""
        if not self._root:
            candidates = [dictionary.address]
        else:
            parent = self._root.rsplit("/", 1)[0] if self._root.count("/") > 2 else self._root
            paths = (
                f"{self._root}/dicts",
                f"{parent}/dicts",
                f"{self._root}/{dictionary.path.rsplit('/', 1)[0]}",
            )
            candidates = [f"{path}/{dictionary.name}" for path in dict.fromkeys(paths)]
        part = Partial(target.with_name(f".{target.name}.part"))
        for address in candidates:
            try:
                download(address, part, progress, self._patience)
                part.keep(target)
            except NotThereError:
                continue
            finally:
                part.discard()
            return public_form(address)
        raise NotThereError(self.name, f"it has no {dictionary.name}", f"put it at {candidates[0]}")

    @staticmethod
    def _take(part: Partial, kind: Kind, file_name: str, into: Path, origin: str) -> tuple[str, ...]:
        if is_archive(kind):
            return unpack(part.path, kind, into, origin)
        shutil.copyfile(part.path, into / file_name)
        return (file_name,)


def _short_hash(address: str) -> str:
    """Keeps the partial files of two servers apart."""
    return hashlib.sha256(address.encode()).hexdigest()[:8]
