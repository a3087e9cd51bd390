"""What databases say when something is wrong, in words that name the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from deploy_tools.results.place import Place
from edge.errors import InputError

# what SQLite says -> what is found, and what can be done
_SQLITE: Final = (
    ("not a database", "is no results store", "name another file; a new one is made where there is none"),
    ("malformed", "is damaged", "put a copy in its place, or move it away: a new one is made"),
    (
        "database is locked",
        "is being written to by another process",
        "wait for that one, then run this again",
    ),
    ("readonly", "cannot be written to", "check its permissions and those of its folder"),
    ("unable to open", "cannot be opened", "check its permissions and those of its folder"),
    ("disk is full", "cannot be written to: the disk is full", "make room, then run this again"),
    ("disk i/o error", "cannot be read or written", "check the disk; WAL files need one of this machine"),
    ("no such table", "is damaged: a table is missing", "put a copy in its place, or move it away"),
    ("no such column", "is damaged: a column is missing", "put a copy in its place, or move it away"),
)


@contextmanager
def known_failures(place: Place) -> Iterator[None]:
    """Turn what a database complains about into an `InputError` that never shows a password.

    An `IntegrityError` passes: only who asked knows what it means.
    """
    try:
        yield
    except IntegrityError:
        raise
    except (SQLAlchemyError, sqlite3.Error, UnicodeError) as error:
        raise _explained(place, error) from None


def _explained(place: Place, error: Exception) -> InputError:
    said = " ".join(place.hide(str(error.orig if isinstance(error, DBAPIError) else error)).split())
    if place.path is not None:
        for words, found, remedy in _SQLITE:
            if words in said.lower():
                return InputError(place.shown, found, remedy)
        return InputError(place.shown, f"cannot be used ({said:.200})", "check that it is a results store")
    return InputError(place.shown, f"the database refused: {said:.300}", "check the URL, and that it answers")
