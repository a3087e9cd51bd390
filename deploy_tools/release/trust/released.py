"""What a release says of itself, as far as it can be checked: its files, its models, its targets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from deploy_tools.release.trust.canonical import read_format
from deploy_tools.release.trust.names import fault_of_all
from deploy_tools.release.trust.release_name import ReleaseName
from edge.bundle.manifest import FileEntry

FORMAT: Final = 1
LONGEST_MANIFEST: Final = 4 << 20
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,79}")


@dataclass(frozen=True, order=True)
class ReleasedModel:
    """A model of a release, so exactly that no other can take its place.

    Attributes:
        task: ``det``, ``cls`` or ``rec``.
        name: Of the model.
        precision: How it computes.
        target: What ``opt`` made it for.
        opt_version: Version of that ``opt``.
        sha256: Of its ``.nb``.
    """

    task: str
    name: str
    precision: str
    target: str
    opt_version: str
    sha256: str

    def __str__(self) -> str:
        """For people, on one line."""
        return f"{self.name} ({self.task}, {self.precision} for {self.target})"


@dataclass(frozen=True)
class Released(ReleaseName):
    """The checked part of a release's manifest.

    Attributes:
        targets: It is for.
        models: All of them, each with the SHA-256 of its bundle's manifest, which vouches for the
            bundle's other files.
        files: By name; without the manifest itself and what is made of it afterwards.
        allowed: What was let pass when it was made, as its maker wrote it.
    """

    targets: tuple[str, ...]
    models: Mapping[ReleasedModel, str]
    files: Mapping[str, FileEntry]
    allowed: tuple[str, ...]


@dataclass(frozen=True)
class Packed(ReleaseName):
    """What an archive says of itself.

    Attributes:
        target: It is for.
        models: In it.
        files: By name, as the archive's own manifest counts them.
    """

    target: str
    models: frozenset[ReleasedModel]
    files: Mapping[str, FileEntry]


def read_released(content: bytes) -> Released:
    """The manifest of a release.

    Raises:
        ValueError: It is not one; says why.
    """
    return released_of(read_format(content, FORMAT))


def released_of(values: Mapping[str, Any]) -> Released:
    """What the values of a release's manifest say.

    Raises:
        ValueError: They are none of one; says why.
    """
    targets = values.get("targets")
    if not isinstance(targets, list) or not targets or not all(isinstance(each, str) for each in targets):
        raise ValueError("field 'targets' is no list of targets")
    return Released(
        _word(values, "name"),
        _word(values, "version"),
        tuple(targets),
        {model: _sha256_of_bundle(entry) for model, entry in _models(values).items()},
        _files(values),
        _allowed(values),
    )


def read_packed(content: bytes) -> Packed:
    """The manifest inside an archive of a release.

    Raises:
        ValueError: It is not one; says why.
    """
    values = read_format(content, FORMAT)
    return Packed(
        _word(values, "name"),
        _word(values, "version"),
        _word(values, "target"),
        frozenset(_models(values)),
        _files(values),
    )


def _word(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or _WORD.fullmatch(value) is None:
        raise ValueError(f"field {name!r} is {value!r:.60}, where a word is expected")
    return value


def _models(values: Mapping[str, Any]) -> dict[ReleasedModel, Mapping[str, Any]]:
    """Every model with its entry."""
    entries = values.get("models")
    if not isinstance(entries, list) or not entries:
        raise ValueError("field 'models' names no models")
    models = {_model(entry): entry for entry in entries}
    if len(models) < len(entries):
        raise ValueError("field 'models' names a model twice")
    return models


def _sha256_of_bundle(entry: Mapping[str, Any]) -> str:
    sha256 = _line(entry, "bundle_sha256")
    if _SHA256.fullmatch(sha256) is None:
        raise ValueError("a model's field 'bundle_sha256' is none")
    return sha256


def _model(entry: Any) -> ReleasedModel:
    if not isinstance(entry, dict):
        raise ValueError("field 'models' holds something that is no model")
    texts = {name: _line(entry, name) for name in ReleasedModel.__dataclass_fields__}
    if _SHA256.fullmatch(texts["sha256"]) is None:
        raise ValueError("a model's field 'sha256' is none")
    return ReleasedModel(**texts)


def _line(entry: Mapping[str, Any], name: str) -> str:
    text = entry.get(name)
    if not isinstance(text, str) or not text.isprintable():
        raise ValueError(f"a model's field {name!r} is {text!r:.60}, where printable text is expected")
    return text


def _files(values: Mapping[str, Any]) -> dict[str, FileEntry]:
    files = values.get("files")
    if not isinstance(files, dict) or not files:
        raise ValueError("field 'files' names no files")
    fault = fault_of_all(files)
    if fault is not None:
        raise ValueError(f"field 'files' lists what cannot be: {fault}")
    return {name: _file(name, entry) for name, entry in files.items()}


def _file(name: str, entry: Any) -> FileEntry:
    if not isinstance(entry, dict) or set(entry) != {"sha256", "size"}:
        raise ValueError(f"field 'files' does not give sha256 and size of {name!r:.80}")
    sha256, size = entry["sha256"], entry["size"]
    if not isinstance(sha256, str) or _SHA256.fullmatch(sha256) is None:
        raise ValueError(f"field 'files' gives no sha256 of {name!r:.80}")
    if type(size) is not int or size < 0:
        raise ValueError(f"field 'files' gives no size of {name!r:.80}")
    return FileEntry(sha256, size)


def _allowed(values: Mapping[str, Any]) -> tuple[str, ...]:
    allowed = values.get("allow", [])
    if not isinstance(allowed, list):
        raise ValueError("field 'allow' is no list")
    return tuple(map(str, allowed))
