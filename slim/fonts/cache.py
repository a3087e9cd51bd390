"""What is known about font files, kept on disk so that each is read only once."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from edge.folders import home_folder
from slim.fonts.face import FontFace
from slim.fonts.files import FontFile

_FORMAT: Final = 1

Known = dict[FontFile, tuple[FontFace, ...]]


def cache_file() -> Path:
    """Where the cache lies; it may be deleted at any time."""
    return home_folder() / "fonts.json"


def load_known() -> Known:
    """The faces of every font file read before; empty where there is no cache or it is damaged."""
    try:
        content = json.loads(cache_file().read_text("utf-8"))
        if content["format"] != _FORMAT:
            return {}
        return dict(_entry(Path(path), values) for path, values in content["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def save_known(known: Mapping[FontFile, tuple[FontFace, ...]]) -> None:
    """Replace the cache in one step. A folder that cannot be written only costs the next search its time."""
    files = {
        str(file.path): {
            "size": file.size,
            "mtime_ns": file.mtime_ns,
            "faces": [face.to_json() for face in faces],
        }
        for file, faces in known.items()
    }
    target = cache_file()
    temporary: str | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix="fonts-", suffix=".tmp")
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump({"format": _FORMAT, "files": files}, stream, separators=(",", ":"))
        Path(temporary).replace(target)
    except OSError:
        if temporary is not None and os.path.exists(temporary):  # noqa: PTH110
            Path(temporary).unlink(missing_ok=True)


def _entry(path: Path, values: dict[str, Any]) -> tuple[FontFile, tuple[FontFace, ...]]:
    size, mtime_ns = values["size"], values["mtime_ns"]
    faces = tuple(FontFace.from_json(path, face) for face in values["faces"])
    return FontFile(path, size, mtime_ns), faces
