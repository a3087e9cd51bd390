"""``manifest.json`` of a result: what it is, what went in, what it lost.

Without times: the same run gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge.bundle.manifest import Parameters
from edge.hashing import sha256_of
from edge.ocr.parameters import parameters_to_json
from slim.pipeline.milestone import Milestone
from slim.pipeline.outcome import Findings
from slim.pipeline.place import FORMAT, FORMAT_KEY, MANIFEST, REPORTS


def manifest_of(
    findings: Findings,
    inputs: Mapping[str, Any],
    parameters: Parameters,
    dictionary: str | None,
    folder: Path,
) -> dict[str, Any]:
    """Everything a result says of itself, as plain values.

    Args:
        findings: Of the run.
        inputs: Everything that went in.
        parameters: Pre- and post-processing.
        dictionary: File name in the folder; None for detection and classification.
        folder: The result's files.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    listed = [path for path in files if path.name not in (MANIFEST, *REPORTS)]
    return {
        FORMAT_KEY: FORMAT,
        "name": findings.recipe.name,
        "task": findings.entry.task.value,
        "precision": findings.result.precision,
        "gates": findings.judgement,
        "quick": findings.quick,
        "parameters": parameters_to_json(parameters),
        "dictionary": dictionary,
        "classes": findings.entry.classes.count if findings.entry.classes else None,
        "inputs": dict(inputs),
        "data": {
            name: {
                "pictures": len(one),
                "sha256": one.sha256,
                "synthetic": one.synthetic,
                "labelled": one.labelled,
            }
            for name, one in findings.sets.items()
        },
        "steps": [milestone_values(findings, one) for one in findings.milestones],
        "published": milestone_values(findings, findings.published) if findings.published else None,
        "device": {
            "name": findings.place,
            "accuracy": {name: one.to_json() for name, one in findings.place_accuracies.items()},
        }
        if findings.place
        else None,
        "verdicts": [verdict.to_json() for verdict in findings.verdicts],
        "remarks": list(findings.remarks),
        "files": {
            path.relative_to(folder).as_posix(): {"sha256": sha256_of(path), "size": path.stat().st_size}
            for path in listed
        },
    }


def milestone_values(findings: Findings, milestone: Milestone) -> dict[str, Any]:
    """A model on its way, as plain values."""
    return {
        "key": milestone.key,
        "label": milestone.label,
        "description": milestone.description,
        "precision": milestone.precision,
        "input_shape": list(milestone.cost.input_shape),
        "cost": milestone.costs,
        "accuracy": {name: one.to_json() for name, one in findings.accuracies[milestone.key].items()},
    }
