"""Stores that are new, old, too new, damaged, or something else."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from deploy_tools.results import schema
from deploy_tools.results.engine import open_engine, reading, shrink, writing
from deploy_tools.results.opening import open_results
from deploy_tools.results.place import results_place
from deploy_tools.results.store import ResultsStore
from deploy_tools.results.tables import METADATA, VERSION_TABLE
from edge.errors import InputError
from tests.results_kit.made import made_measurement, made_run
from tests.results_kit.postgres import Server

SCRIPTS = Path(schema.__file__).parent / "migrations"


def refusal(where: str | Path) -> str:
    """What opening a place is refused with, in one line that names it."""
    with pytest.raises(InputError) as error:
        open_results(where)
    line = error.value.one_line()
    assert "\n" not in line
    return line


def read_all(where: str | Path) -> None:
    """Read everything in a store."""
    with open_results(where) as store:
        for one in store.runs():
            store.measurements(one.run.id)


def test_the_migrations_make_the_tables_that_the_program_knows(store: ResultsStore, where: str) -> None:
    place = results_place(where)
    engine = open_engine(place)
    with reading(engine, place) as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "version_table": VERSION_TABLE}
        )
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_the_newest_migration_is_the_one_that_is_named() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [schema.HEAD]
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert all(len(revision) == 4 and revision.isdigit() for revision in revisions)
    assert revisions == sorted(revisions, reverse=True)


Later = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def later(tmp_path: Path) -> Later:
    """Makes the program a later one, which has a column more, for the time of a block."""
    folder = tmp_path / "migrations"
    shutil.copytree(SCRIPTS, folder)
    (folder / "versions" / "r9999_mood.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        f"revision, down_revision, branch_labels, depends_on = '9999', {schema.HEAD!r}, None, None\n\n\n"
        "def upgrade():\n"
        "    op.add_column('ppocr_run', sa.Column('mood', sa.Text, server_default='calm'))\n"
        "    with op.batch_alter_table('ppocr_run') as table:\n"
        "        table.alter_column('host', new_column_name='machine')\n",
        encoding="utf-8",
    )

    @contextmanager
    def being_later() -> Iterator[None]:
        usual = schema.bring_up_to_date
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                "deploy_tools.results.opening.bring_up_to_date",
                lambda engine, place: usual(engine, place, scripts=folder, head="9999"),
            )
            yield

    return being_later


def test_an_older_store_is_migrated_with_what_is_in_it(where: str, later: Later) -> None:
    run = made_run(tags=("main",))
    with open_results(where) as old:
        old.begin(run)
        old.add(run.id, made_measurement())
    with later():
        open_results(where).close()
    place = results_place(where)
    engine = open_engine(place)
    with reading(engine, place) as connection:
        row = connection.execute(text("SELECT id, mood, machine FROM ppocr_run")).one()
        assert tuple(row) == (run.id, "calm", "host")
        assert connection.execute(text("SELECT count(*) FROM ppocr_series")).scalar_one() == 3
        assert connection.execute(text("SELECT count(*) FROM ppocr_tag")).scalar_one() == 1
    engine.dispose()


def test_a_newer_store_is_refused_and_left_alone(where: str, later: Later) -> None:
    with later():
        open_results(where).close()
    line = refusal(where)
    assert line.startswith(
        results_place(where).shown + ": is from a newer version of ppocr-edge (schema 9999"
    )
    assert "update ppocr-edge" in line


def test_a_migration_that_fails_changes_nothing(where: str, later: Later, tmp_path: Path) -> None:
    open_results(where).close()
    script = tmp_path / "migrations" / "versions" / "r9999_mood.py"
    script.write_text(script.read_text(encoding="utf-8") + "    1 / 0\n", encoding="utf-8")
    with later(), pytest.raises(ZeroDivisionError):
        open_results(where)
    place = results_place(where)
    engine = open_engine(place)
    assert schema.stored_version(engine, place) == schema.HEAD
    with reading(engine, place) as connection:
        columns = connection.execute(text("SELECT * FROM ppocr_run")).keys()
        assert "mood" not in columns
    engine.dispose()


def test_a_missing_store_is_made_only_where_that_is_wanted(where: str) -> None:
    with pytest.raises(InputError, match="holds no results"):
        open_results(where, create=False)
    assert "://" in where or not Path(where).exists()
    open_results(where).close()
    open_results(where, create=False).close()


def test_a_damaged_version_is_refused(where: str) -> None:
    open_results(where).close()
    place = results_place(where)
    engine = open_engine(place)
    with engine.connect() as connection:
        connection.execution_options(ppocr_writes=True)
        connection.execute(text(f"DELETE FROM {VERSION_TABLE}"))
        connection.commit()
    engine.dispose()
    assert "is damaged: it does not say which version" in refusal(where)


def test_files_that_are_something_else_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database, but it is long enough\n" * 100, encoding="utf-8")
    with sqlite3.connect(tmp_path / "foreign.db") as foreign:
        foreign.execute("CREATE TABLE bookmarks (url TEXT)")
    foreign.close()
    (tmp_path / "folder.db").mkdir()
    os.mkfifo(tmp_path / "pipe.db")
    before = (tmp_path / "text.db").read_bytes()
    for name, found in (
        ("text.db", "is no results store"),
        ("foreign.db", "is no results store: it has a table 'bookmarks'"),
        ("folder.db", "is a folder; name a file in it"),
        ("pipe.db", "is no regular file"),
        ("text.db/below.db", "its folder cannot be made"),
    ):
        assert refusal(tmp_path / name).startswith(f"{tmp_path / name}: {found}")
    assert (tmp_path / "text.db").read_bytes() == before
    with sqlite3.connect(tmp_path / "foreign.db") as foreign:
        tables = foreign.execute("SELECT name FROM sqlite_master").fetchall()
    foreign.close()
    assert tables == [("bookmarks",)]


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    path = tmp_path / "deeper" / "empty.db"
    path.parent.mkdir()
    path.touch()
    with open_results(path) as store:
        store.begin(made_run())
        assert len(store.runs()) == 1


def test_a_damaged_file_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    with open_results(path) as store:
        for minute in range(20):
            run = made_run(minute)
            store.begin(run)
            store.add(run.id, made_measurement(samples=2000))
    whole = path.read_bytes()
    for damaged, found in (
        (whole[:4096], "is damaged"),
        (whole[: len(whole) // 2 // 4096 * 4096], "is damaged"),
        (whole[:100] + os.urandom(len(whole) - 100), "is damaged"),
        (whole[:2000], "is "),
    ):
        path.write_bytes(damaged)
        with pytest.raises(InputError) as error:
            read_all(path)
        assert error.value.one_line().startswith(f"{path}: {found}")


def test_damage_that_shrinking_a_file_meets_is_told(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    with open_results(path) as store:
        run = made_run()
        store.begin(run)
        store.add(run.id, made_measurement(samples=2000))
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))  # the first page names the tables
    place = results_place(path)
    engine = open_engine(place)
    with pytest.raises(InputError, match=r"results\.db: is damaged"):
        shrink(engine, place)
    engine.dispose()


def test_a_damaged_row_is_refused_by_name(store: ResultsStore, where: str) -> None:
    run = made_run()
    store.begin(run)
    store.add(run.id, made_measurement())
    place = results_place(where)
    engine = open_engine(place)
    with engine.connect() as connection:
        connection.execute(text("UPDATE ppocr_measurement SET environment = 'no json'"))
        connection.execute(text("UPDATE ppocr_run SET plan = '{'"))
        connection.commit()
    engine.dispose()
    with pytest.raises(InputError, match="is damaged: a row cannot be read"):
        store.measurements(run.id)
    with pytest.raises(InputError, match="is damaged"):
        store.runs()
    with pytest.raises(InputError, match="is damaged"):
        store.find("last")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("DROP TABLE ppocr_tag", "is damaged: a table is missing"),
        ("ALTER TABLE ppocr_run DROP COLUMN host", "is damaged: a column is missing"),
    ],
)
def test_a_store_that_lacks_something_is_refused(tmp_path: Path, change: str, found: str) -> None:
    path = tmp_path / "results.db"
    open_results(path).close()
    with sqlite3.connect(path) as database:
        database.execute(change)
    database.close()
    with open_results(path) as store, pytest.raises(InputError, match=rf"results\.db: {found}"):
        store.find("last")


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ("PRAGMA max_page_count = 1", "cannot be written to: the disk is full; make room"),
        ("PRAGMA query_only = ON", "cannot be written to; check its permissions"),
    ],
)
def test_what_sqlite_cannot_write_is_named(tmp_path: Path, before: str, found: str) -> None:
    path = tmp_path / "results.db"
    open_results(path).close()
    place = results_place(path)
    engine = open_engine(place)

    def write() -> None:
        with writing(engine, place) as connection:
            connection.exec_driver_sql(before)
            connection.exec_driver_sql("CREATE TABLE large AS SELECT zeroblob(1000000) AS content")

    with pytest.raises(InputError, match=rf"results\.db: {found}"):
        write()
    engine.dispose()


def test_a_store_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "results.db-wal").mkdir()
    assert ": cannot be read or written; check the disk" in refusal(tmp_path / "results.db")
    # there is no room in the name for what SQLite writes beside it
    assert ": cannot be opened; check its permissions" in refusal(tmp_path / f"{'x' * 250}.db")


def test_who_waits_too_long_for_another_writer_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy_tools.results.engine._PATIENCE_S", 0.1)
    path = tmp_path / "results.db"
    with open_results(path) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(InputError, match=r"results\.db: is being written to by another process; wait"):
            store.begin(made_run())
        other.close()
        store.begin(made_run())


def test_postgresql_without_its_driver_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as where it is not installed
    assert refusal("postgresql://db/results").startswith(
        "postgresql://db/results: needs psycopg, which is not installed; pip install"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    open_results(path).close()
    path.chmod(0o400)
    with pytest.raises(InputError, match="permissions"), open_results(path) as store:
        store.begin(made_run())


def test_other_tables_of_a_database_are_left_alone(new_place: Callable[[str], str], postgres: Server) -> None:
    where = new_place("postgresql")
    name = where.rpartition("/")[2]
    postgres.sql(name, "CREATE TABLE run (id int)")
    with open_results(where) as store:
        store.begin(made_run())
        assert len(store.runs()) == 1
    other = new_place("postgresql")
    postgres.sql(other.rpartition("/")[2], "CREATE TABLE ppocr_run (id int)")
    assert "is no results store: it has a table 'ppocr_run'" in refusal(other)


def test_the_usual_place_is_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PPOCR_EDGE_RESULTS")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert results_place().path == tmp_path / ".local/share/ppocr-edge/results.db"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with open_results() as store:
        assert store.place.path == tmp_path / "data/ppocr-edge/results.db"
        assert store.place.path.is_file()
    monkeypatch.setenv("PPOCR_EDGE_RESULTS", "~/team.db")
    assert results_place().path == tmp_path / "team.db"
    monkeypatch.setenv("PPOCR_EDGE_RESULTS", "postgresql://db/results")
    assert results_place().shown == "postgresql://db/results"
    assert results_place("x.db").path == Path("x.db")
