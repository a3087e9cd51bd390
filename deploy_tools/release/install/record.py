"""What a device is told to remember of a release that it has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from deploy_tools.release.trust.times import read_time

FORMAT: Final = 1


@dataclass(frozen=True)
class Record:
    """A release on a device, as it is remembered there beside its folder.

    Attributes:
        version: Of the release.
        target: Of the archive.
        archive: SHA-256 of the archive.
        manifest: SHA-256 of the archive's own manifest, which vouches for its files.
        key: Id of the key that signed it; empty where nobody did.
        signed: When, as `time_text` writes it; empty where nobody did.
        installed: When it was brought, by the clock of the host that did it.
        number: Counts up: what was brought later has the higher one.
        previous: Folder of what was current before it; empty where nothing was.
        selftest: ``passed``, or why it was not run.
    """

    version: str
    target: str
    archive: str
    manifest: str
    key: str
    signed: str
    installed: str
    number: int
    previous: str
    selftest: str

    @property
    def signing_time(self) -> datetime | None:
        """When it was signed; None where nobody did."""
        try:
            return read_time(self.signed)
        except ValueError:
            return None

    def line(self) -> str:
        """One line of ASCII that `read_record` reads."""
        return json.dumps({"format": FORMAT, **asdict(self)})


def read_record(line: str) -> Record | None:
    """A record as a device has it; None where it is damaged, or of another format."""
    try:
        values = json.loads(line)
    except ValueError:
        return None
    if not isinstance(values, dict) or values.pop("format", None) != FORMAT:
        return None
    return _typed(values)


def _typed(values: Mapping[str, Any]) -> Record | None:
    kinds = {name: int if name == "number" else str for name in Record.__dataclass_fields__}
    if any(type(values.get(name)) is not kind for name, kind in kinds.items()):
        return None
    return Record(**{name: values[name] for name in kinds})
