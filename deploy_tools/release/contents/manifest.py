"""``manifest.json`` of a release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deploy_tools.release.trust.canonical import canonical_json, read_format
from deploy_tools.release.trust.released import FORMAT, LONGEST_MANIFEST, released_of
from edge.bundle.manifest import MANIFEST_NAME, FileEntry
from edge.errors import ReleaseError
from edge.regular_file import regular_file_size


@dataclass(frozen=True)
class ReleaseManifest:
    """Everything a release says of itself.

    Attributes:
        name: Of the release.
        version: Of the release.
        created: RFC 3339 time: ``SOURCE_DATE_EPOCH``, else when something in it was measured last.
        targets: It is for.
        models: As :meth:`deploy_tools.release.contents.model.PackedModel.to_json` gives them.
        libraries: Versions of Paddle-Lite that it works with.
        allow: Words of what was let pass.
        exceptions: What that was, as :class:`deploy_tools.release.contents.policy.Pass` has it.
        files: By name: all but the manifest, ``SHA256SUMS`` and its signature.
        versions: Of the tools that made it.
    """

    name: str
    version: str
    created: str
    targets: tuple[str, ...]
    models: tuple[Mapping[str, Any], ...]
    libraries: Mapping[str, Any]
    allow: tuple[str, ...]
    exceptions: tuple[Mapping[str, Any], ...]
    files: Mapping[str, FileEntry]
    versions: Mapping[str, str]

    def to_json(self) -> bytes:
        """The file, written in the one way of releases."""
        return canonical_json(
            {
                "format": FORMAT,
                "name": self.name,
                "version": self.version,
                "created": self.created,
                "targets": list(self.targets),
                "models": [dict(model) for model in self.models],
                "libraries": dict(self.libraries),
                "allow": list(self.allow),
                "exceptions": [dict(one) for one in self.exceptions],
                "files": {name: asdict(entry) for name, entry in self.files.items()},
                "versions": dict(self.versions),
            }
        )


def read_release_manifest(path: Path) -> ReleaseManifest:
    """The manifest of a release that is trusted: nothing of the release is verified.

    Args:
        path: The manifest, or the release's folder.

    Raises:
        ReleaseError: It cannot be read, or is no manifest of a release.
    """
    file = path / MANIFEST_NAME if path.is_dir() else path
    again = "give the folder of a release, as 'ppocr-edge package' makes it"
    try:
        regular_file_size(file, lambda found: ReleaseError(file, found, again), LONGEST_MANIFEST)
        values = read_format(file.read_bytes(), FORMAT)
        released = released_of(values)
        return ReleaseManifest(
            name=released.name,
            version=released.version,
            created=str(values["created"]),
            targets=released.targets,
            models=tuple(values["models"]),
            libraries=dict(values["libraries"]),
            allow=released.allowed,
            exceptions=tuple(map(dict, values["exceptions"])),
            files=released.files,
            versions={str(name): str(version) for name, version in values["versions"].items()},
        )
    except OSError as error:
        raise ReleaseError(file, f"cannot be read ({error.strerror})", again) from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        found = f"has no {error}" if isinstance(error, KeyError) else str(error)
        raise ReleaseError(file, found, again) from None
