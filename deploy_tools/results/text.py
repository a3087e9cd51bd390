"""Text and JSON as every database takes it."""

from __future__ import annotations

import json
from typing import Any


def storable(text: str) -> str:
    """Text with escapes for what PostgreSQL or UTF-8 cannot hold: NUL, halves of characters."""
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


def to_json_text(value: Any) -> str:
    """Compact JSON in ASCII, which escapes whatever a database could refuse."""
    return json.dumps(value, separators=(",", ":"))
