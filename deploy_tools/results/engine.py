"""Connections to the database of a store."""

from __future__ import annotations

import contextlib
import importlib.util
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection, Engine

from deploy_tools.results.failures import known_failures
from deploy_tools.results.place import Place
from edge.errors import InputError

_PATIENCE_S: Final = 60.0
_CONNECT_S: Final = 10


def open_engine(place: Place) -> Engine:
    """An engine whose transactions begin as `reading` and `writing` say.

    Raises:
        InputError: What PostgreSQL needs is not installed.
    """
    if place.url is not None:
        if importlib.util.find_spec("psycopg") is None:
            raise InputError(
                place.shown, "needs psycopg, which is not installed", "pip install 'ppocr-edge[postgresql]'"
            )
        settings = {"connect_timeout": _CONNECT_S, "application_name": "ppocr-edge"}
        for named in place.url.query:  # the user's go before ours
            settings.pop(named, None)
        # a connection that broke while something was measured is made again
        return create_engine(place.url, pool_pre_ping=True, connect_args=settings)
    engine = create_engine(
        URL.create("sqlite", database=str(place.path)), connect_args={"timeout": _PATIENCE_S}
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def reading(engine: Engine, place: Place) -> Iterator[Connection]:
    """A transaction that only reads, and sees one state of the store."""
    with known_failures(place), engine.connect() as connection, connection.begin():
        if place.url is not None:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield connection


@contextmanager
def writing(engine: Engine, place: Place) -> Iterator[Connection]:
    """A transaction that writes: all of it is kept when this ends, or nothing.

    Writers to SQLite queue here, at its beginning. One that began as a reader could not wait: what it has
    seen would be out of date, and SQLite would refuse it.
    """
    with known_failures(place), engine.connect() as connection:
        connection = connection.execution_options(ppocr_writes=True)
        with connection.begin():
            yield connection


@contextmanager
def migrating(engine: Engine, place: Place) -> Iterator[Connection]:
    """A transaction that changes tables.

    SQLite changes one by writing it anew and dropping the old one: foreign keys must be off meanwhile, or all
    that refers to its rows would go along.
    """
    with known_failures(place), engine.connect() as connection:
        connection = connection.execution_options(ppocr_writes=True)
        if place.path is not None:
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                yield connection
        finally:
            connection.invalidate()  # nobody else gets it


def shrink(engine: Engine, place: Place) -> None:
    """Give back the room of what was deleted, where nobody else uses the file; PostgreSQL does so itself."""
    if place.path is None:
        return
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 0")
        with known_failures(place), contextlib.suppress(sqlite3.OperationalError):
            cursor.execute("VACUUM")
    finally:
        connection.invalidate()  # nobody else gets an impatient connection


def _set_up_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions are begun here, not when the driver thinks it right
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous = FULL")  # what a commit kept outlives a power cut, too
    cursor.close()


def _use_wal(cursor: Any) -> None:
    """Switch a new file to WAL; of several processes that try at once SQLite lets one, and none waits."""
    ends = time.monotonic() + _PATIENCE_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > ends:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("ppocr_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
