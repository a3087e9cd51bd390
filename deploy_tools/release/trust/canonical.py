"""The one way in which a release writes JSON, so that equal values are equal bytes."""

from __future__ import annotations

import json
from typing import Any

from edge.bundle.strict_json import strict_json


def canonical_json(value: Any) -> bytes:
    """Keys sorted, two spaces, UTF-8, line feeds, one at the end."""
    text = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    return text.encode() + b"\n"


def read_canonical(content: bytes) -> dict[str, Any]:
    """The object of a canonical text.

    Anything that could be written otherwise is refused: then no byte can change without a value changing.

    Raises:
        ValueError: It is no JSON object, or not written in the canonical way.
    """
    try:
        value = strict_json(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text") from None
    except ValueError as error:
        raise ValueError(f"is not JSON ({error})") from None
    if not isinstance(value, dict):
        raise ValueError("is not a JSON object")
    try:
        same = canonical_json(value) == content
    except UnicodeEncodeError:  # half a surrogate pair, written as an escape
        same = False
    if not same:
        raise ValueError("is JSON, but not written in the one way of releases: it was edited")
    return value


def read_format(content: bytes, number: int) -> dict[str, Any]:
    """The object of a canonical text that says of which format it is.

    Args:
        content: The text.
        number: Of the format that is read.

    Raises:
        ValueError: As `read_canonical`, or it is of another format.
    """
    values = read_canonical(content)
    found = values.get("format")
    if type(found) is not int or found != number:
        raise ValueError(f"has format {found!r:.40}, this version reads {number}")
    return values
