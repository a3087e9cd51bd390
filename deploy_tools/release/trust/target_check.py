"""Whether an archive of a release holds what its manifests say: no more, no less, no other models."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from deploy_tools.release.trust.archive_check import ArchiveContents, PackedFile, archive_contents
from deploy_tools.release.trust.archive_member import UnsafeArchiveError
from deploy_tools.release.trust.held_file import HeldFile
from deploy_tools.release.trust.released import (
    LONGEST_MANIFEST,
    Packed,
    Released,
    ReleasedModel,
    read_packed,
)
from edge.bundle.manifest import MANIFEST_NAME, FileEntry, Manifest
from edge.bundle.manifest_reader import ManifestError, parse_manifest
from edge.errors import NbFormatError, ReleaseError
from edge.nb.model import read_nb

_AAR: Final = ".aar"
_AAR_BASE: Final = "assets/ppocr/"
_MODEL_FOLDER: Final = re.compile(r"(?:.*/)?models/(det|cls|rec)/")
_NB: Final = ".nb"
_LONGEST_MODEL: Final = 256 << 20
_REMEDY: Final = "do not use it: ask its maker for another release"


class _FaultError(Exception):
    """What is wrong inside an archive."""


def check_target(archive: Path, copy: HeldFile, released: Released | None) -> Packed:
    """Check an archive from the inside.

    Args:
        archive: As the user named it, for messages.
        copy: Its content.
        released: What its release says; None where only the archive is at hand.

    Returns:
        What it says of itself, all of which holds.

    Raises:
        ReleaseError: It is unsafe, or does not hold what it or its release says.
    """
    try:
        contents = archive_contents(copy.stream, archive.name, _kept)
        base = _base(archive.name, contents)
        packed = _packed(contents, base)
        _check_names(archive.name, packed, base)
        _check_files(contents, packed, base)
        models = _models(contents)
        if models.keys() != packed.models:
            said, found = _listed(packed.models), _listed(models)
            raise _FaultError(f"{base}{MANIFEST_NAME} says it holds {said}, it holds {found}")
        if released is not None:
            _check_release(packed, models, released)
    except (UnsafeArchiveError, _FaultError) as error:
        raise ReleaseError(archive, str(error), _REMEDY) from None
    return packed


def _kept(name: str) -> int:
    if PurePosixPath(name).name == MANIFEST_NAME:
        return LONGEST_MANIFEST
    return _LONGEST_MODEL if name.endswith(_NB) else 0


def _base(name: str, contents: ArchiveContents) -> str:
    """Where the archive's own manifest is: in the one folder at the top, or among an AAR's assets."""
    if name.endswith(_AAR):
        return _AAR_BASE
    tops = {member.partition("/")[0] for member in contents.files}
    if len(tops) != 1 or any("/" not in member for member in contents.files):
        raise _FaultError("does not hold everything in one folder")
    return f"{tops.pop()}/"


def _packed(contents: ArchiveContents, base: str) -> Packed:
    name = f"{base}{MANIFEST_NAME}"
    if name not in contents.kept:
        raise _FaultError(f"has no {name}")
    try:
        return read_packed(contents.kept[name])
    except ValueError as error:
        raise _FaultError(f"{name} {error}") from None


def _check_names(archive: str, packed: Packed, base: str) -> None:
    if base != _AAR_BASE and base != f"{packed.top}/":
        raise _FaultError(f"its manifest is of {packed.top}, but it holds {base}")
    if archive.partition(".tar.gz")[0].removesuffix(_AAR) != packed.archive(packed.target):
        raise _FaultError(f"its manifest is of {packed.top} for {packed.target}, which its name does not say")


def _check_files(contents: ArchiveContents, packed: Packed, base: str) -> None:
    prefix = "" if base == _AAR_BASE else base
    own = f"{base}{MANIFEST_NAME}"
    said = {f"{prefix}{name}": entry for name, entry in packed.files.items()}
    if own in said:
        raise _FaultError(f"{own} lists itself")
    _compare({name: file for name, file in contents.files.items() if name != own}, said, own)


def _compare(files: Mapping[str, PackedFile], said: Mapping[str, FileEntry], manifest: str) -> None:
    for name in sorted(said.keys() | files.keys()):
        if name not in files:
            raise _FaultError(f"lacks {name!r:.100}, which {manifest} lists")
        if name not in said:
            raise _FaultError(f"holds {name!r:.100}, which {manifest} does not list")
        if (files[name].sha256, files[name].size) != (said[name].sha256, said[name].size):
            raise _FaultError(f"{name!r:.100} is not what {manifest} lists")


def _models(contents: ArchiveContents) -> dict[ReleasedModel, str]:
    """The models that are really in it, by their own bytes, and the SHA-256 of their own manifests."""
    models: dict[str, ReleasedModel] = {}
    bundles: dict[ReleasedModel, str] = {}
    for name in contents.files:
        found = (
            _MODEL_FOLDER.fullmatch(name.removesuffix(MANIFEST_NAME))
            if name.endswith(MANIFEST_NAME)
            else None
        )
        if found is None:
            continue
        folder = found[0]
        manifest = _bundle(contents, folder)
        if manifest.task != found[1]:
            raise _FaultError(f"{name} is for {manifest.task}")
        model = models[f"{folder}{manifest.model}"] = _model(contents, folder, manifest)
        bundles[model] = contents.files[name].sha256
    stray = next((name for name in contents.files if name.endswith(_NB) and name not in models), None)
    if stray is not None:
        raise _FaultError(f"holds {stray!r:.100}, a model without a manifest")
    return bundles


def _bundle(contents: ArchiveContents, folder: str) -> Manifest:
    name = f"{folder}{MANIFEST_NAME}"
    try:
        manifest = parse_manifest(contents.kept[name].decode("utf-8"))
    except UnicodeDecodeError:
        raise _FaultError(f"{name} is not UTF-8 text") from None
    except ManifestError as error:
        raise _FaultError(f"{name} {error}") from None
    said = {f"{folder}{file}": entry for file, entry in manifest.files.items()}
    there = {
        file: entry for file, entry in contents.files.items() if file.startswith(folder) and file != name
    }
    _compare(there, said, name)
    return manifest


def _model(contents: ArchiveContents, folder: str, manifest: Manifest) -> ReleasedModel:
    name = f"{folder}{manifest.model}"
    content = contents.kept.get(name)
    if content is None:
        raise _FaultError(f"{name!r:.100} is no {_NB} file")
    with tempfile.NamedTemporaryFile(suffix=_NB) as file:
        file.write(content)
        file.flush()
        try:
            nb = read_nb(file.name)
        except NbFormatError as error:
            raise _FaultError(f"{name!r:.100}: {error.found}") from None
    for what, said, found in (
        ("target", manifest.target, nb.main_target),
        ("precision", manifest.precision, nb.precision),
        ("opt version", manifest.opt_version, nb.opt_version),
    ):
        if said != found:
            raise _FaultError(f"{folder}{MANIFEST_NAME} says {what} {said!r:.60}, its model has {found}")
    return ReleasedModel(
        manifest.task, manifest.name, manifest.precision, manifest.target, manifest.opt_version, nb.sha256
    )


def _check_release(packed: Packed, models: Mapping[ReleasedModel, str], released: Released) -> None:
    if (packed.name, packed.version) != (released.name, released.version):
        raise _FaultError(f"is of {packed.top}, the release is {released.top}")
    other = models.keys() - released.models.keys()
    if other:
        model = min(other)
        same = next(
            (each for each in released.models if (each.task, each.name) == (model.task, model.name)), None
        )
        what = "with other bytes or of another kind" if same else "not at all"
        raise _FaultError(f"holds {model}, which the release has {what}: it was swapped")
    for model, sha256 in models.items():
        if sha256 != released.models[model]:
            raise _FaultError(
                f"holds {model} with other files beside it than the release has: they were swapped"
            )


def _listed(models: Collection[ReleasedModel]) -> str:
    words = [f"{model} {model.sha256[:8]}" for model in sorted(models)]
    return ", ".join(words) or "no models"
