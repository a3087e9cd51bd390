"""Names that users give runs."""

from __future__ import annotations

import re
from typing import Final

from edge.errors import InputError

LAST: Final = "last"
_LENGTH: Final = 64
_ID: Final = re.compile(r"[0-9a-f]{12}")


def check_tag(tag: str, option: str = "--tag") -> str:
    """The tag, if it can be one.

    Raises:
        InputError: It cannot.
    """
    if not tag or len(tag) > _LENGTH or not tag.isprintable() or set(tag) & set(" ,") or tag.startswith("-"):
        raise InputError(
            f"{option} {tag!r:.80}",
            "cannot be a tag",
            f"use up to {_LENGTH} characters without blanks and commas, such as main or v1.2",
        )
    if tag == LAST or _ID.fullmatch(tag):
        meaning = "the newest run" if tag == LAST else "a run of that id"
        raise InputError(
            f"{option} {tag}", f"cannot be a tag, because it means {meaning}", "use another word"
        )
    return tag
