"""The files of models in an archive, and the archive's own manifest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from deploy_tools.release.archive.entry import Entry
from deploy_tools.release.contents.model import PackedModel
from deploy_tools.release.targets.release_label import ReleaseLabel
from deploy_tools.release.trust.canonical import canonical_json
from deploy_tools.release.trust.released import FORMAT
from edge.bundle.manifest import MANIFEST_NAME
from edge.errors import BundleError


def model_entries(models: Sequence[PackedModel], prefix: str) -> Iterator[Entry]:
    """Every file of every bundle, as ``PREFIXmodels/TASK/…``.

    Raises:
        BundleError: A file changed since it was verified.
    """
    for model in models:
        folder = f"{prefix}models/{model.task}"
        bundle = model.bundle
        for name, listed in bundle.manifest.files.items():
            path = bundle.folder / name
            entry = Entry(f"{folder}/{name}", _read(path))
            if entry.listed != listed:
                raise BundleError(path, "changed while it was packed", "pack again")
            yield entry
        manifest = Entry(f"{folder}/{MANIFEST_NAME}", _read(bundle.folder / MANIFEST_NAME))
        if manifest.listed.sha256 != model.bundle_sha256:
            raise BundleError(bundle.folder / MANIFEST_NAME, "changed while it was packed", "pack again")
        yield manifest


def own_manifest(
    label: ReleaseLabel,
    target: str,
    models: Sequence[PackedModel],
    entries: Sequence[Entry],
    prefix: str,
    beside: str = "",
) -> bytes:
    """The manifest inside an archive.

    Args:
        label: Of the release.
        target: What the archive is for.
        models: In it.
        entries: Everything else in it.
        prefix: What of the entries' names is left out.
        beside: Where the models are, seen from this manifest.
    """
    return canonical_json(
        {
            "format": FORMAT,
            "name": label.name,
            "version": label.version,
            "created": label.created,
            "target": target,
            "models": [
                {**model.identity(), "folder": f"{beside}models/{model.task}", "tolerance": model.tolerance}
                for model in models
            ],
            "files": {entry.name.removeprefix(prefix): asdict(entry.listed) for entry in entries},
        }
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleError(path, f"cannot be read ({error.strerror})", "convert the bundle again") from None
