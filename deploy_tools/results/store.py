"""The results store: keeps what was measured, and finds it again."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.run import Run
from deploy_tools.measurement.series import Series
from deploy_tools.results import queries
from deploy_tools.results.engine import reading, shrink, writing
from deploy_tools.results.keeping import (
    delete_runs,
    insert_measurement,
    insert_record,
    insert_run,
    insertion,
)
from deploy_tools.results.place import Place
from deploy_tools.results.record import RunRecord
from deploy_tools.results.rows import measurement_of, series_of
from deploy_tools.results.summary import HistoryPoint, RunSummary
from deploy_tools.results.tables import MEASUREMENTS, PICTURES, RUNS, SERIES, TAGS
from deploy_tools.results.tags import LAST, check_tag
from edge.errors import InputError


class ResultsStore:
    """A `Recorder` that also remembers. Made by `deploy_tools.results.opening.open_results`.

    May be used by several threads, and the same place by several processes. After a fork the child opens its
    own. All methods raise `InputError` where the place cannot be read or written, or is damaged.
    """

    def __init__(self, place: Place, engine: Engine) -> None:
        self.place = place
        self._engine = engine

    def __repr__(self) -> str:
        return f"ResultsStore({self.place.shown})"

    def __enter__(self) -> ResultsStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database. May be called again."""
        self._engine.dispose()

    # keeping

    def begin(self, run: Run) -> None:
        """Keep a run, nothing of which is measured yet.

        Raises:
            InputError: There is a run of this id, or a tag cannot be one.
        """
        for tag in run.tags:
            check_tag(tag)
        try:
            with self._writing() as connection:
                insert_run(connection, run)
        except IntegrityError:
            raise InputError(f"run {run.id}", f"is already in {self.place.shown}") from None

    def add(self, run_id: str, measurement: Measurement) -> None:
        """Keep what was measured. A case of a device that failed before is replaced; nothing else ever is.

        Raises:
            InputError: There is no such run, or the case was measured on the device already.
        """
        if not self.add_all(run_id, [measurement]):
            name = f"{measurement.case.key} on {measurement.environment.device}"
            raise InputError(f"run {run_id}", f"has already measured {name}", "begin a new run")

    def add_all(self, run_id: str, measurements: Iterable[Measurement]) -> int:
        """Keep several measurements, all or none of them; what was measured already is passed over.

        Returns:
            How many are new.

        Raises:
            InputError: There is no such run.
        """
        try:
            with self._writing() as connection:
                return sum(insert_measurement(connection, run_id, one) for one in measurements)
        except IntegrityError:
            raise self._absent(run_id) from None

    def finish(self, run_id: str) -> None:
        """Note that nothing more is to come.

        Raises:
            InputError: There is no such run.
        """
        with self._writing() as connection:
            done = connection.execute(update(RUNS).where(RUNS.c.id == run_id).values(finished_at=time.time()))
        if not done.rowcount:
            raise self._absent(run_id)

    def measured(self, run_id: str) -> frozenset[tuple[str, str]]:
        """Device and key of the case of what is kept of a run and did not fail."""
        wanted = select(MEASUREMENTS.c.device, MEASUREMENTS.c.case_key).where(
            MEASUREMENTS.c.run_id == run_id, MEASUREMENTS.c.error == ""
        )
        with self._reading() as connection:
            return frozenset((row.device, row.case_key) for row in connection.execute(wanted))

    # finding

    def runs(
        self,
        *,
        limit: int | None = None,
        tag: str | None = None,
        scenario: str | None = None,
        device: str | None = None,
    ) -> Sequence[RunSummary]:
        """Runs, the newest first, without their samples.

        Args:
            limit: At most so many; None for all.
            tag: Only those that have it.
            scenario: Only those of it.
            device: Only those that measured, or failed, on it.
        """
        with self._reading() as connection:
            return queries.summaries(connection, queries.wanted_runs(limit, tag, scenario, device))

    def find(self, reference: str) -> Run:
        """The run that a user means.

        Args:
            reference: Its id, the beginning of it, a tag (of the runs that have it the newest that measured
                something), or ``last``.

        Raises:
            InputError: There is none, or the beginning of an id is that of several.
        """
        with self._reading() as connection:
            found = queries.find(connection, reference)
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(run.id for run in found[:3])
            raise InputError(f"run {reference!r:.80}", f"may be {ids}", "write more of the id")
        nothing = "holds no runs yet" if reference == LAST else f"has no run {reference!r:.80}"
        raise InputError(
            self.place.shown, nothing, "see 'ppocr-edge results list' for ids and tags, or name another store"
        )

    def summary(self, run_id: str) -> RunSummary:
        """How much of a run is there.

        Raises:
            InputError: There is no such run.
        """
        with self._reading() as connection:
            found = queries.summaries(connection, select(RUNS.c.id).where(RUNS.c.id == run_id))
        if not found:
            raise self._absent(run_id)
        return found[0]

    def measurements(self, run_id: str) -> Sequence[Measurement]:
        """What a run measured, in the order of its cases' first results.

        Args:
            run_id: The run's whole id.
        """
        rows = select(MEASUREMENTS).where(MEASUREMENTS.c.run_id == run_id).order_by(MEASUREMENTS.c.id)
        ids = select(MEASUREMENTS.c.id).where(MEASUREMENTS.c.run_id == run_id)
        series: dict[int, dict[str, Series]] = {}
        with self._reading() as connection:
            found = connection.execute(rows).all()
            of_run = select(SERIES).where(SERIES.c.measurement_id.in_(ids))
            for row in connection.execute(of_run.order_by(SERIES.c.measurement_id, SERIES.c.position)):
                series.setdefault(row.measurement_id, {})[row.name] = series_of(row)
            kept = select(PICTURES).where(PICTURES.c.measurement_id.in_(ids))
            pictures = {row.measurement_id: row.jpeg for row in connection.execute(kept)}
            return [measurement_of(row, series.get(row.id, {}), pictures.get(row.id)) for row in found]

    def history(
        self,
        *,
        tag: str | None = None,
        device: str | None = None,
        case: str | None = None,
        series: str = "run",
        limit: int | None = None,
    ) -> Sequence[HistoryPoint]:
        """How a series went over the runs, the oldest first.

        Args:
            tag: Only runs that have it.
            device: Only on it.
            case: Only the case of this key.
            series: Name of the series.
            limit: At most so many of the newest runs; None for all.
        """
        with self._reading() as connection:
            return queries.history(
                connection, queries.wanted_runs(limit, tag, None, device), device, case, series
            )

    # changing

    def tag(self, run_id: str, tag: str) -> None:
        """Give a run a name; of several runs with a name the newest counts.

        Raises:
            InputError: There is no such run, or this cannot be a tag.
        """
        check_tag(tag)
        try:
            with self._writing() as connection:
                once = insertion(connection, TAGS).on_conflict_do_nothing()
                connection.execute(once.values(run_id=run_id, tag=tag))
        except IntegrityError:
            raise self._absent(run_id) from None

    def untag(self, run_id: str, tag: str) -> None:
        """Take a name from a run.

        Raises:
            InputError: The run has no such tag.
        """
        with self._writing() as connection:
            done = connection.execute(delete(TAGS).where(TAGS.c.run_id == run_id, TAGS.c.tag == tag))
        if not done.rowcount:
            raise InputError(f"run {run_id}", f"has no tag {tag!r:.80}")

    # whole runs

    def export_run(self, run_id: str) -> RunRecord:
        """Everything that is kept of a run, to be written down (`record.py`) and kept elsewhere.

        Raises:
            InputError: There is no such run.
        """
        summary = self.summary(run_id)
        return RunRecord(summary.run, summary.finished, tuple(self.measurements(run_id)))

    def import_run(self, record: RunRecord) -> int:
        """Keep a run of elsewhere: all that is not here yet, or nothing.

        Returns:
            How many of its measurements are new.

        Raises:
            InputError: A tag cannot be one, or somebody deletes the run meanwhile.
        """
        for tag in record.run.tags:
            check_tag(tag)
        try:
            with self._writing() as connection:
                return insert_record(connection, record)
        except IntegrityError:
            raise InputError(
                f"run {record.run.id}", "has been deleted meanwhile", "import it again"
            ) from None

    def delete(self, run_ids: Sequence[str]) -> None:
        """Forget runs, with all that was measured in them; those that are not there are passed over."""
        with self._writing() as connection:
            delete_runs(connection, run_ids)
        shrink(self._engine, self.place)

    def _absent(self, run_id: str) -> InputError:
        return InputError(f"run {run_id}", f"is not in {self.place.shown}")

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with reading(self._engine, self.place) as connection:
            try:
                yield connection
            except (KeyError, TypeError, ValueError) as error:
                found = f"is damaged: a row cannot be read ({error!s:.100})"
                raise InputError(self.place.shown, found, "put a copy in its place") from None

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with writing(self._engine, self.place) as connection:
            yield connection
