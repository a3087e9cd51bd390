"""What is written to the tables, each piece within somebody's transaction."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.engine import Connection

from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.run import Run
from deploy_tools.results.record import RunRecord
from deploy_tools.results.rows import measurement_row, run_row, series_rows
from deploy_tools.results.tables import MEASUREMENTS, PICTURES, RUNS, SERIES, TAGS

_AT_ONCE = 500


def insertion(connection: Connection, table: Table) -> Any:
    """An insertion that can say what to do where the row is there already; its row count is kept."""
    # each takes as long to import as all the rest of a short command, so only the one that is needed
    dialect = importlib.import_module(f"sqlalchemy.dialects.{connection.dialect.name}")
    return dialect.insert(table).inline().execution_options(preserve_rowcount=True)


def insert_run(connection: Connection, run: Run) -> None:
    """Insert a run and its tags.

    Raises:
        IntegrityError: There is a run of its id.
    """
    connection.execute(insert(RUNS).values(run_row(run)))
    _insert_tags(connection, run)


def insert_measurement(
    connection: Connection, run_id: str, measurement: Measurement, *, again: bool = True
) -> bool:
    """Insert it, or put it in the place of one that failed; False where it was measured already.

    Args:
        connection: Within a transaction.
        run_id: The run's.
        measurement: The measurement.
        again: It is of now: a failure tells more than an earlier one.

    Raises:
        IntegrityError: There is no such run.
    """
    row = measurement_row(run_id, measurement)
    columns = {name: value for name, value in row.items() if name not in ("run_id", "device", "case_key")}
    statement = insertion(connection, MEASUREMENTS).values(row)
    if measurement.ok or again:
        key = ["run_id", "device", "case_key"]
        statement = statement.on_conflict_do_update(
            index_elements=key, set_=columns, where=MEASUREMENTS.c.error != ""
        )
    else:
        statement = statement.on_conflict_do_nothing()
    done = connection.execute(statement)
    if done.rowcount < 1:
        return False
    number = connection.execute(
        select(MEASUREMENTS.c.id).where(
            *(MEASUREMENTS.c[name] == row[name] for name in row.keys() - columns.keys())
        )
    ).scalar_one()
    for table in (SERIES, PICTURES):  # of a measurement that failed half-way
        connection.execute(delete(table).where(table.c.measurement_id == number))
    if rows := series_rows(number, measurement.series):
        connection.execute(insert(SERIES), rows)
    if measurement.picture is not None:
        connection.execute(insert(PICTURES).values(measurement_id=number, jpeg=measurement.picture))
    return True


def insert_record(connection: Connection, record: RunRecord) -> int:
    """Insert what is not there of a run; returns how many measurements are new."""
    run = record.run
    there = insertion(connection, RUNS).values(run_row(run)).on_conflict_do_nothing()
    if connection.execute(there).rowcount > 0:
        _insert_tags(connection, run)
    new = sum(insert_measurement(connection, run.id, one, again=False) for one in record.measurements)
    if record.finished is not None:
        open_run = update(RUNS).where(RUNS.c.id == run.id, RUNS.c.finished_at.is_(None))
        connection.execute(open_run.values(finished_at=record.finished.timestamp()))
    return new


def delete_runs(connection: Connection, ids: Sequence[str]) -> None:
    """Delete runs with all that hangs on them."""
    for start in range(0, len(ids), _AT_ONCE):
        connection.execute(delete(RUNS).where(RUNS.c.id.in_(ids[start : start + _AT_ONCE])))


def _insert_tags(connection: Connection, run: Run) -> None:
    for tag in dict.fromkeys(run.tags):
        connection.execute(insert(TAGS).values(run_id=run.id, tag=tag))
