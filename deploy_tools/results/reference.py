"""What names a file of results, and not a stored run."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_SUFFIXES: Final = (".json", ".gz", ".txt", ".log")
_BEGINNINGS: Final = ("/", "./", "../", "~/")


def is_file(reference: str) -> bool:
    """Whether a word that may name a run means a file.

    It does, whether such a file is there or not, by its suffix, ``.json``, ``.gz``, ``.txt`` or ``.log``, by
    its beginning, ``/``, ``./``, ``../`` or ``~/``, and as ``-``. By any other slash it does where there is
    something of that name, as tags may be called ``feature/faster``.

    Args:
        reference: As the user gave it.
    """
    named = reference.startswith(_BEGINNINGS) or Path(reference).suffix.lower() in _SUFFIXES
    if named or reference == "-":
        return True
    try:
        return "/" in reference and Path(reference).exists()
    except (OSError, ValueError):  # no system has such a name
        return False
