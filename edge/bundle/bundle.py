"""Reading bundles: a ``.nb``, what it needs to be used, and a manifest that vouches for both."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.bundle.manifest import MANIFEST_NAME, Manifest, ManifestError, parse_manifest
from edge.errors import BundleError
from edge.nb.model import NbModel, read_nb
from edge.ocr.charset import CharacterSet, read_character_set
from edge.ocr.parameters import RecognitionParameters
from edge.predictor.protocol import Array

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
            BundleError: The bundle is not for recognition.
        """
        parameters = self.manifest.parameters
        if self.manifest.dictionary is None or not isinstance(parameters, RecognitionParameters):
            raise BundleError(
                self.folder, f"is for {self.manifest.task}, it has no dictionary", "give a recognition bundle"
            )
        return read_character_set(
            self.folder / self.manifest.dictionary,
            use_space=parameters.use_space,
            classes=self.manifest.classes,
        )

    def golden(self) -> tuple[Array, Array]:
        """The golden input and output.

        Raises:
            BundleError: The bundle has none, or they are not tensors.
        """
        golden = self.manifest.golden
        if golden is None:
            raise BundleError(self.folder, "has no golden input and output", _AGAIN)
        try:
            return (
                np.load(self.folder / golden.input, allow_pickle=False),
                np.load(self.folder / golden.output, allow_pickle=False),
            )
        except (ValueError, OSError, EOFError) as error:
            raise BundleError(self.folder, f"its golden tensors cannot be read ({error})", _AGAIN) from None


def load_bundle(folder: Path) -> Bundle:
    """Read a bundle and verify every file of it.

    Raises:
        BundleError: The folder is not a bundle, a file is missing, has another hash, or the ``.nb`` is not
            what the manifest says.
        NbFormatError: The ``.nb`` cannot be read.
    """
    manifest = _read_manifest(folder)
    for name, entry in manifest.files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise BundleError(path, "leads out of the bundle", _AGAIN)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise BundleError(path, f"cannot be read ({error.strerror})", _AGAIN) from None
        if len(data) != entry.size:
            raise BundleError(path, f"has {len(data)} bytes, the manifest says {entry.size}", _AGAIN)
        if hashlib.sha256(data).hexdigest() != entry.sha256:
            raise BundleError(path, "does not have the sha256 that the manifest says", _AGAIN)
    nb = read_nb(folder / manifest.model)
    for what, said, found in (
        ("target", manifest.target, nb.main_target),
        ("precision", manifest.precision, nb.precision),
        ("opt version", manifest.opt_version, nb.opt_version),
    ):
        if said != found:
            raise BundleError(folder, f"the manifest says {what} {said}, its .nb has {found}", _AGAIN)
    return Bundle(folder, manifest, nb)


def _read_manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST_NAME
    if folder.is_file() and folder.suffix == ".nb":
        raise BundleError(
            folder,
            "is a bare .nb, without dictionary and parameters",
            "give a bundle made by 'ppocr-edge convert'",
        )
    if not path.is_file():
        found = (
            f"has no {MANIFEST_NAME}"
            if folder.is_dir()
            else "is not a folder"
            if folder.exists()
            else "no such folder"
        )
        raise BundleError(folder, found, "give a bundle made by 'ppocr-edge convert'")
    try:
        return parse_manifest(path.read_text(encoding="utf-8"))
    except ManifestError as error:
        raise BundleError(path, str(error), _AGAIN) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(path, f"cannot be read ({error})", _AGAIN) from None
