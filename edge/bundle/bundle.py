"""Reading bundles: a ``.nb``, what it needs to be used, and a manifest that vouches for both."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.bundle.manifest import MANIFEST_NAME, FileEntry, Manifest
from edge.bundle.manifest_reader import ManifestError, parse_manifest
from edge.errors import BundleError, InputError, NbFormatError
from edge.nb.model import NbModel, read_nb
from edge.ocr.charset import CharacterSet, read_character_set
from edge.ocr.parameters import RecognitionParameters
from edge.predictor.npy import NpyError, read_npy
from edge.predictor.protocol import Array
from edge.regular_file import regular_file_size

MAX_MANIFEST: Final = 1 << 20
"""Bytes; a real one has two thousand."""

_AGAIN = "convert or fetch the bundle again"


@dataclass(frozen=True)
class Bundle:
    """A verified bundle.

    Attributes:
        folder: Where it is.
        manifest: What it says of itself.
        nb: What its ``.nb`` really is.
    """

    folder: Path
    manifest: Manifest
    nb: NbModel

    @property
    def model_path(self) -> Path:
        """The ``.nb`` file."""
        return self.folder / self.manifest.model

    def character_set(self) -> CharacterSet:
        """The classes of a recognition bundle.

        Raises:
            BundleError: The bundle is not for recognition, or its dictionary does not fit its network.
        """
        parameters = self.manifest.parameters
        if self.manifest.dictionary is None or not isinstance(parameters, RecognitionParameters):
            raise BundleError(
                self.folder, f"is for {self.manifest.task}, it has no dictionary", "give a recognition bundle"
            )
        path = self.folder / self.manifest.dictionary
        try:
            return read_character_set(path, use_space=parameters.use_space, classes=self.manifest.classes)
        except BundleError:
            raise
        except InputError as error:
            raise BundleError(path, error.found, _AGAIN) from None

    def golden(self) -> tuple[Array, Array]:
        """The golden input and output.

        Raises:
            BundleError: The bundle has none, or they are not tensors, or not such as the network takes.
        """
        golden = self.manifest.golden
        if golden is None:
            raise BundleError(self.folder, "has no golden input and output", _AGAIN)
        tensors = self._tensor(golden.input), self._tensor(golden.output)
        try:
            self.manifest.input.check(tensors[0])
        except InputError as error:
            raise BundleError(self.folder / golden.input, error.found, _AGAIN) from None
        return tensors

    def _tensor(self, name: str) -> Array:
        try:
            return read_npy(self.folder / name)
        except NpyError as error:
            raise BundleError(self.folder / name, f"is not a .npy tensor, {error}", _AGAIN) from None
        except OSError as error:
            raise BundleError(self.folder / name, f"cannot be read ({error.strerror})", _AGAIN) from None


def load_bundle(folder: Path) -> Bundle:
    """Read a bundle and verify every file of it.

    Raises:
        BundleError: The folder is not a bundle, a file is missing, has another hash, or the ``.nb`` is not
            what the manifest says.
    """
    manifest = _read_manifest(folder)
    for name, entry in manifest.files.items():
        _verify(folder, name, entry)
    try:
        nb = read_nb(folder / manifest.model)
    except NbFormatError as error:
        # the bytes are those that the manifest vouches for: the bundle was made of a file that is no model
        raise BundleError(error.subject, error.found, _AGAIN) from None
    for what, said, found in (
        ("target", manifest.target, nb.main_target),
        ("precision", manifest.precision, nb.precision),
        ("opt version", manifest.opt_version, nb.opt_version),
    ):
        if said != found:
            raise BundleError(folder, f"the manifest says {what} {said!r:.60}, its .nb has {found}", _AGAIN)
    bundle = Bundle(folder, manifest, nb)
    if manifest.task == "rec":
        bundle.character_set()
    return bundle


def _verify(folder: Path, name: str, entry: FileEntry) -> None:
    path = folder / name
    size = _size_inside(folder, path)
    if size != entry.size:
        raise BundleError(path, f"has {size} bytes, the manifest says {entry.size}", _AGAIN)
    if hashlib.sha256(_read(path)).hexdigest() != entry.sha256:
        raise BundleError(path, "does not have the sha256 that the manifest says", _AGAIN)


def _read_manifest(folder: Path) -> Manifest:
    _check_folder(folder)
    path = folder / MANIFEST_NAME
    size = _size_inside(folder, path)
    if size > MAX_MANIFEST:
        raise BundleError(path, f"has {size} bytes, no manifest is that long", _AGAIN)
    try:
        return parse_manifest(_read(path).decode("utf-8"))
    except ManifestError as error:
        raise BundleError(path, str(error), _AGAIN) from None
    except UnicodeDecodeError:
        raise BundleError(path, "is not UTF-8 text", _AGAIN) from None


def _check_folder(folder: Path) -> None:
    made_by = "give a bundle made by 'ppocr-edge convert'"
    if folder.is_file() and folder.suffix == ".nb":
        raise BundleError(folder, "is a bare .nb, without dictionary and parameters", made_by)
    if not folder.exists():
        raise BundleError(folder, "no such folder", made_by)
    if not folder.is_dir():
        raise BundleError(folder, "is not a folder", made_by)
    if not os.path.lexists(folder / MANIFEST_NAME):
        raise BundleError(folder, f"has no {MANIFEST_NAME}", made_by)


def _size_inside(folder: Path, path: Path) -> int:
    """Size of a regular file inside the folder."""

    def refuse(_: str = "") -> BundleError:
        return BundleError(path, "is not a file", _AGAIN)

    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise BundleError(path, "leads out of the bundle", _AGAIN)
        return regular_file_size(path, refuse)
    except IsADirectoryError:
        raise refuse() from None
    except OSError as error:
        raise _unreadable(path, error) from None
    except RuntimeError:  # so says Path.resolve
        raise BundleError(path, "is a link to itself", _AGAIN) from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> BundleError:
    found = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
    return BundleError(path, found, _AGAIN)
