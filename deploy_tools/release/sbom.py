"""``sbom.cdx.json``: what a release consists of, as a CycloneDX bill of materials."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import edge
from deploy_tools.release.contents.licence import UNKNOWN
from deploy_tools.release.contents.model import PackedModel
from deploy_tools.release.targets.libraries import RUNNER, Part
from deploy_tools.release.targets.release_label import ReleaseLabel
from deploy_tools.release.trust.canonical import canonical_json

if TYPE_CHECKING:
    from cyclonedx.model.component import Component

SBOM: Final = "sbom.cdx.json"
_NAMESPACE: Final = uuid.UUID("5f0f6a0e-6c1f-5d1c-9d53-0c6b3c1d8a10")
"""Of serial numbers: equal contents have equal ones."""


def sbom_text(
    label: ReleaseLabel, models: Sequence[PackedModel], parts: Sequence[Part], time: datetime
) -> bytes:
    """The file; the same bytes for the same release.

    Args:
        label: Of the release.
        models: In it.
        parts: Programs and libraries in it.
        time: The release's.
    """
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.tool import ToolRepository
    from cyclonedx.output.json import JsonV1Dot6

    whole = Component(name=label.name, version=label.version, type=ComponentType.DATA, bom_ref=label.top)
    tool = Component(
        name="ppocr-edge", version=edge.__version__, type=ComponentType.APPLICATION, bom_ref="tool"
    )
    components = [*map(_of_model, models), *_of_parts(parts)]
    bom = Bom(
        components=components,
        metadata=BomMetaData(component=whole, tools=ToolRepository(components=[tool]), timestamp=time),
    )
    bom.register_dependency(whole, components)
    refs = sorted(str(component.bom_ref.value) for component in components)
    bom.serial_number = uuid.uuid5(_NAMESPACE, "\n".join([label.top, label.created, *refs]))
    values: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    return canonical_json(values)


def _of_model(model: PackedModel) -> Component:
    from cyclonedx.model import Property
    from cyclonedx.model.component import Component, ComponentType

    manifest = model.bundle.manifest
    told = {
        "task": manifest.task,
        "precision": manifest.precision,
        "target": manifest.target,
        "opt_version": manifest.opt_version,
        "gates": model.findings.gates,
    }
    return Component(
        name=model.name,
        version=model.bundle.nb.sha256[:16],
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=f"model:{manifest.task}:{manifest.target}:{model.bundle.nb.sha256}",
        hashes=[_sha256(model.bundle.nb.sha256)],
        licenses=_licences(model.licence),
        properties=[Property(name=f"ppocr-edge:{name}", value=value) for name, value in told.items()],
    )


def _of_parts(parts: Sequence[Part]) -> list[Component]:
    from cyclonedx.model import Property
    from cyclonedx.model.component import Component, ComponentType

    found: dict[str, Component] = {}
    for part in parts:
        sha256 = part.entry.listed.sha256
        ref = f"file:{sha256}"
        kind = ComponentType.APPLICATION if part.component == RUNNER else ComponentType.LIBRARY
        found[ref] = Component(
            name=part.component,
            version=part.version or (edge.__version__ if part.component == RUNNER else None),
            type=kind,
            bom_ref=ref,
            hashes=[_sha256(sha256)],
            licenses=_licences("Apache-2.0" if part.component != part.entry.name.split("/")[-1] else UNKNOWN),
            properties=[Property(name="ppocr-edge:file", value=part.entry.name)],
        )
    return [found[ref] for ref in sorted(found)]


def _sha256(value: str) -> Any:
    from cyclonedx.model import HashAlgorithm, HashType

    return HashType(alg=HashAlgorithm.SHA_256, content=value)


def _licences(expression: str) -> list[Any]:
    from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
    from cyclonedx.spdx import is_supported_id

    if expression == UNKNOWN:
        return []
    return [
        DisjunctiveLicense(id=expression) if is_supported_id(expression) else LicenseExpression(expression)
    ]
