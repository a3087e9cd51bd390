"""A model of a release, with everything that is known of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from deploy_tools.release.contents.bundle_check import check_bundle
from deploy_tools.release.contents.figure import Figure
from deploy_tools.release.contents.findings import Findings, read_findings
from deploy_tools.release.contents.licence import licence_of
from deploy_tools.release.contents.measured import Taken, of_model
from deploy_tools.scenarios.parity import golden_tolerance
from edge.bundle.bundle import Bundle, load_bundle
from edge.bundle.manifest import MANIFEST_NAME
from edge.hashing import sha256_of


@dataclass(frozen=True)
class PackedModel:
    """A model that goes into a release.

    Attributes:
        bundle: Verified.
        findings: How it was judged.
        measured: What runs tell of it.
        licence: SPDX expression.
        bundle_sha256: Of the bundle's manifest, which vouches for its files.
        evaluated: How good it was found to be on devices.
    """

    bundle: Bundle
    findings: Findings
    measured: tuple[Taken, ...]
    licence: str
    bundle_sha256: str = field(repr=False)
    evaluated: tuple[Figure, ...] = ()

    @property
    def name(self) -> str:
        """Of the model."""
        return self.bundle.manifest.name

    @property
    def task(self) -> str:
        """``det``, ``cls`` or ``rec``."""
        return self.bundle.manifest.task

    @property
    def tolerance(self) -> float:
        """How much its output may differ from the golden one: as much as measurements on ARM were allowed."""
        seen = [one.allowed for one in self.measured if one.agrees_on_arm]
        return max([golden_tolerance(self.bundle), *seen])

    @property
    def measured_on_arm(self) -> bool:
        """Whether an ARM device was seen to compute it as it should."""
        return bool(self.findings.device) or any(one.agrees_on_arm for one in self.measured)

    @property
    def newest(self) -> datetime | None:
        """When it was measured last."""
        return max((one.started for one in self.measured), default=None)

    def identity(self) -> dict[str, Any]:
        """What tells it from every other model, as both kinds of manifests say it."""
        manifest = self.bundle.manifest
        return {
            "name": self.name,
            "task": self.task,
            "precision": manifest.precision,
            "target": manifest.target,
            "opt_version": manifest.opt_version,
            "sha256": self.bundle.nb.sha256,
        }

    def to_json(self) -> dict[str, Any]:
        """Plain values: everything that is known of it."""
        findings, golden = self.findings, self.bundle.manifest.golden
        return {
            **self.identity(),
            "size": self.bundle.nb.size,
            "bundle_sha256": self.bundle_sha256,
            "gates": findings.gates,
            "verdicts": [dict(vars(verdict)) for verdict in findings.verdicts],
            "recipe": _recipe(findings) if findings.recipe else None,
            "cost": dict(findings.cost) if findings.cost is not None else None,
            "accuracy": [figure.to_json() for figure in (*findings.figures, *self.evaluated)],
            "latency": [one.to_json() for one in self.measured if not one.is_parity],
            "parity": [one.to_json() for one in self.measured if one.is_parity],
            "golden": {"made_by": golden.made_by, "of": golden.of, "tolerance": self.tolerance}
            if golden
            else None,
            "source": {name: one for name, one in self.bundle.manifest.source.items() if name != "result"},
            "versions": dict(self.bundle.manifest.versions),
            "warnings": list(self.bundle.manifest.warnings),
            "licence": self.licence,
        }


def _recipe(findings: Findings) -> dict[str, Any]:
    made_of = {"name": findings.model, "sha256": dict(findings.model_sha256 or {})}
    return {"name": findings.recipe, "steps": list(findings.steps), "made_of": made_of}


def gather_model(folder: Path, taken: tuple[Taken, ...]) -> PackedModel:
    """A bundle with everything that is known of it.

    Args:
        folder: The bundle.
        taken: Measurements, of any models.

    Raises:
        BundleError: It is no bundle, damaged, has nothing to test itself with, or says what no release can.
    """
    bundle = load_bundle(folder)
    check_bundle(bundle)
    return PackedModel(
        bundle,
        read_findings(bundle),
        of_model(taken, bundle.nb.sha256),
        licence_of(bundle),
        sha256_of(folder / MANIFEST_NAME),
    )
