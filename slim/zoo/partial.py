"""A download under way: the bytes so far, and which version of the file they belong to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Partial:
    """A file that is being filled, and a ``.json`` beside it that names the version of what is in it.

    Attributes:
        path: The file with the bytes; it may not exist yet.
    """

    path: Path

    def size(self) -> int:
        """Bytes so far."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def version(self) -> dict[str, str]:
        """What `start` was told; empty where nothing readable is there."""
        try:
            values = json.loads(self._version_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(key): str(value) for key, value in values.items()} if isinstance(values, dict) else {}

    def start(self, version: Mapping[str, str]) -> None:
        """Begin with an empty file of this version."""
        self.path.unlink(missing_ok=True)
        self._version_file.write_text(json.dumps(dict(version)), encoding="utf-8")

    def discard(self) -> None:
        """Remove both files."""
        self.path.unlink(missing_ok=True)
        self._version_file.unlink(missing_ok=True)

    def keep(self, target: Path) -> None:
        """Give the complete file its final name."""
        self.path.replace(target)
        self._version_file.unlink(missing_ok=True)

    @property
    def _version_file(self) -> Path:
        return self.path.with_name(self.path.name + ".json")
