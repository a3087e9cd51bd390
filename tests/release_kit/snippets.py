"""Programs that pages of the documentation hold: blocks whose first line is a comment with a file's name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME: Final = re.compile(r"(?:#|//|<!--) ([\w./-]+\.\w+)\b")


def snippets(page: str) -> dict[str, str]:
    """The programs of a page by their files' names.

    Args:
        page: Its path below ``docs``.
    """
    found: dict[str, str] = {}
    for _, text in _BLOCK.findall((DOCS / page).read_text("utf-8")):
        name = _NAME.match(text)
        if name is not None:
            assert name[1] not in found, f"{page} has two of {name[1]}"
            found[name[1]] = text
    return found


def write_snippets(page: str, folder: Path) -> Path:
    """Write all programs of a page into a folder, and return that."""
    for name, text in snippets(page).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder
