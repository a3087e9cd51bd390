"""The archive for boards and hosts with Linux."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from deploy_tools.release.archive.entry import Entry
from deploy_tools.release.archive.tar_gz import write_tar_gz
from deploy_tools.release.contents.model import PackedModel
from deploy_tools.release.notices import NOTICES
from deploy_tools.release.targets.model_files import model_entries, own_manifest
from deploy_tools.release.targets.release_label import ReleaseLabel
from deploy_tools.release.targets.selftest import NAME, selftest_entry
from edge.bundle.manifest import MANIFEST_NAME


def write_linux(
    folder: Path,
    label: ReleaseLabel,
    target: str,
    models: Sequence[PackedModel],
    parts: Sequence[Entry],
    notices: bytes,
    time: datetime,
) -> None:
    """Write ``NAME-VERSION-TARGET.tar.gz``.

    Args:
        folder: That gets it.
        label: Of the release.
        target: Name of the target.
        models: That go into it.
        parts: Programs and libraries that go into it, with names below its top folder.
        notices: Of third parties.
        time: Of its files.

    Raises:
        OSError: It cannot be written.
        BundleError: A model changed since it was verified.
    """
    top = f"{label.top}/"
    entries = [*model_entries(models, top), Entry(f"{top}{NOTICES}", notices)]
    entries += [Entry(f"{top}{part.name}", part.content, part.executable) for part in parts]
    entries.append(selftest_entry(f"{top}{NAME}", f"{label.top} for {target}", models, entries))
    manifest = own_manifest(label, target, models, entries, top)
    path = folder / f"{label.archive(target)}.tar.gz"
    write_tar_gz(path, [*entries, Entry(f"{top}{MANIFEST_NAME}", manifest)], time)
