"""Units as they travel: JSON values in which files are named by what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from deploy_tools.scenarios.opening import hash_of, model_hash, require_file, require_same
from deploy_tools.scenarios.plan import Part, Plan, Unit, plan_from_json
from edge.bundle.bundle import load_bundle
from edge.bundle.manifest import MANIFEST_NAME
from edge.errors import InputError

MOST_BYTES: Final = 512 * 1024 * 1024
"""Of one file."""


@dataclass
class Packed:
    """A unit ready to travel.

    Attributes:
        plan: A plan of this unit alone, as JSON values. Bundles are named by the SHA-256 of their manifests,
            other files by theirs and their names, with a slash between.
        files: What it needs, by SHA-256.
        names: How the user names what a worker knows by SHA-256, for messages.
    """

    plan: dict[str, Any]
    files: dict[str, Path] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def pack(unit: Unit, device: str) -> Packed:
    """A unit to be measured on a worker.

    Args:
        unit: The unit.
        device: The worker's name for its device.

    Raises:
        BundleError: A bundle cannot be used any more.
        InputError: A file cannot be read, is too large, or is another than the plan was made with.
    """
    packed = Packed({})
    parts = tuple(_pack_part(part, packed) for part in unit.parts)
    packed.plan = Plan(unit.scenario, (Unit(device, parts, unit.conditions),), unit.conditions).to_json()
    for path in packed.files.values():
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InputError(
                path,
                f"has {size} bytes, a worker takes {MOST_BYTES}",
                "measure it where it is, without --cluster",
            )
    return packed


def unpack(values: Mapping[str, Any]) -> Unit:
    """The unit of a plan that was packed; its files are still named by what is in them.

    Raises:
        InputError: There is none.
    """
    plan = plan_from_json(values, "what was sent")
    if len(plan.units) != 1 or not plan.units[0].parts:
        raise InputError("what was sent", "is not one unit", "use the same version on all hosts")
    return plan.units[0]


def _pack_part(part: Part, packed: Packed) -> Part:
    bundles = {
        task: _pack_bundle(Path(folder), part.hashes.get(task, ""), packed) if folder else ""
        for task, folder in part.bundles.items()
    }
    return replace(part, bundles=bundles, file=_pack_file(part, packed) if part.file else "")


def _pack_bundle(folder: Path, planned: str, packed: Packed) -> str:
    bundle = load_bundle(folder)
    require_same(folder, model_hash(bundle), planned)
    manifest = folder / MANIFEST_NAME
    name = hash_of(manifest)
    packed.files[name] = manifest
    packed.files.update({entry.sha256: folder / file for file, entry in bundle.manifest.files.items()})
    packed.names[name] = str(folder)
    return name


def _pack_file(part: Part, packed: Packed) -> str:
    path = Path(part.file)
    name = require_file(part)
    packed.files[name] = path
    packed.names[name] = part.file
    return f"{name}/{path.name}"
