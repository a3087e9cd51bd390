"""Writing runs to a file that every store can import."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
from collections.abc import Sequence
from pathlib import Path

from deploy_tools.results.imports.exported import export_values
from deploy_tools.results.record import RunRecord
from edge.errors import InputError


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
    unfinished = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(data)
        os.replace(unfinished, target)  # noqa: PTH105
    except (OSError, ValueError) as error:
        raise InputError(
            f"{option} {target}",
            f"cannot be written ({getattr(error, 'strerror', None) or error})",
            "choose another place",
        ) from None
    finally:
        with contextlib.suppress(OSError, ValueError):
            unfinished.unlink()
