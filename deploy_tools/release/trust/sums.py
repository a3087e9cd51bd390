"""``SHA256SUMS``: what `sha256sum --check` reads, read so strictly that there is one way to write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from deploy_tools.release.trust.names import fault_of_all

SUMS_NAME: Final = "SHA256SUMS"
LONGEST_SUMS: Final = 1 << 20
_LINE: Final = re.compile(r"([0-9a-f]{64})  (.+)")


def sums_text(sums: Mapping[str, str]) -> bytes:
    """The file, given the SHA-256 of every file by its name; sorted by the names' bytes."""
    lines = (f"{sums[name]}  {name}\n" for name in sorted(sums, key=str.encode))
    return "".join(lines).encode()


def read_sums(content: bytes) -> dict[str, str]:
    """The SHA-256 of every file by its name.

    Raises:
        ValueError: It is not such a file, or names something that is no plain file below its folder.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text") from None
    if not text.endswith("\n"):
        raise ValueError("breaks off within a line" if text else "is empty")
    sums: dict[str, str] = {}
    for number, line in enumerate(text[:-1].split("\n"), 1):
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(f"line {number} is no SHA-256, two spaces and a name")
        if found[2] in sums:
            raise ValueError(f"line {number}: {found[2]!r:.80} stands there twice")
        sums[found[2]] = found[1]
    fault = fault_of_all(sums)
    if fault is not None:
        raise ValueError(f"lists what cannot be: {fault}")
    if sums_text(sums) != content:
        raise ValueError("is not sorted by name")
    return sums
