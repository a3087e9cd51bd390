"""Names that users give runs."""

from __future__ import annotations

from typing import Final

from deploy_tools.measurement.run import RUN_ID
from edge.errors import InputError

LAST: Final = "last"
_LENGTH: Final = 64


def check_tag(tag: str, option: str = "--tag") -> None:
    """Make sure that a word can be a tag.

    Raises:
        InputError: It cannot.
    """
    if not tag or len(tag) > _LENGTH or not tag.isprintable() or set(tag) & set(" ,") or tag.startswith("-"):
        raise InputError(
            f"{option} {tag!r:.80}",
            "cannot be a tag",
            f"use up to {_LENGTH} characters without blanks and commas, such as main or v1.2",
        )
    if tag == LAST or RUN_ID.fullmatch(tag):
        meaning = "the newest run" if tag == LAST else "a run of that id"
        raise InputError(
            f"{option} {tag}", f"cannot be a tag, because it means {meaning}", "use another word"
        )
