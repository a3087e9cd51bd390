"""Files that clients sent to a worker, by what is in them: sent once, checked, dropped by age."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy_tools.cluster.wire_form import MOST_BYTES
from edge.bundle.manifest import MANIFEST_NAME
from edge.bundle.manifest_reader import ManifestError, parse_manifest
from edge.errors import InputError
from edge.hashing import sha256_of

MOST_KEPT: Final = 8 * 10**9
"""Bytes of all files; what was not used for a day is dropped above it, when a worker starts."""
MOST_AT_ONCE: Final = 16 * 1024 * 1024
"""Bytes of one piece."""
_DAY: Final = 86_400.0
_REMEDY: Final = "use the same version on all hosts"
_NAME: Final = re.compile("[0-9a-f]{64}")
_TOKEN: Final = re.compile("[0-9a-f]{8,64}")


class SentFiles:
    """A folder of files by their SHA-256; several workers of a host may share it.

    Args:
        root: The folder; made when it is needed.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files = root / "files"
        self._sound: set[str] = set()  # looked at by this process

    def lacks(self, wanted: Mapping[str, int]) -> list[str]:
        """Which of some files must be sent.

        Args:
            wanted: Sizes by SHA-256.

        Raises:
            InputError: A name is none, or a size more than is taken.
        """
        for name, size in wanted.items():
            _check(name, size)
        return [name for name, size in wanted.items() if not self._has(name, size)]

    def put(self, name: str, size: int, offset: int, data: bytes, token: str) -> None:
        """Take the next piece of a file; with the last one the file is there, if it is what its name says.

        Args:
            name: Its SHA-256.
            size: Of all of it.
            offset: Where the piece belongs; pieces come in their order.
            data: The piece.
            token: Of whoever sends: two that send the same do not disturb each other.

        Raises:
            InputError: It is not what was announced.
        """
        _check(name, size)
        if not _TOKEN.fullmatch(token) or len(data) > MOST_AT_ONCE or offset + len(data) > size:
            raise InputError("a piece of a file", "is not what was announced", _REMEDY)
        self._files.mkdir(parents=True, exist_ok=True)
        part = self._files / f".{name}.{token}.part"
        with part.open("wb" if offset == 0 else "ab") as stream:
            if stream.tell() != offset:
                raise InputError("a piece of a file", "does not follow the one before", _REMEDY)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if offset + len(data) < size:
            return
        if sha256_of(part) != name:
            part.unlink()
            raise InputError(
                "a file that was sent", "does not have the SHA-256 it should have", "try it again"
            )
        part.replace(self._files / name)
        self._sound.add(name)

    def bundle(self, name: str) -> Path:
        """The folder of a bundle all of whose files are there.

        Args:
            name: SHA-256 of its manifest.

        Raises:
            InputError: They are not.
        """
        manifest = self._file(name)
        try:
            files = parse_manifest(manifest.read_text("utf-8")).files
        except (ManifestError, UnicodeDecodeError) as error:
            raise InputError("a manifest that was sent", str(error), _REMEDY) from None
        folder = self._root / "bundles" / name
        self._link(manifest, folder / MANIFEST_NAME)
        for file, entry in files.items():
            self._link(self._file(entry.sha256), folder / file)
        return folder

    def input(self, name: str) -> Path:
        """A photograph or tensor.

        Args:
            name: Its SHA-256 and its name, with a slash between.

        Raises:
            InputError: It is not there, or the name is none.
        """
        digest, _, own = name.partition("/")
        if own in ("", ".", "..") or "/" in own or "\0" in own or len(own.encode()) > 255:
            raise InputError("a file that was sent", f"is called {own!r:.80}", _REMEDY)
        path = self._root / "inputs" / digest / own
        self._link(self._file(digest), path)
        return path

    def tidy(self) -> None:
        """Drop what is more than is kept, and what a sender left unfinished."""
        with contextlib.suppress(OSError):
            old = time.time() - _DAY
            found = sorted((path.stat().st_mtime, path) for path in self._files.iterdir())
            left = sum(path.stat().st_size for _, path in found)
            for used, path in found:
                if used > old or (left <= MOST_KEPT and path.suffix != ".part"):
                    continue
                left -= path.stat().st_size
                path.unlink(missing_ok=True)
            # links only; made again where they are needed
            for kind in ("bundles", "inputs"):
                for folder in (self._root / kind).glob("*"):
                    if folder.stat().st_mtime < old and not (self._files / folder.name).exists():
                        shutil.rmtree(folder, ignore_errors=True)

    def _has(self, name: str, size: int) -> bool:
        path = self._files / name
        try:
            if path.stat().st_size != size:
                return False
            if name not in self._sound and sha256_of(path) != name:
                path.unlink()
                return False
            os.utime(path)
        except OSError:
            return False
        self._sound.add(name)
        return True

    def _file(self, name: str) -> Path:
        path = self._files / name
        if not _NAME.fullmatch(name) or not path.is_file():
            raise InputError("a file that is needed", "was not sent", _REMEDY)
        return path

    def _link(self, file: Path, place: Path) -> None:
        """Have a file at another place too."""
        with contextlib.suppress(OSError):
            if place.samefile(file):
                return
        place.parent.mkdir(parents=True, exist_ok=True)
        new = place.with_name(f".{secrets.token_hex(8)}.new")
        try:
            try:
                os.link(file, new)
            except OSError:  # a file system without links
                shutil.copyfile(file, new)
            new.replace(place)
        finally:
            new.unlink(missing_ok=True)


def _check(name: str, size: int) -> None:
    if not _NAME.fullmatch(name):
        raise InputError("a file that is offered", f"is called {name!r:.80}", _REMEDY)
    if not 0 <= size <= MOST_BYTES:
        raise InputError(
            "a file that is offered",
            f"has {size} bytes, {MOST_BYTES} are taken",
            "measure it without --cluster",
        )
