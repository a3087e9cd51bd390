"""Questions to the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.engine import Connection

from deploy_tools.measurement.run import Run
from deploy_tools.results.rows import case_of, run_of
from deploy_tools.results.summary import HistoryPoint, RunSummary
from deploy_tools.results.tables import MEASUREMENTS, RUNS, SERIES, TAGS
from deploy_tools.results.tags import LAST
from deploy_tools.results.text import storable

Ids = Select[tuple[Any]]
_NEWEST_FIRST = (RUNS.c.started_at.desc(), RUNS.c.id)


def wanted_runs(limit: int | None, tag: str | None, scenario: str | None, device: str | None) -> Ids:
    """Ids of runs, the newest first; see `ResultsStore.runs`."""
    wanted = select(RUNS.c.id).order_by(*_NEWEST_FIRST).limit(limit)
    if tag is not None:
        wanted = wanted.where(RUNS.c.id.in_(select(TAGS.c.run_id).where(TAGS.c.tag == storable(tag))))
    if scenario is not None:
        wanted = wanted.where(RUNS.c.scenario == scenario)
    if device is not None:
        there = select(MEASUREMENTS.c.run_id).where(MEASUREMENTS.c.device == storable(device))
        wanted = wanted.where(RUNS.c.id.in_(there))
    return wanted


def summaries(connection: Connection, ids: Ids) -> list[RunSummary]:
    """Summaries of runs, the newest first.

    Raises:
        KeyError, TypeError, ValueError: A row is damaged.
    """
    wanted = ids.subquery()
    runs = connection.execute(
        select(RUNS).where(RUNS.c.id.in_(select(wanted.c.id))).order_by(*_NEWEST_FIRST)
    ).all()
    tags = _tags(connection, select(wanted.c.id))
    counts: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    failed = func.sum(case((MEASUREMENTS.c.error != "", 1), else_=0))
    for row in connection.execute(
        select(
            MEASUREMENTS.c.run_id,
            MEASUREMENTS.c.device,
            func.count().label("cases"),
            failed.label("failed"),
            func.sum(MEASUREMENTS.c.samples).label("samples"),
        )
        .where(MEASUREMENTS.c.run_id.in_(select(wanted.c.id)))
        .group_by(MEASUREMENTS.c.run_id, MEASUREMENTS.c.device)
    ):
        counts[row.run_id].append(row)
    return [_summary(row, tags[row.id], counts[row.id]) for row in runs]


def find(connection: Connection, reference: str) -> list[Run]:
    """Runs that a reference may mean: none, the one, or several that its beginning of an id fits.

    Raises:
        KeyError, TypeError, ValueError: A row is damaged.
    """
    name = storable(reference)
    newest = select(RUNS).order_by(*_NEWEST_FIRST)
    tagged = RUNS.c.id.in_(select(TAGS.c.run_id).where(TAGS.c.tag == name))
    measured = (
        select(MEASUREMENTS.c.id)
        .where(MEASUREMENTS.c.run_id == RUNS.c.id, MEASUREMENTS.c.error == "")
        .exists()
    )
    # a run in which everything failed does not stand for a branch
    told = case((measured, 1), else_=0).desc()
    begins = RUNS.c.id.startswith(name, autoescape=True) if name else RUNS.c.id.is_(None)
    for question in (
        newest.limit(1) if reference == LAST else newest.where(RUNS.c.id == name),
        select(RUNS).where(tagged).order_by(told, *_NEWEST_FIRST).limit(1),
        newest.where(begins).limit(4),
    ):
        if rows := connection.execute(question).all():
            tags = _tags(connection, select(RUNS.c.id).where(RUNS.c.id.in_([row.id for row in rows])))
            return [run_of(row, tags[row.id]) for row in rows]
    return []


def history(
    connection: Connection, ids: Ids, device: str | None, case_key: str | None, series: str
) -> list[HistoryPoint]:
    """See `ResultsStore.history`.

    Raises:
        KeyError, TypeError, ValueError: A row is damaged.
    """
    wanted = ids.subquery()
    question = (
        select(
            RUNS.c.id.label("run_id"),
            RUNS.c.started,
            MEASUREMENTS.c.device,
            MEASUREMENTS.c.case_values,
            *(SERIES.c[name] for name in ("unit", "count", "flagged", "p50", "p90", "p99")),
        )
        .join(MEASUREMENTS, MEASUREMENTS.c.run_id == RUNS.c.id)
        .join(SERIES, SERIES.c.measurement_id == MEASUREMENTS.c.id)
        .where(RUNS.c.id.in_(select(wanted.c.id)), SERIES.c.name == series, MEASUREMENTS.c.error == "")
        .order_by(RUNS.c.started_at, RUNS.c.id, MEASUREMENTS.c.id)
    )
    if device is not None:
        question = question.where(MEASUREMENTS.c.device == storable(device))
    if case_key is not None:
        question = question.where(MEASUREMENTS.c.case_key == storable(case_key))
    rows = connection.execute(question).mappings().all()
    tags = _tags(connection, select(wanted.c.id))
    return [_point(row, tags[row["run_id"]], series) for row in rows]


def _point(row: Mapping[Any, Any], tags: Iterable[str], series: str) -> HistoryPoint:
    return HistoryPoint(
        run_id=row["run_id"],
        started=datetime.fromisoformat(row["started"]),
        tags=tuple(sorted(tags)),
        device=row["device"],
        case=case_of(row["case_values"]),
        series=series,
        **{name: row[name] for name in ("unit", "count", "flagged", "p50", "p90", "p99")},
    )


def _tags(connection: Connection, ids: Ids) -> defaultdict[str, list[str]]:
    tags: defaultdict[str, list[str]] = defaultdict(list)
    for row in connection.execute(select(TAGS).where(TAGS.c.run_id.in_(ids))):
        tags[row.run_id].append(row.tag)
    return tags


def _summary(row: Row[Any], tags: Iterable[str], counts: Sequence[Row[Any]]) -> RunSummary:
    failed = sum(int(count.failed) for count in counts)
    done = row.finished_at
    return RunSummary(
        run=run_of(row, tags),
        finished=None if done is None else datetime.fromtimestamp(done, timezone.utc),
        devices=tuple(sorted(count.device for count in counts)),
        measured=sum(count.cases for count in counts) - failed,
        failed=failed,
        samples=sum(int(count.samples) for count in counts),
    )
