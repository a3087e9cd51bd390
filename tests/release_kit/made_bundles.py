"""Copies of real bundles that were judged one way or another, or that another opt wrote."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from edge.nb.model import read_nb

FIGURE = {"value": 97.25, "low": 96.0, "high": 98.5, "count": 400, "unit": "%"}
LOSS = {"value": 0.25, "low": -0.5, "high": 1.0, "count": 400, "unit": "points"}
ACCURACY = {
    "lines": {
        "measures": {"accuracy": FIGURE},
        "losses": {"accuracy": LOSS},
        "agreement": {**FIGURE, "value": 99.0},
    }
}


def result(gates: str = "passed", **more: Any) -> dict[str, Any]:
    """What a recipe's result tells a bundle."""
    return {
        "gates": gates,
        "quick": False,
        "recipe": "small_cls",
        "model": "ch_ppocr_mobile_v2.0_cls",
        "model_sha256": {},
        "steps": ["prune 30 % of the channels", "train for 400 steps"],
        "cost": {"parameters": 90_000, "macs": 12_000_000, "bytes": 500_000, "nb_bytes": 400_000},
        "verdicts": [
            {"line": "parameters: 90,000, allowed are 100,000 or less", "passed": True},
            {
                "line": "accuracy on lines: loses 0.25 points, allowed are 0.3 points",
                "passed": gates != "failed",
            },
        ],
        "accuracy": {"Paddle": ACCURACY},
        "device": None,
        **more,
    }


def judged(bundle: Path, place: Path, gates: str = "passed", **more: Any) -> Path:
    """A copy whose model was judged."""
    return changed(bundle, place, source={"slim": "small_cls", "result": result(gates, **more)})


def changed(bundle: Path, place: Path, **fields: Any) -> Path:
    """A copy whose manifest says something else."""
    shutil.copytree(bundle, place)
    manifest = json.loads((place / "manifest.json").read_text())
    _write(place, {**manifest, **fields})
    return place


def written_by(bundle: Path, place: Path, version: str) -> Path:
    """A copy whose model another opt wrote: its header says so."""
    content = bytearray((bundle / "model.nb").read_bytes())
    content[2:18] = version.encode().ljust(16, b"\0")
    return with_model(bundle, place, bytes(content))


def with_model(bundle: Path, place: Path, content: bytes) -> Path:
    """A copy with another model."""
    shutil.copytree(bundle, place)
    (place / "model.nb").write_bytes(content)
    nb = read_nb(place / "model.nb")
    manifest = json.loads((place / "manifest.json").read_text())
    manifest |= {"precision": nb.precision, "target": nb.main_target, "opt_version": nb.opt_version}
    manifest["files"]["model.nb"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    _write(place, manifest)
    return place


def _write(place: Path, manifest: dict[str, Any]) -> None:
    (place / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
