"""Putting a result together: the model, its checkpoint, manifest and report."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from edge.bundle.manifest import Parameters
from slim.pipeline.manifest import manifest_of
from slim.pipeline.outcome import Findings
from slim.pipeline.place import MANIFEST, put_in_place
from slim.pipeline.step import Progress
from slim.reference.predictor import MODEL_FILE, PARAMS_FILE
from slim.report import write_report

DICTIONARY: Final = "dictionary.txt"
CHECKPOINT: Final = "checkpoint"


def write_result(
    findings: Findings,
    inputs: Mapping[str, Any],
    parameters: Parameters,
    dictionary: Path | None,
    out: Path,
    work: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Write everything beside its place, and move it there.

    Args:
        findings: Of the run.
        inputs: Everything that went in.
        parameters: Pre- and post-processing.
        dictionary: A recognizer's characters.
        out: Folder of the result.
        work: Folder on the same file system.
        progress: Told how far the report is.

    Returns:
        The manifest.
    """
    folder = work / "result"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in (MODEL_FILE, PARAMS_FILE):
        shutil.copyfile(findings.result.model / name, folder / name)
    shutil.copytree(findings.result.state, folder / CHECKPOINT)
    if dictionary is not None:
        shutil.copyfile(dictionary, folder / DICTIONARY)
    manifest = manifest_of(findings, inputs, parameters, DICTIONARY if dictionary else None, folder)
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    write_report(findings, manifest, folder, progress)
    put_in_place(folder, out)
    return manifest
