"""Opening a results store."""

from __future__ import annotations

from pathlib import Path

from deploy_tools.results.engine import open_engine
from deploy_tools.results.place import Place, results_place
from deploy_tools.results.schema import bring_up_to_date, stored_version
from deploy_tools.results.store import ResultsStore
from edge.errors import InputError


def open_results(where: str | Path | None = None, *, create: bool = True) -> ResultsStore:
    """A results store; close it, or use it in a ``with``.

    Args:
        where: Path of an SQLite file or URL of a PostgreSQL database; None for ``PPOCR_EDGE_RESULTS``, or the
            user's own file. Of an older version of the toolkit: it is migrated.
        create: Make one where there is none.

    Raises:
        InputError: It cannot be used: it is damaged, a stranger's, of a newer version, cannot be reached or
            written to; or there is none, and none is to be made.
    """
    place = results_place(where)
    if place.path is not None:
        _look_at(place, place.path, create=create)
    engine = open_engine(place)
    try:
        if not create and stored_version(engine, place) is None:
            raise _nothing_there(place)
        bring_up_to_date(engine, place)
    except BaseException:
        engine.dispose()
        raise
    return ResultsStore(place, engine)


def _look_at(place: Place, path: Path, *, create: bool) -> None:
    """Look at a file before SQLite does, which says less of what is wrong."""
    if path.exists() and not path.is_file():
        raise InputError(place.shown, "is no regular file", "name another one")
    if not path.exists() and not create:
        raise _nothing_there(place)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            place.shown, f"its folder cannot be made ({error.strerror})", "name another place"
        ) from None


def _nothing_there(place: Place) -> InputError:
    return InputError(
        place.shown,
        "holds no results",
        "measure with 'ppocr-edge measure', or name another store with --results",
    )
