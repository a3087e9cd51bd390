"""``manifest.json`` of a bundle: what the model is, how to use it, where it came from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from edge.ocr.parameters import (
    ClassificationParameters,
    DetectionParameters,
    RecognitionParameters,
    parameters_to_json,
)
from edge.predictor.spec import InputSpec

FORMAT: Final = 1
MANIFEST_NAME: Final = "manifest.json"
Task = Literal["det", "cls", "rec"]
Parameters = DetectionParameters | ClassificationParameters | RecognitionParameters

FLOAT_MODEL: Final = "float model"
ROUNDED_WEIGHTS: Final = "rounded weights"
SIMULATED_INT8: Final = "simulated int8"
"""What golden outputs are of: the model in float; in float with the weights that are stored as integers;
Paddle's simulation of what is computed in 8 bits."""

PARAMETERS_OF: Final[dict[str, type[Parameters]]] = {
    "det": DetectionParameters,
    "cls": ClassificationParameters,
    "rec": RecognitionParameters,
}


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
        tolerance: Largest absolute difference that a correct library shows.
        of: What the output is of, such as `ROUNDED_WEIGHTS`; empty in bundles of before 2026-11-26, where it
            is the float model's (INT8: simulated) and the tolerance that of float libraries.
    """

    input: str
    output: str
    made_by: str
    tolerance: float
    of: str = ""


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
