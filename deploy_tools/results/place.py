"""Where a results store is, and how it may be shown."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from deploy_tools.results.secrets import hide_in_text
from edge.errors import InputError
from edge.folders import data_folder, expand_user

VARIABLE: Final = "PPOCR_EDGE_RESULTS"
FILE: Final = "results.db"
_POSTGRESQL: Final = ("postgresql", "postgres", "postgresql+psycopg")
_EXAMPLE: Final = "write for example postgresql://USER@HOST/DATABASE, or the path of a file"


@dataclass(frozen=True)
class Place:
    """Where a store is: one of both is given.

    Attributes:
        path: Of an SQLite file; need not exist.
        url: Of a PostgreSQL database; may hold a password, so it is never shown.
        shown: What messages call it, without any password.
    """

    path: Path | None
    url: URL | None
    shown: str

    def __repr__(self) -> str:
        return f"Place({self.shown})"

    def hide(self, text: str) -> str:
        """A text of a library, without this place's password."""
        return hide_in_text(text, self.url)


def results_place(where: str | Path | None = None) -> Place:
    """The named place, that of ``PPOCR_EDGE_RESULTS``, or the user's own file.

    The user's own is ``$XDG_DATA_HOME/ppocr-edge/results.db``, in ``~/.local/share`` where that is not set.

    Raises:
        InputError: It is a URL of another kind of database, or none that can be read.
    """
    if where is None:
        where = os.environ.get(VARIABLE) or data_folder() / FILE
    if isinstance(where, str) and "://" in where:
        return _of_url(where)
    path = expand_user(where)
    if not path.name or path.is_dir():
        raise InputError(path, "is a folder", "name a file in it, such as results.db")
    return Place(path, None, str(path))


def _of_url(text: str) -> Place:
    kind = text.partition("://")[0].lower()
    if kind not in _POSTGRESQL:
        raise InputError(f"{kind}://…", "is no database that keeps results", _EXAMPLE)
    # what these errors say may hold half a password
    try:
        url = make_url(text).set(drivername="postgresql+psycopg")
        port = url.port
    except (ArgumentError, ValueError):
        raise InputError(
            f"{kind}://…",
            "is no URL of a database",
            f"{_EXAMPLE}; in a password write @ as %40, / as %2F and : as %3A",
        ) from None
    user = f"{url.username}@" if url.username else ""
    host = url.host or ""
    at = f"{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"
    return Place(None, url, f"postgresql://{user}{at}/{url.database or ''}")
