"""The record of what each address gave when it was first used."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.errors import SourceError
from slim.zoo.entry import FileHash
from slim.zoo.hashes import Hashes
from slim.zoo.json_file import write_json


@dataclass(frozen=True)
class FirstUse:
    """The record for one model, a JSON file; removing the model's files does not remove it.

    Attributes:
        path: The file; it may not exist yet.
    """

    path: Path

    def recorded(self, address: str) -> Hashes | None:
        """Hashes of what an address gave; None where it has not been used.

        Raises:
            SourceError: The record is there but cannot be read, so nothing can be checked against it.
        """
        row = self._read().get(address)
        if row is None:
            return None
        try:
            return {name: FileHash(one["sha256"], one["size"]) for name, one in row.items()}
        except (AttributeError, KeyError, TypeError) as error:
            raise self._damaged() from error

    def record(self, address: str, files: Hashes) -> None:
        """Remember, or after a trusted change replace, what an address gave. Needs the model's lock."""
        row = {name: {"sha256": one.sha256, "size": one.size} for name, one in files.items()}
        write_json(self.path, {**self._read(), address: row})

    def _read(self) -> dict[str, Any]:
        try:
            record = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise self._damaged() from error
        if not isinstance(record, dict):
            raise self._damaged()
        return record

    def _damaged(self) -> SourceError:
        return SourceError(self.path, "the record of hashes is damaged", "remove it to start a new one")
