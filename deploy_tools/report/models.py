"""Sizes and accuracies of models: from bundles, results of slim and saved evaluations below a folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.bundle.manifest import MANIFEST_NAME, Manifest
from edge.bundle.manifest_reader import ManifestError, parse_manifest
from edge.errors import InputError, ModelError
from slim.pipeline.place import read_manifest

_LARGEST: Final = 50_000_000
_DEPTH: Final = 3
_MEASURES: Final = ("hmean", "exact", "accuracy")
"""What a task's models are compared by, of all that was measured."""


@dataclass(frozen=True)
class Accuracy:
    """How good a model is on some pictures, in percent.

    Attributes:
        data: Name of the pictures.
        measure: ``hmean``, ``exact`` or ``accuracy``.
        value: Of all pictures.
        low: Lower end of its 95 % interval.
        high: Upper end.
        count: Pictures.
        device: Where it was measured; empty for Paddle on a host.
    """

    data: str
    measure: str
    value: float
    low: float
    high: float
    count: int
    device: str = ""


@dataclass(frozen=True)
class ModelFacts:
    """A model.

    Attributes:
        name: As it stands in bundles and measurements.
        task: ``det``, ``cls`` or ``rec``.
        precision: As bundles say it.
        size: Of its ``.nb`` in bytes; None where it is not known.
        hashes: Of files it consists of: the ``.nb``, or those of the inference model.
        slim: Whether it was made smaller by a recipe.
        origin: Name of the model it was made of; empty where it is none's.
        accuracies: How good it is.
    """

    name: str
    task: str
    precision: str
    size: int | None
    hashes: frozenset[str] = frozenset()
    slim: bool = False
    origin: str = ""
    accuracies: tuple[Accuracy, ...] = ()


def read_models(folders: Iterable[Path]) -> list[ModelFacts]:
    """Everything that is known of models below some folders; what belongs to one model is put together.

    Args:
        folders: Bundles, results of slim, or folders with such, and with ``evaluate --json``'s output.

    Raises:
        InputError: There is no such folder, or nothing of a model in it.
    """
    found: list[ModelFacts] = []
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"--bundles {folder}", "is not a folder", "give one with bundles in it")
        here = list(_below(folder))
        if not here:
            raise InputError(
                f"--bundles {folder}",
                "holds no bundle, no result of slim and no saved evaluation",
                "give the folder that 'ppocr-edge convert' or 'slim' wrote to",
            )
        found += here
    return _together(found)


def _below(folder: Path, depth: int = 0) -> Iterator[ModelFacts]:
    if (folder / MANIFEST_NAME).is_file():
        yield from _described(folder)
        return
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(folder, f"cannot be read ({error.strerror})", "choose another folder") from None
    for path in inside:
        if path.is_dir() and depth < _DEPTH:
            yield from _below(path, depth + 1)
        elif path.suffix == ".json" and path.is_file() and path.stat().st_size <= _LARGEST:
            yield from _evaluated(path)


def _described(folder: Path) -> Iterator[ModelFacts]:
    """What a folder with a manifest is; nothing where it is of another kind, such as a runner."""
    try:
        manifest = parse_manifest((folder / MANIFEST_NAME).read_text(encoding="utf-8"))
    except ManifestError:
        pass
    except (OSError, UnicodeDecodeError):
        return
    else:
        yield _bundle(manifest)
        return
    try:
        values = read_manifest(folder)
        if values is not None and "steps" in values:
            yield from _slimmed(values)
    except ModelError as error:
        raise InputError(error.subject, error.found, error.remedy) from None
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(folder / MANIFEST_NAME, f"is damaged ({error!r:.80})", "make it again") from None


def _bundle(manifest: Manifest) -> ModelFacts:
    entry = manifest.files[manifest.model]
    sources = manifest.source.get("sha256")
    hashes = set(sources.values()) if isinstance(sources, Mapping) else set()
    return ModelFacts(
        name=manifest.name,
        task=manifest.task,
        precision=manifest.precision,
        size=entry.size,
        hashes=frozenset({entry.sha256, *map(str, hashes)}),
        slim="slim" in manifest.source,
    )


def _slimmed(values: Mapping[str, Any]) -> Iterator[ModelFacts]:
    """A result of slim, and the model it was made of."""
    first, last, task = values["steps"][0], values["steps"][-1], str(values["task"])
    origin = str(values["inputs"]["model"]["name"])
    hashes = {str(entry["sha256"]) for name, entry in values["files"].items() if "/" not in name}
    accuracies = _step_accuracies(last)
    if values["device"]:
        accuracies += _step_accuracies(values["device"], str(values["device"]["name"]))
    yield ModelFacts(origin, task, str(first["precision"]), _nb(first), accuracies=_step_accuracies(first))
    yield ModelFacts(
        name=str(values["name"]),
        task=task,
        precision=str(values["precision"]),
        size=_nb(last),
        hashes=frozenset(hashes),
        slim=True,
        origin=origin,
        accuracies=accuracies,
    )


def _nb(step: Mapping[str, Any]) -> int | None:
    size = step["cost"].get("nb_bytes")
    return None if size is None else int(size)


def _step_accuracies(step: Mapping[str, Any], device: str = "") -> tuple[Accuracy, ...]:
    found = (_accuracy(str(data), one["measures"], device) for data, one in step["accuracy"].items())
    return tuple(filter(None, found))


def _evaluated(path: Path) -> Iterator[ModelFacts]:
    """Models of a file that ``evaluate --json`` printed; nothing where it is another."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        task, data = values["task"], values["data"]
        name = Path(data["path"]).parent.name or str(data["path"])
        for one in (values, values.get("against")):
            if one is None:
                continue
            accuracy = _accuracy(name, one["measures"], str(one["device"]))
            if accuracy is not None:
                yield ModelFacts(Path(one["model"]).name, str(task), "", None, accuracies=(accuracy,))
    except (OSError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return


def _accuracy(data: str, measures: Mapping[str, Any], device: str) -> Accuracy | None:
    for measure in _MEASURES:
        if measure in measures:
            found = measures[measure]
            value, low, high = (float(found[key]) for key in ("value", "low", "high"))
            return Accuracy(data, measure, value, low, high, int(found["count"]), device)
    return None


def _together(found: Iterable[ModelFacts]) -> list[ModelFacts]:
    """Facts of equal files, or else of equal names and precisions, are of one model."""
    models: list[ModelFacts] = []
    for facts in sorted(found, key=lambda one: not one.slim):
        for number, known in enumerate(models):
            if _same(known, facts):
                models[number] = _joined(known, facts)
                break
        else:
            models.append(facts)
    return sorted(models, key=lambda one: (one.task, one.origin or one.name, one.slim, one.name))


def _same(one: ModelFacts, other: ModelFacts) -> bool:
    if one.hashes & other.hashes:
        return one.precision == other.precision
    bundle = {one.name, one.name + "-x86", one.name + "-arm"}
    return other.name in bundle and other.precision in ("", one.precision)


def _joined(one: ModelFacts, other: ModelFacts) -> ModelFacts:
    return ModelFacts(
        name=one.name,
        task=one.task,
        precision=one.precision or other.precision,
        # that of the bundle, where there is one: a step's is of an ARM bundle made on the way
        size=one.size if one.size is not None else other.size,
        hashes=one.hashes | other.hashes,
        slim=one.slim or other.slim,
        origin=one.origin or other.origin,
        accuracies=tuple(dict.fromkeys(one.accuracies + other.accuracies)),
    )
