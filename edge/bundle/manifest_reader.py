"""Reading a manifest's text, every field checked: it is the one file of a bundle that no hash vouches for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final, NoReturn, get_args

from edge.bundle.bounds import check_bounds
from edge.bundle.manifest import FORMAT, PARAMETERS_OF, FileEntry, Golden, Manifest, Parameters, Task
from edge.bundle.strict_json import strict_json
from edge.ocr.parameters import ClassificationParameters, DetectionParameters, parameters_from_json
from edge.predictor.spec import InputSpec

_AXES: Final = 4  # batch, channels, height, width
_CHANNELS: Final = 3
MAX_TOLERANCE: Final = 1
"""The outputs are probabilities: with more, every output would pass."""


class ManifestError(ValueError):
    """A manifest that cannot be understood; the message says which field and why."""


def parse_manifest(text: str) -> Manifest:
    """Read a manifest's text.

    Raises:
        ManifestError: It is not JSON, of an unknown format, a field is missing, of the wrong kind or out of
            range, or fields contradict each other.
    """
    try:
        values = strict_json(text)
    except ValueError as error:
        raise ManifestError(f"is not JSON ({error})") from None
    if not isinstance(values, dict) or "format" not in values:
        raise ManifestError("is not the manifest of a bundle (it has no 'format')")
    if type(values["format"]) is not int or values["format"] != FORMAT:
        raise ManifestError(f"has format {values['format']!r:.60}, this version reads {FORMAT}")
    fields = _Fields(values)
    task = fields.get("task", str)
    if task not in get_args(Task):
        raise ManifestError(f"has task {task!r:.60}, known are {', '.join(get_args(Task))}")
    manifest = Manifest(
        name=fields.line("name"),
        task=task,
        model=fields.get("model", str),
        target=fields.get("target", str),
        precision=fields.get("precision", str),
        opt_version=fields.get("opt_version", str),
        input=_input(fields.inner("input")),
        parameters=_parameters(task, fields.get("parameters", dict)),
        files=_files(fields.inner("files")),
        dictionary=fields.get("dictionary", str, optional=True),
        classes=fields.get("classes", int, optional=True),
        golden=_golden(fields.inner("golden")) if values.get("golden") is not None else None,
        source=fields.get("source", dict, optional=True) or {},
        versions=_texts(fields.inner("versions")) if values.get("versions") is not None else {},
        warnings=_lines(fields.get("warnings", list, optional=True) or []),
    )
    _check_together(manifest)
    return manifest


class _Fields:
    """An object of the manifest; its complaints name the field with the way to it, such as 'golden.input'."""

    def __init__(self, values: Mapping[str, Any], prefix: str = "") -> None:
        self.values = values
        self._prefix = prefix

    def get(self, name: str, kind: type, *, optional: bool = False) -> Any:
        value = self.values.get(name)
        if value is None and optional:
            return None
        if not isinstance(value, kind) or isinstance(value, bool):
            self.complain(name, f"{kind.__name__} is expected")
        return value

    def line(self, name: str) -> str:
        text: str = self.get(name, str)
        if not text.isprintable():  # it would take control of a terminal
            self.complain(name, "printable text is expected")
        return text

    def inner(self, name: str) -> _Fields:
        return _Fields(self.get(name, dict), f"{self._prefix}{name}.")

    def complain(self, name: str, expected: str) -> NoReturn:
        value = self.values.get(name)
        found = "is missing" if value is None else f"is {value!r:.60}"
        raise ManifestError(f"field '{self._prefix}{name:.80}' {found}, where {expected}")


def _parameters(task: str, values: Mapping[str, Any]) -> Parameters:
    try:
        parameters = parameters_from_json(PARAMETERS_OF[task], values)
        check_bounds(parameters)
    except OverflowError:  # whole numbers of JSON have no limit
        raise ManifestError("field 'parameters': a number is too large") from None
    except ValueError as error:
        raise ManifestError(f"field 'parameters': {error}") from None
    return parameters


def _files(fields: _Fields) -> dict[str, FileEntry]:
    return {_inside(name): _file(fields.inner(name)) for name in fields.values}


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    plain = (
        name.isprintable() and "\\" not in name and str(path) == name
    )  # printable: no NUL, no lone surrogate
    if not name or not plain or path.is_absolute() or ".." in path.parts or name == ".":
        raise ManifestError(f"lists {name!r:.80}, which is not a plain name inside the bundle")
    return name


def _file(fields: _Fields) -> FileEntry:
    sha256 = fields.get("sha256", str)
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        fields.complain("sha256", "64 hexadecimal digits are expected")
    if fields.get("size", int) < 0:
        fields.complain("size", "a number of bytes is expected")
    return FileEntry(sha256, fields.get("size", int))


def _input(fields: _Fields) -> InputSpec:
    shape = fields.get("shape", list)
    if len(shape) != _AXES or not all(type(size) is int and (size == -1 or size > 0) for size in shape):
        fields.complain("shape", "four sizes are expected, -1 where any will do")
    multiples = fields.get("multiples", list, optional=True) or []
    if len(multiples) not in (0, _AXES) or not all(type(size) is int and size > 0 for size in multiples):
        fields.complain("multiples", "four positive numbers are expected, or none")
    if fields.get("dtype", str) != "float32":
        fields.complain("dtype", "'float32' is expected, which all PP-OCR networks take")
    return InputSpec(tuple(shape), "float32", tuple(multiples), fields.get("name", str))


def _golden(fields: _Fields) -> Golden:
    tolerance = fields.values.get("tolerance")
    if (
        isinstance(tolerance, bool)
        or not isinstance(tolerance, (int, float))
        or not 0 < tolerance <= MAX_TOLERANCE
    ):
        fields.complain("tolerance", f"a number above 0, at most {MAX_TOLERANCE}, is expected")
    files = fields.get("input", str), fields.get("output", str)
    of = fields.line("of") if fields.values.get("of") is not None else ""
    return Golden(*files, fields.get("made_by", str), tolerance, of)


def _texts(fields: _Fields) -> dict[str, str]:
    return {name: fields.get(name, str) for name in fields.values}


def _lines(values: list[Any]) -> tuple[str, ...]:
    if not all(isinstance(line, str) and line.isprintable() for line in values):
        raise ManifestError("field 'warnings' must hold lines of printable text alone")
    return tuple(values)


def _check_together(manifest: Manifest) -> None:
    named = [manifest.model, manifest.dictionary]
    named += [manifest.golden.input, manifest.golden.output] if manifest.golden else []
    for name in named:
        if name is not None and name not in manifest.files:
            raise ManifestError(f"names {name!r:.80} but does not list it under 'files'")
    if manifest.task == "rec" and (manifest.dictionary is None or manifest.classes is None):
        raise ManifestError("is for recognition but has no 'dictionary' and 'classes'")
    if manifest.classes is not None and manifest.classes < 1:
        raise ManifestError(f"field 'classes' is {manifest.classes}, where a positive number is expected")
    _, channels, height, width = manifest.input.shape
    parameters = manifest.parameters
    wanted = (-1, -1) if isinstance(parameters, DetectionParameters) else (parameters.height, -1)
    if isinstance(parameters, ClassificationParameters):
        wanted = (parameters.height, parameters.width)
    if channels != _CHANNELS or (height, width) != wanted:
        raise ManifestError(
            f"field 'input.shape' is {list(manifest.input.shape)}, with these parameters "
            f"{[manifest.input.shape[0], _CHANNELS, *wanted]} is expected"
        )
