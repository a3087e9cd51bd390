"""Results of ``ppocr-edge slim`` and ``models export``: inference models that say what they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from deploy_tools.conversion.options import Weights
from deploy_tools.conversion.source import ModelSource, model_hashes
from edge.bundle.manifest import PARAMETERS_OF, Task
from edge.errors import ModelError
from edge.ocr.parameters import parameters_from_json
from slim.pipeline.place import MANIFEST, read_manifest
from slim.reference.predictor import check_inference_model

_TASKS: Final[dict[str, Task]] = {"det": "det", "cls": "cls", "rec": "rec"}
WEIGHTS: Final[dict[str, Weights]] = {"int8-weights": "int8", "int16-weights": "int16"}


def result_source(folder: Path) -> ModelSource | None:
    """The model of a result's folder; None where the folder is something else.

    Raises:
        ModelError: Its manifest or a file of the model is damaged.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        return None
    check_inference_model(folder)
    try:
        _check_unchanged(folder, manifest)
        return _source(folder, manifest)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(folder / MANIFEST, f"is damaged ({error})", "make the result again") from None


def failed_gates(folder: Path) -> bool:
    """Whether a folder is a result that failed a gate of its recipe."""
    manifest = read_manifest(folder)
    return manifest is not None and manifest.get("gates") == "failed"


def _check_unchanged(folder: Path, manifest: Mapping[str, Any]) -> None:
    for name, sha256 in model_hashes(folder).items():
        if manifest["files"][name]["sha256"] != sha256:
            raise ModelError(
                folder / name,
                f"is not the file that {MANIFEST} describes",
                "make the result again, or convert a copy without the manifest, with --task",
            )


def _findings(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What a result found out about its model, for whoever is to trust a bundle without it."""
    place, made_of = manifest["device"], manifest["inputs"]["model"]
    last = manifest["steps"][-1]["accuracy"]
    return {
        "gates": manifest["gates"],
        "quick": manifest["quick"],
        "recipe": manifest["inputs"]["recipe"]["name"],
        "model": made_of["name"],
        "model_sha256": made_of["sha256"],
        "steps": [step["description"] for step in manifest["steps"][1:]],
        "cost": manifest["steps"][-1]["cost"],
        "verdicts": [{"line": one["line"], "passed": one["passed"]} for one in manifest["verdicts"]],
        "accuracy": {"Paddle": last, **({place["name"]: place["accuracy"]} if place else {})},
        "device": place["name"] if place else None,
    }


def _source(folder: Path, manifest: Mapping[str, Any]) -> ModelSource:
    task, dictionary, precision = _TASKS[manifest["task"]], manifest["dictionary"], manifest["precision"]
    name = str(manifest["name"])
    if not name.isprintable() or Path(name).name != name:
        raise ValueError(f"name {name!r}")
    if (task == "rec") != isinstance(dictionary, str):
        raise ValueError(f"dictionary {dictionary!r}")
    parameters = parameters_from_json(PARAMETERS_OF[task], manifest["parameters"])
    made_by = "slim" if "made_by" not in manifest else "exported"
    origin = {made_by: name, "precision": precision, "sha256": model_hashes(folder)}
    if made_by == "exported":
        origin["checkpoint"] = manifest["inputs"]["checkpoint"]
    if "gates" in manifest:
        origin["result"] = _findings(manifest)
    characters = folder / dictionary if task == "rec" else None
    return ModelSource(name, folder, task, parameters, characters, origin, WEIGHTS.get(precision))
