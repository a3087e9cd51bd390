"""``manifest.json`` of a bundle: what the model is, how to use it, where it came from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final, Literal, get_args

from edge.ocr.parameters import (
    ClassificationParameters,
    DetectionParameters,
    RecognitionParameters,
    parameters_from_json,
    parameters_to_json,
)
from edge.predictor.spec import InputSpec

FORMAT: Final = 1
MANIFEST_NAME: Final = "manifest.json"
Task = Literal["det", "cls", "rec"]
Parameters = DetectionParameters | ClassificationParameters | RecognitionParameters

PARAMETERS_OF: Final[dict[str, type[Parameters]]] = {
    "det": DetectionParameters,
    "cls": ClassificationParameters,
    "rec": RecognitionParameters,
}


class ManifestError(ValueError):
    """A manifest that cannot be understood; the message says which field and why."""


@dataclass(frozen=True)
class FileEntry:
    """One file of a bundle.

    Attributes:
        sha256: Of its content, in hex.
        size: In bytes.
    """

    sha256: str
    size: int


@dataclass(frozen=True)
class Golden:
    """An input and the output that the reference gave for it, to check a device with.

    Attributes:
        input: File with the input, ``.npy``.
        output: File with the reference's output, ``.npy``.
        made_by: The reference: library and version.
        tolerance: Largest absolute difference that a correct float library shows.
    """

    input: str
    output: str
    made_by: str
    tolerance: float


@dataclass(frozen=True)
class Manifest:
    """Everything a bundle says of itself.

    Attributes:
        name: Of the model, for people.
        task: ``det``, ``cls`` or ``rec``.
        model: File name of the ``.nb``.
        target: What it was converted for: ``x86``, ``arm``, ``arm,opencl`` …
        precision: ``fp32``, ``fp16``, ``int8``, ``int8-weights`` or ``int16-weights``.
        opt_version: Version of the ``opt`` that wrote it; the device's library should be the same.
        input: What the network takes.
        parameters: Pre- and post-processing.
        files: Every file of the bundle but the manifest, by its name.
        dictionary: File name of the dictionary; recognition only.
        classes: Number of classes of the network; recognition only.
        golden: A checked input and output.
        source: Where the model came from: names, addresses, hashes.
        versions: Of the tools that made the bundle.
        warnings: What a user should know before running it.
    """

    name: str
    task: Task
    model: str
    target: str
    precision: str
    opt_version: str
    input: InputSpec
    parameters: Parameters
    files: Mapping[str, FileEntry]
    dictionary: str | None = None
    classes: int | None = None
    golden: Golden | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values in a stable order."""
        return {
            "format": FORMAT,
            "name": self.name,
            "task": self.task,
            "model": self.model,
            "target": self.target,
            "precision": self.precision,
            "opt_version": self.opt_version,
            "input": self.input.to_json(),
            "parameters": parameters_to_json(self.parameters),
            "dictionary": self.dictionary,
            "classes": self.classes,
            "golden": asdict(self.golden) if self.golden else None,
            "source": dict(self.source),
            "versions": dict(self.versions),
            "warnings": list(self.warnings),
            "files": {name: asdict(entry) for name, entry in sorted(self.files.items())},
        }

    def to_json(self) -> str:
        """The manifest's text; without time stamps, so equal bundles have equal manifests."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"


def parse_manifest(text: str) -> Manifest:
    """Read a manifest's text.

    Raises:
        ManifestError: It is not JSON, of an unknown format, or a field is missing or of the wrong kind.
    """
    try:
        values = json.loads(text)
    except ValueError as error:
        raise ManifestError(f"is not JSON ({error})") from None
    if not isinstance(values, dict) or "format" not in values:
        raise ManifestError("is not the manifest of a bundle (it has no 'format')")
    if values["format"] != FORMAT:
        raise ManifestError(f"has format {values['format']!r}, this version reads {FORMAT}")
    task = _get(values, "task", str)
    if task not in get_args(Task):
        raise ManifestError(f"has task {task!r}, known are {', '.join(get_args(Task))}")
    try:
        parameters = parameters_from_json(PARAMETERS_OF[task], _get(values, "parameters", dict))
    except ValueError as error:
        raise ManifestError(f"field 'parameters': {error}") from None
    golden = _get(values, "golden", dict, optional=True)
    manifest = Manifest(
        name=_get(values, "name", str),
        task=task,
        model=_get(values, "model", str),
        target=_get(values, "target", str),
        precision=_get(values, "precision", str),
        opt_version=_get(values, "opt_version", str),
        input=_input(_get(values, "input", dict)),
        parameters=parameters,
        files={_inside(name): _file(entry) for name, entry in _get(values, "files", dict).items()},
        dictionary=_get(values, "dictionary", str, optional=True),
        classes=_get(values, "classes", int, optional=True),
        golden=_golden(golden) if golden is not None else None,
        source=_get(values, "source", dict, optional=True) or {},
        versions=_get(values, "versions", dict, optional=True) or {},
        warnings=tuple(str(line) for line in _get(values, "warnings", list, optional=True) or ()),
    )
    named = [manifest.model, manifest.dictionary]
    named += [manifest.golden.input, manifest.golden.output] if manifest.golden else []
    for name in named:
        if name is not None and name not in manifest.files:
            raise ManifestError(f"names {name!r} but does not list it under 'files'")
    if task == "rec" and (manifest.dictionary is None or manifest.classes is None):
        raise ManifestError("is for recognition but has no 'dictionary' and 'classes'")
    return manifest


def _get(values: Mapping[str, Any], name: str, kind: type, *, optional: bool = False) -> Any:
    value = values.get(name)
    if value is None and optional:
        return None
    if not isinstance(value, kind) or isinstance(value, bool):
        found = "is missing" if value is None else f"is {value!r:.60}"
        raise ManifestError(f"field {name!r} {found}, where {kind.__name__} is expected")
    return value


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    if (
        not name
        or path.is_absolute()
        or ".." in path.parts
        or "\\" in name
        or "\0" in name
        or str(path) != name
    ):
        raise ManifestError(f"lists {name!r}, which is not a plain name inside the bundle")
    return name


def _file(values: object) -> FileEntry:
    if not isinstance(values, dict):
        raise ManifestError("field 'files' must give sha256 and size for every file")
    sha256 = _get(values, "sha256", str)
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise ManifestError(f"has {sha256!r:.80} where a sha256 is expected")
    return FileEntry(sha256, _get(values, "size", int))


def _input(values: Mapping[str, Any]) -> InputSpec:
    shape = tuple(_get(values, "shape", list))
    multiples = tuple(_get(values, "multiples", list, optional=True) or ())
    whole = all(type(size) is int for size in (*shape, *multiples))
    if not whole or not shape or len(multiples) not in (0, len(shape)) or any(m < 1 for m in multiples):
        raise ManifestError(f"field 'input' has shape {list(shape)} and multiples {list(multiples)}")
    dtype = _get(values, "dtype", str)
    if dtype != "float32":
        raise ManifestError(f"field 'input' has dtype {dtype!r}, PP-OCR networks take float32")
    return InputSpec(shape, dtype, multiples, _get(values, "name", str))


def _golden(values: Mapping[str, Any]) -> Golden:
    tolerance = values.get("tolerance")
    if isinstance(tolerance, bool) or not isinstance(tolerance, (int, float)) or not tolerance > 0:
        raise ManifestError(f"field 'golden' has tolerance {tolerance!r}, a positive number is expected")
    return Golden(
        _get(values, "input", str), _get(values, "output", str), _get(values, "made_by", str), tolerance
    )
