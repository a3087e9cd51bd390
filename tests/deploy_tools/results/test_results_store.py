"""Keeping and finding, in both kinds of databases."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from deploy_tools.measurement.json_form import measurement_to_json
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.run import Run
from deploy_tools.measurement.series import Series
from deploy_tools.results.opening import open_results
from deploy_tools.results.record import RunRecord
from deploy_tools.results.store import ResultsStore
from edge.errors import InputError
from tests.results_kit.made import WHEN, made_measurement, made_run
from tests.results_kit.postgres import Server

JPEG = b"\xff\xd8 a picture \x00\xff"


def _text(measurement: Measurement) -> str:
    return json.dumps(measurement_to_json(measurement))


def test_what_is_kept_comes_back_as_it_was(store: ResultsStore, where: str) -> None:
    run = made_run(tags=("main", "a"))
    measured = [made_measurement(0, picture=JPEG), made_measurement(1), made_measurement(2, error="it died")]
    store.begin(run)
    for one in measured:
        store.add(run.id, one)
    store.finish(run.id)
    with open_results(where) as again:
        assert again.find(run.id) == replace(run, tags=("a", "main"))
        assert [_text(one) for one in again.measurements(run.id)] == [_text(one) for one in measured]
        (summary,) = again.runs()
        assert (summary.measured, summary.failed, summary.samples) == (2, 1, 2 * 62)
        assert (summary.devices, summary.finished is not None) == (("pi 4",), True)


def test_a_failed_case_is_measured_again_but_a_measured_one_is_never_replaced(store: ResultsStore) -> None:
    run = made_run()
    store.begin(run)
    store.add(run.id, made_measurement(0, error="no route"))
    store.add(run.id, made_measurement(0, error="still none"))
    assert store.measured(run.id) == frozenset()
    good = made_measurement(0, picture=JPEG)
    store.add(run.id, good)
    store.add(run.id, made_measurement(0, device="other"))
    for late in (made_measurement(0, samples=3), made_measurement(0, error="late")):
        with pytest.raises(InputError, match=r"has already measured latency / .*case 0 on pi 4"):
            store.add(run.id, late)
    assert store.measured(run.id) == {("pi 4", good.case.key), ("other", good.case.key)}
    assert _text(store.measurements(run.id)[0]) == _text(good)
    assert store.summary(run.id).finished is None


def test_runs_are_found_by_id_beginning_tag_and_last(store: ResultsStore) -> None:
    runs = [
        replace(made_run(minute, tags=tags), id=name)
        for minute, (name, tags) in enumerate(
            [("abc000000001", ("main",)), ("abc000000002", ("main", "v1")), ("def000000003", ("abc",))]
        )
    ]
    for run in (runs[2], runs[0], runs[1]):  # the time counts, not the order they came in
        store.begin(run)
    ids = [run.id for run in runs]
    assert store.find("last").id == ids[2]
    assert store.find("main").id == ids[1]
    assert store.find("abc").id == ids[2]  # a tag goes before a beginning
    assert store.find("abc000000001").id == ids[0]
    assert store.find("de").id == ids[2]
    for reference, found in (
        ("abc0", "may be abc000000002, abc000000001; write more"),
        ("zz", "has no run 'zz'"),
        ("", "has no run ''"),
        ("%", "has no run '%'"),
        ("_bc0", "has no run '_bc0'"),
    ):
        with pytest.raises(InputError) as error:
            store.find(reference)
        assert found in error.value.one_line()


def test_a_run_in_which_all_failed_does_not_stand_for_a_tag(store: ResultsStore) -> None:
    good, failed = made_run(0, tags=("main",)), made_run(1, tags=("main",))
    for run, error in ((good, ""), (failed, "gone")):
        store.begin(run)
        store.add(run.id, made_measurement(error=error))
    assert store.find("main").id == good.id
    assert store.find("last").id == failed.id
    store.add(failed.id, made_measurement(1))
    assert store.find("main").id == failed.id


def test_an_empty_store_has_no_last_run(store: ResultsStore) -> None:
    assert list(store.runs()) == []
    with pytest.raises(InputError, match="holds no runs yet"):
        store.find("last")


def test_runs_are_listed_newest_first_by_tag_scenario_and_device(store: ResultsStore) -> None:
    runs = [made_run(0, tags=("main",)), made_run(1, scenario="ocr"), made_run(2, tags=("main",))]
    for run, device in zip(runs, ("a", "b", "b"), strict=True):
        store.begin(run)
        store.add(run.id, made_measurement(device=device))
        store.add(run.id, made_measurement(device="c", error="gone"))
    newest = [run.id for run in reversed(runs)]

    def listed(**wanted: object) -> list[str]:
        return [one.run.id for one in store.runs(**wanted)]  # type: ignore[arg-type]

    assert listed() == newest
    assert listed(limit=2) == newest[:2]
    assert listed(tag="main") == [newest[0], newest[2]]
    assert listed(scenario="ocr") == [newest[1]]
    assert listed(device="b") == newest[:2]
    assert listed(device="b", tag="main", limit=5) == [newest[0]]
    assert listed(device="nobody") == []
    assert store.runs()[0].devices == ("b", "c")


def test_tags_are_given_and_taken(store: ResultsStore) -> None:
    run = made_run()
    store.begin(run)
    for tag in ("v1", "main", "v1"):
        store.tag(run.id, tag)
    assert store.find("v1").tags == ("main", "v1")
    store.untag(run.id, "v1")
    with pytest.raises(InputError, match="has no tag 'v1'"):
        store.untag(run.id, "v1")
    for bad in ("", "last", "a b", "a,b", "-x", "0123456789ab", "x" * 65, "a\nb"):
        with pytest.raises(InputError, match="cannot be a tag"):
            store.tag(run.id, bad)
        with pytest.raises(InputError, match="cannot be a tag"):
            store.begin(made_run(tags=(bad,)))
    assert len(store.runs()) == 1


def test_runs_that_are_not_there_are_named(store: ResultsStore) -> None:
    run = made_run()
    for work in (
        lambda: store.add(run.id, made_measurement()),
        lambda: store.finish(run.id),
        lambda: store.tag(run.id, "main"),
        lambda: store.summary(run.id),
        lambda: store.export_run(run.id),
    ):
        with pytest.raises(InputError, match=rf"run {run.id}: is not in "):
            work()
    store.begin(run)
    with pytest.raises(InputError, match=rf"run {run.id}: is already in "):
        store.begin(run)


def test_a_history_is_in_the_order_of_time_and_of_sound_samples(store: ResultsStore) -> None:
    runs = [made_run(minute, tags=("main",) if minute != 1 else ()) for minute in (0, 1, 2, 3)]
    flags = np.array([*[0] * 11, *[1] * 5], np.uint8)
    for number in (3, 0, 2, 1):
        values = np.array([*np.linspace(1.0, 3.0, 11), *[1000.0] * 5]) + number
        measurement = made_measurement()
        series = {"run": Series("run", values, flags=flags), "load": Series("load", np.array([7.0]))}
        store.begin(runs[number])
        store.add(runs[number].id, replace(measurement, series=series))
        store.add(runs[number].id, made_measurement(1, error="no"))
    points = store.history()
    assert [point.run_id for point in points] == [run.id for run in runs]
    assert [point.p50 for point in points] == [2.0, 3.0, 4.0, 5.0]
    assert (points[0].count, points[0].flagged, points[0].unit) == (16, 5, "ms")
    assert points[0].case == made_measurement().case
    assert points[0].started == WHEN
    assert [len(store.history(tag="main")), len(store.history(limit=2)), len(store.history(device="x"))] == [
        3,
        2,
        0,
    ]
    assert [point.p50 for point in store.history(series="load", case=points[0].case.key)] == [7.0] * 4
    assert store.history(tag="main")[0].tags == ("main",)


def test_numbers_that_are_none_and_odd_text_are_kept(store: ResultsStore) -> None:
    values = np.array([np.nan, np.inf, -0.0, 1e-300])
    odd = "nul \0, half \udc80, Größe 文字"
    run = replace(made_run(), command=odd, plan={"text": odd, "none": None, "list": [1.5, []]})
    measurement = replace(
        made_measurement(device="b\udc80"),
        series={"run": Series("run", values), "empty": Series("empty", np.empty(0), "%")},
        texts=(odd,),
        verdict=odd,
        seconds=float("nan"),
        peak_rss_mb=float("inf"),
    )
    store.begin(run)
    store.add(run.id, measurement)
    (kept,) = store.measurements(run.id)
    assert np.array_equal(kept.series["run"].values, values, equal_nan=True)
    assert np.signbit(kept.series["run"].values[2])
    assert (len(kept.series["empty"]), kept.series["empty"].unit) == (0, "%")
    assert (kept.texts, kept.environment.device, kept.peak_rss_mb) == ((odd,), "b\udc80", None)
    assert store.find(run.id).plan == run.plan
    assert kept.verdict == store.find(run.id).command == "nul \\0, half \\udc80, Größe 文字"
    assert store.history()[0].p50 is None
    assert [one.run.id for one in store.runs(device="b\udc80")] == [run.id]


def test_forgotten_runs_take_everything_along(store: ResultsStore) -> None:
    runs = [made_run(minute, tags=("main",)) for minute in range(3)]
    for run in runs:
        store.begin(run)
        store.add(run.id, made_measurement(picture=JPEG))
    store.delete([runs[0].id, runs[2].id, "not there"])
    assert [one.run.id for one in store.runs()] == [runs[1].id]
    assert list(store.measurements(runs[0].id)) == []
    assert len(store.history()) == 1
    assert store.find("main").id == runs[1].id
    assert len(store.measurements(runs[1].id)) == 1


def test_whole_runs_move_to_another_store_once(new_place: Callable[[str], str]) -> None:
    with open_results(new_place("sqlite")) as here, open_results(new_place("postgresql")) as there:
        run = made_run(tags=("main",))
        here.begin(run)
        here.add(run.id, made_measurement(0, picture=JPEG))
        here.add(run.id, made_measurement(1, error="no"))
        assert there.import_run(here.export_run(run.id)) == 2
        assert there.summary(run.id).finished is None
        here.add(run.id, made_measurement(1))
        here.finish(run.id)
        assert there.import_run(here.export_run(run.id)) == 1  # what failed before
        assert there.import_run(here.export_run(run.id)) == 0
        assert there.find("main") == run
        copied = [_text(one) for one in there.measurements(run.id)]
        assert copied == [_text(one) for one in here.measurements(run.id)]
        finished = (there.summary(run.id).finished, here.summary(run.id).finished)
        assert None not in finished
        assert abs(finished[0] - finished[1]) < timedelta(milliseconds=1)  # type: ignore[operator]


def test_a_run_is_imported_whole_or_not_at_all(store: ResultsStore) -> None:
    source = made_run()
    store.begin(source)
    store.add(source.id, made_measurement())
    record = store.export_run(source.id)
    broken = replace(record, run=replace(source, id="0" * 12), measurements=(*record.measurements, None))
    with pytest.raises(AttributeError):
        store.import_run(broken)  # type: ignore[arg-type]
    assert [one.run.id for one in store.runs()] == [source.id]


def test_a_run_that_somebody_deletes_while_it_is_imported(new_place: Callable[[str], str]) -> None:
    where = new_place("postgresql")  # in SQLite whoever deletes waits for the import
    run = made_run()
    with open_results(where) as store, open_results(where) as other:
        store.begin(run)

        def measured() -> Iterator[Measurement]:
            other.delete([run.id])
            yield made_measurement()

        record = RunRecord(run, None, measured())  # type: ignore[arg-type]
        with pytest.raises(InputError, match=rf"run {run.id}: has been deleted meanwhile; import it again"):
            store.import_run(record)
        assert list(store.runs()) == []


def test_several_threads_share_a_store(store: ResultsStore) -> None:
    from concurrent.futures import ThreadPoolExecutor

    run = made_run()
    store.begin(run)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: store.add(run.id, made_measurement(number)), range(24)))
    assert len(store.measured(run.id)) == 24


def test_it_is_the_recorder_that_scenarios_ask_for(store: ResultsStore) -> None:
    from deploy_tools.measurement.run import Recorder

    recorder: Recorder = store
    run: Run = made_run()
    recorder.begin(run)
    assert recorder.measured(run.id) == frozenset()


def test_a_session_that_the_server_ended_is_opened_again(postgres: Server) -> None:
    database = "ended"
    with open_results(postgres.create(database)) as store:
        run = made_run()
        store.begin(run)
        for number in range(2):
            postgres.sql(
                "postgres",
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'",
            )
            store.add(run.id, made_measurement(number))
        assert len(store.measured(run.id)) == 2
