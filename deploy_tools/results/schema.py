"""The schema of a store: made where there is none, brought up to date, refused where it is a stranger's."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection, Engine

from deploy_tools.results.engine import migrating, reading
from deploy_tools.results.place import Place
from deploy_tools.results.tables import PREFIX, VERSION_TABLE
from edge.errors import InputError

HEAD: Final = "0001"
"""The newest revision in ``migrations/versions``; they are numbered."""
_SCRIPTS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 0x70706F6372  # one of PostgreSQL's advisory locks: no two programs migrate at once


def stored_version(engine: Engine, place: Place) -> str | None:
    """The revision of a store; None where there is nothing yet.

    Raises:
        InputError: It is not a results store, or that of a newer version of the toolkit.
    """
    with reading(engine, place) as connection:
        return _version(connection, place)


def bring_up_to_date(engine: Engine, place: Place, *, scripts: Path = _SCRIPTS, head: str = HEAD) -> None:
    """Make or migrate the tables where that is needed. Several processes may try at once.

    Args:
        engine: Of the store.
        place: Of the store.
        scripts: Folder of the migrations.
        head: The newest of them.

    Raises:
        InputError: It is not a results store, or that of a newer version of the toolkit.
    """
    with reading(engine, place) as connection:
        if _version(connection, place, head) == head:
            return
    from alembic import command
    from alembic.config import Config

    with migrating(engine, place) as connection:
        if place.url is not None:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if _version(connection, place, head) == head:  # somebody else was quicker
            return
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, head)


def _version(connection: Connection, place: Place, head: str = HEAD) -> str | None:
    names = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in names:
        # a database of PostgreSQL may have other tables; a file is all ours or not at all
        strange = names if place.path is not None else {name for name in names if name.startswith(PREFIX)}
        if strange:
            raise InputError(
                place.shown,
                f"is no results store: it has a table {min(strange)!r:.60}, and none called {VERSION_TABLE}",
                "name another place",
            )
        return None
    versions = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all()  # noqa: S608
    version = str(versions[0]) if len(versions) == 1 else ""
    if not (version.isascii() and version.isdigit()):
        raise InputError(
            place.shown,
            "is damaged: it does not say which version of the toolkit it is from",
            "put a copy in its place, or name another place",
        )
    if int(version) > int(head):
        raise InputError(
            place.shown,
            f"is from a newer version of ppocr-edge (schema {version}, this one knows {head})",
            "update ppocr-edge, or name another place",
        )
    return version
