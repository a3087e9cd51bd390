"""Exporting: an inference model, its dictionary and a manifest in one folder, or nothing."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy_tools.conversion.workshop import put_in_place, workshop
from deploy_tools.exporting.checkpoint import Checkpoint
from edge.errors import InputError
from edge.hashing import sha256_of
from edge.ocr.parameters import parameters_to_json
from slim.networks.from_checkpoint import export_checkpoint
from slim.networks.plan import NetworkPlan
from slim.pipeline.place import FORMAT, FORMAT_KEY, MANIFEST, read_manifest
from slim.pipeline.versions import tool_versions
from slim.pipeline.work import in_child
from slim.reference.predictor import MODEL_FILE, PARAMS_FILE

DICTIONARY: Final = "dictionary.txt"
MADE_BY_KEY: Final = "made_by"
MADE_BY: Final = "models export"
"""In the manifest, which otherwise is that of a result of ``slim``: who reads one reads the other."""


@dataclass(frozen=True)
class Exported:
    """An inference model that was made of a checkpoint.

    Attributes:
        folder: Where it is.
        manifest: What it says of itself.
    """

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def size(self) -> int:
        """Bytes of the inference model."""
        return sum(int(self.manifest["files"][name]["size"]) for name in (MODEL_FILE, PARAMS_FILE))


def check_place(out: Path) -> None:
    """Make sure that an exported model may be put in a folder.

    Raises:
        InputError: Something else is there.
    """
    if not os.path.lexists(out):
        return
    if not out.is_dir():
        raise InputError(f"-o {out}", "is no folder", "choose another one")
    manifest = read_manifest(out)
    if any(out.iterdir()) and (manifest is None or manifest.get(MADE_BY_KEY) != MADE_BY):
        raise InputError(f"-o {out}", "holds something else than an exported model", "choose another folder")


def export_model(checkpoint: Checkpoint, out: Path) -> Exported:
    """Write the inference model of a checkpoint; the same checkpoint gives the same bytes.

    Args:
        checkpoint: What to export.
        out: The folder; an exported model that is there is replaced, in one step.

    Raises:
        InputError: Something else is there, or it cannot be written.
        ModelError: The checkpoint is damaged or not of this network.
        WorkError: The process that works with Paddle died.
    """
    check_place(out)
    try:
        with workshop(out.absolute()) as shop:
            model = shop / "model"
            model.mkdir()
            plan = in_child(
                f"the export of {checkpoint.name}",
                export_checkpoint,
                checkpoint.file.absolute(),
                checkpoint.plan,
                checkpoint.pruned,
                model,
                threads=1,
            )
            if checkpoint.dictionary is not None:
                shutil.copyfile(checkpoint.dictionary, model / DICTIONARY)
            manifest = _manifest(checkpoint, plan, model)
            text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False)
            (model / MANIFEST).write_text(text + "\n", encoding="utf-8")
            put_in_place(model, out.absolute())
    except OSError as error:
        raise InputError(
            f"-o {out}", f"cannot be written ({error.strerror or error})", "choose another folder"
        ) from None
    return Exported(out, manifest)


def _manifest(checkpoint: Checkpoint, plan: NetworkPlan, folder: Path) -> dict[str, Any]:
    return {
        FORMAT_KEY: FORMAT,
        MADE_BY_KEY: MADE_BY,
        "name": checkpoint.name,
        "task": checkpoint.task.value,
        "precision": "fp32",
        "parameters": parameters_to_json(checkpoint.parameters),
        "dictionary": DICTIONARY if checkpoint.dictionary is not None else None,
        "classes": plan.classes,
        "network": plan.to_json(),
        "inputs": {"checkpoint": dict(checkpoint.origin), "versions": tool_versions()},
        "files": {
            path.name: {"sha256": sha256_of(path), "size": path.stat().st_size}
            for path in sorted(folder.iterdir())
        },
    }
