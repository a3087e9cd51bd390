"""Writing runs to a file that every store can import."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

from deploy_tools.results.imports.exported import export_values
from deploy_tools.results.record import RunRecord
from deploy_tools.whole_file import written_whole


def write_export(option: str, target: Path, records: Sequence[RunRecord]) -> None:
    """Write runs as JSON, compressed where the name ends in ``.gz``; a file that is there is replaced.

    Args:
        option: The option that names the file, for the message.
        target: The file.
        records: The runs.

    Raises:
        InputError: It cannot be written.
    """
    data = json.dumps(export_values(records), ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
    if target.suffix == ".gz":
        data = gzip.compress(data, mtime=0)
    with written_whole(option, target) as unfinished:
        unfinished.write_bytes(data)
