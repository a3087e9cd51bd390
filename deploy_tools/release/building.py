"""From what was gathered to the files of a release."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from deploy_tools.conversion.bundle_writer import file_entries, tool_versions
from deploy_tools.release.cards import FOLDER, card_texts
from deploy_tools.release.contents.manifest import ReleaseManifest
from deploy_tools.release.gathering import Gathered
from deploy_tools.release.notices import NOTICES, notices_text
from deploy_tools.release.sbom import SBOM, sbom_text
from deploy_tools.release.targets.android import write_android
from deploy_tools.release.targets.libraries import LITE, Part
from deploy_tools.release.targets.linux import write_linux
from deploy_tools.release.targets.target import ANDROID
from deploy_tools.release.trust.sums import SUMS_NAME, sums_text
from edge.bundle.manifest import MANIFEST_NAME, FileEntry
from edge.hashing import sha256_of

FILE_MODE: Final = 0o644
FOLDER_MODE: Final = 0o755


def build_release(gathered: Gathered, folder: Path, told: Callable[[str], None] = lambda _: None) -> None:
    """Write all files of a release but its signature.

    Args:
        gathered: What it is made of.
        folder: New or empty.
        told: Called with the name of every file before it is written.

    Raises:
        OSError: A file cannot be written.
        BundleError: A model changed since it was verified.
    """
    folder.mkdir(exist_ok=True)
    (folder / FOLDER).mkdir()
    for name, text in card_texts(gathered.models).items():
        (folder / name).write_bytes(text)
    (folder / NOTICES).write_bytes(notices_text(gathered.models, gathered.all_parts, gathered.notices))
    (folder / SBOM).write_bytes(sbom_text(gathered.label, gathered.models, gathered.all_parts, gathered.time))
    for target, models in gathered.chosen.items():
        told(gathered.label.archive(target.name))
        parts = gathered.parts.get(target, ())
        notices = notices_text(models, parts, gathered.notices)
        entries = [part.entry for part in parts]
        if target == ANDROID:
            write_android(folder, gathered.label, models, entries, gathered.jar, notices, gathered.time)
        else:
            write_linux(folder, gathered.label, target.name, models, entries, notices, gathered.time)
    told(MANIFEST_NAME)
    files = file_entries(folder)
    manifest = folder / MANIFEST_NAME
    manifest.write_bytes(_manifest(gathered, files).to_json())
    sums = {name: entry.sha256 for name, entry in files.items()}
    (folder / SUMS_NAME).write_bytes(sums_text({**sums, MANIFEST_NAME: sha256_of(manifest)}))
    _set_modes(folder)


def _manifest(gathered: Gathered, files: Mapping[str, FileEntry]) -> ReleaseManifest:
    label = gathered.label
    return ReleaseManifest(
        name=label.name,
        version=label.version,
        created=label.created,
        targets=tuple(target.name for target in gathered.chosen),
        models=tuple(model.to_json() for model in gathered.models),
        libraries=_libraries(gathered),
        allow=tuple(dict.fromkeys(one.allow for one in gathered.passes)),
        exceptions=tuple(one.to_json() for one in gathered.passes),
        files=files,
        versions=tool_versions(),
    )


def _libraries(gathered: Gathered) -> dict[str, Any]:
    """Versions of Paddle-Lite: the models' own, those seen to work, those that the release brings along."""
    written = sorted({model.bundle.nb.opt_version for model in gathered.models})
    seen = {
        one.measurement.environment.library_version
        for model in gathered.models
        for one in model.measured
        if not one.measurement.verdict
    }
    brought = {target.name: _brought(parts) for target, parts in gathered.parts.items()}
    return {"least": written, "measured": sorted(seen - {""}), "included": brought}


def _brought(parts: Sequence[Part]) -> list[str]:
    versions = {part.version or "unknown" for part in parts if part.component == LITE}
    return sorted(versions)


def _set_modes(folder: Path) -> None:
    """Whatever this process' umask is."""
    folder.chmod(FOLDER_MODE)
    for path in folder.rglob("*"):
        path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)
