"""Results of elsewhere: what Paddle-Lite's programs print, ``bench --json``, our own exports."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from deploy_tools.bench import BenchResult
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.results.export_file import write_export
from deploy_tools.results.imports.choice import read_results
from deploy_tools.results.imports.model_name import model_name
from deploy_tools.results.imports.naming import Naming
from deploy_tools.results.opening import open_results
from deploy_tools.results.record import RunRecord, record_to_json
from edge.errors import InputError
from tests.results_kit.made import made_measurement, made_run

ON_A_PHONE = """
======= Opt Info =======
Load paddle model from ch_ppocr_mobile_v2.0_cls and nothing else
Save optimized model to ch_ppocr_mobile_v2.0_cls/opt.nb

======= Device Info =======
Brand: Acme
Device: seven
Model: Phone 7
Android Version: 13
Android API Level: 33

======= Model Info =======
optimized_model_file: ch_ppocr_mobile_v2.0_cls/opt.nb
input_data_path: All 1.f
input_shape: 1,3,48,192
output tensor num: 1
--- output tensor 0 ---
output shape(NCHW): 1 2
output tensor 0 elem num: 2
output tensor 0 mean value: 0.5
output tensor 0 standard deviation: 0.25

======= Runtime Info =======
benchmark_bin version: 1a2b3c4
threads: 4
power_mode: 0
warmup: 10
repeats: 20
result_path:

======= Backend Info =======
backend: arm
cpu precision: fp32

======= Perf Info =======
Time(unit: ms):
init  = 21.480      
first = 70.125      
min   = 50.300      
max   = 58.900      
avg   = 52.250      

Memory Usage(unit: MB):
init  = 11.000      
peak  = 25.000      
"""  # noqa: W291  (the program fills its numbers up with blanks)

ON_A_BOARD = """
======= Model Info =======
optimized_model_file: /root/ch_ppocr_det.nb
input_data_path: All 1.f
input_shape: 1,3,640,640:1,5

======= Runtime Info =======
benchmark_bin version: v2.13-rc
threads: 1
power_mode: 3
warmup: 1
repeats: 5
run_delay(sec): 0.5
result_path: r.txt

======= Backend Info =======
backend: opencl,arm
cpu precision: fp32
gpu precision: fp16
opencl_cache_dir: /tmp

======= Perf Info =======
Time(unit: ms):
init  = 1.000
first = 2.000
min   = 1.500
max   = 1.900
avg   = 1.700
"""

SCRIPT = """run benchmark armv8
--------------------------------------
PaddleLite Benchmark
Threads=1 Warmup=10 Repeats=30
small                       min = 10.50000    max = 9.25000    average = 9.75003
larger                   min = 44.00000    max = 48.50000    average = 45.12345

Threads=4 Warmup=10 Repeats=30
-- larger          avg = 99.4380 ms
--------------------------------------
"""

DEMO = """is_opencl_backend_valid:0
run_idx:1 / 3: 15.250 ms
run_idx:2 / 3: 16.125 ms
run_idx:3 / 3: 1.7e+01 ms

======= benchmark summary =======
input_shape(s) (NCHW):1,3,48,192, : 
model_dir:models/larger/model.nb
warmup:10
repeats:3
*** time info(ms) ***
1st_duration:40.5
max_duration:17
min_duration:15.250
avg_duration:16.125

====== output summary ======
output tensor num:1
"""  # noqa: W291

APP = """======= benchmark summary =======
input_shape(s) (NCHW): {1, 3, 320, 320}
model_dir:./models/other/model.nb
warmup:1
repeats:10
power_mode:1
thread_num:0
*** time info(ms) ***
1st_duration:300.25
max_duration:260.75
min_duration:255.5
avg_duration:258.125
"""

PIXEL = Naming(device="pixel")
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file of results."""

    def to_file(text: str) -> Path:
        path = tmp_path / "results.txt"
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1_700_000_000, 1_700_000_000))
        return path

    return to_file


def only(records: list[RunRecord]) -> tuple[Measurement, ...]:
    """The measurements of the one run that there must be."""
    (record,) = records
    assert record.run.scenario == "import"
    assert record.finished == record.run.started
    assert record.run.started.timestamp() == 1_700_000_000
    return record.measurements


def figures(measurement: Measurement) -> dict[str, list[float]]:
    """All samples."""
    assert all(one.unit == "ms" for one in measurement.series.values())
    return {name: one.values.tolist() for name, one in measurement.series.items()}


def refusal(path: Path, naming: Naming | None = None) -> str:
    """Why a file is refused, in one line that names it."""
    with pytest.raises(InputError) as error:
        read_results(path, naming)
    line = error.value.one_line()
    assert line.startswith(f"{path}: ")
    return line.removeprefix(f"{path}: ")


def test_benchmark_bin_on_a_phone(write: Write) -> None:
    (one,) = only(read_results(write(ON_A_PHONE)))
    assert one.case.key == "latency / ch_ppocr_mobile_v2.0_cls / fp32 / 1x3x48x192 / 4 threads / high"
    assert (one.environment.device, one.environment.board) == ("Phone 7", "Acme Phone 7")
    assert (one.environment.library, one.environment.library_version) == ("Paddle-Lite", "1a2b3c4")
    assert one.environment.os == "Android 13"
    assert "average of 20 runs after 10, without samples" in one.environment.note
    assert figures(one) == {
        "load": [21.480],
        "first": [70.125],
        "run-avg": [52.250],
        "run-min": [50.300],
        "run-max": [58.900],
    }
    assert one.peak_rss_mb == pytest.approx(25 * 1.048576)
    named = Naming("my phone", "ch_det", "int8")
    (one,) = only(read_results(write(ON_A_PHONE), named))
    assert one.case.key == "latency / ch_det / int8 / 1x3x48x192 / 4 threads / high"
    assert one.environment.device == "my phone"


@pytest.mark.parametrize(
    ("paths", "name"),
    [
        (["a/ch_ppocr_mobile_v2.0_cls"], "ch_ppocr_mobile_v2.0_cls"),
        (["ch_ppocr_mobile_v2.0_cls.nb"], "ch_ppocr_mobile_v2.0_cls"),
        (["bundles/ch_det-arm/model.nb"], "ch_det"),
        (["ch_det/inference.pdmodel", "other/opt.nb"], "ch_det"),
        (["inference.pdmodel", "other/opt.nb"], "other"),
        (["", ".nb", "/model.nb"], ""),
    ],
)
def test_models_are_named_by_their_files(paths: list[str], name: str) -> None:
    assert model_name(*paths) == name


def test_benchmark_bin_appends_to_its_file_and_repeats_a_case_in_another_run(write: Write) -> None:
    text = ON_A_BOARD + ON_A_PHONE.replace("\n", "\r\n") + ON_A_BOARD.replace("1.700", "1.600")
    first, second = read_results(write(text), PIXEL)
    assert [one.case.subject for one in first.measurements] == ["ch_ppocr_det", "ch_ppocr_mobile_v2.0_cls"]
    board = first.measurements[0]
    assert board.case.key == (
        "latency / ch_ppocr_det / fp16 / 1x3x640x640 / 1 thread / none / opencl,arm, inputs 1,3,640,640:1,5"
    )
    assert board.peak_rss_mb is None
    assert [figures(one)["run-avg"] for one in second.measurements] == [[1.6]]
    assert first.run.id != second.run.id
    assert [record.run.id for record in read_results(write(text), PIXEL)] == [first.run.id, second.run.id]
    assert read_results(write(text), Naming("other"))[0].run.id != first.run.id


def test_benchmark_sh(write: Write) -> None:
    found = only(read_results(write(SCRIPT), PIXEL))
    assert [(one.case.subject, one.case.threads) for one in found] == [
        ("small", 1),
        ("larger", 1),
        ("larger", 4),
    ]
    assert figures(found[0]) == {"run-avg": [9.75003], "run-min": [9.25], "run-max": [10.5]}
    assert figures(found[2]) == {"run-avg": [99.438]}
    assert found[0].environment.device == "pixel"


def test_a_demo_has_samples_if_it_prints_them(write: Write) -> None:
    sampled, app, cold = only(
        read_results(
            write(DEMO + APP + DEMO.replace("warmup:10", "warmup:0").replace("larger", "cold")), PIXEL
        )
    )
    assert sampled.case.key == "latency / larger / fp32 / 1x3x48x192 / 1 thread"
    assert figures(sampled) == {"first": [40.5], "run": [15.25, 16.125, 17.0]}
    assert app.case.key == "latency / other / fp32 / 1x3x320x320 / 1 thread / high"
    assert figures(app) == {
        "first": [300.25],
        "run-avg": [258.125],
        "run-min": [255.5],
        "run-max": [260.75],
    }
    assert figures(cold) == {"first": [40.5], "run": [16.125, 17.0]}


def _bench_json(**changes: object) -> list[dict[str, object]]:
    result = BenchResult(
        "bundles/ch_PP-OCRv4_det-arm", "pi4", "Paddle-Lite v2.13-rc", (1, 3, 160, 320), 15.5, 178.0, (99.0,),
        (90.0, 91.5, 92.0), 145.0,
    )  # fmt: skip
    return [{**result.to_json(), **changes}, {"device": "pixel", "error": "pixel: cannot be reached"}]


def test_what_bench_prints(write: Write) -> None:
    (one,) = only(read_results(write(json.dumps(_bench_json()))))
    assert one.case.key == "latency / ch_PP-OCRv4_det / unknown / 1x3x160x320 / 1 thread"
    assert (one.environment.device, one.environment.library_version) == ("pi4", "v2.13-rc")
    assert figures(one) == {"load": [15.5], "first": [178.0], "warmup": [99.0], "run": [90.0, 91.5, 92.0]}
    assert one.peak_rss_mb == 145.0
    (one,) = only(read_results(write(json.dumps(_bench_json())), Naming(precision="fp32")))
    assert one.case.precision == "fp32"


@pytest.mark.embedded
def test_what_bench_prints_of_a_bundle_that_is_there(
    write: Write, default_bundles: dict[str, object]
) -> None:
    bundle = default_bundles["cls"]
    text = json.dumps(_bench_json(bundle=str(bundle.folder)))  # type: ignore[attr-defined]
    (one,) = only(read_results(write(text)))
    assert (one.case.subject, one.case.precision) == ("ch_ppocr_mobile_v2.0_cls", "fp32")


def test_exports_of_several_runs_compressed_or_not(tmp_path: Path) -> None:
    runs = [made_run(minute, tags=("main",)) for minute in range(2)]
    with open_results(tmp_path / "a.db") as here, open_results(tmp_path / "b.db") as there:
        for run in runs:
            here.begin(run)
            here.add(run.id, made_measurement(picture=b"\xff\xd8"))
            here.add(run.id, made_measurement(1, device="b\udc80", error="no"))
        here.finish(runs[0].id)
        records = [here.export_run(run.id) for run in runs]
        for name in ("out/runs.json", "runs.json.gz"):
            write_export("-o", tmp_path / name, records)
            read = read_results(tmp_path / name)
            assert [record_to_json(one) for one in read] == [record_to_json(one) for one in records]
        assert (tmp_path / "runs.json.gz").stat().st_size < (tmp_path / "out/runs.json").stat().st_size
        for record in read:
            there.import_run(record)
        assert [one.finished is not None for one in there.runs()] == [False, True]
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["runs.json"]


def test_an_export_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.json").mkdir()
    for target in (tmp_path / "file" / "x.json", tmp_path / "folder.json"):
        with pytest.raises(InputError, match=r"^-o .*cannot be written \("):
            write_export("-o", target, [])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.json"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "holds no results that are known here"),
        ("hello\n", "holds no results that are known here"),
        ("{", "is no JSON ("),
        ("[" * 100_000, "is no JSON ("),
        ("[]", "is JSON, but holds no results"),
        ('{"kind": "else"}', "is JSON, but holds no results"),
        ('[{"device": "a", "error": "b"}]', "holds no results: all devices failed"),
        ('[{"device": "a", "samples_ms": [1]}]', "is not as it must be: 'bundle' is missing"),
        (json.dumps(_bench_json(samples_ms=["x"])), "is not as it must be ("),
        ('{"kind": "ppocr-edge results", "format": 99}', "is an export of form 99, this version knows 1"),
        ('{"kind": "ppocr-edge results", "format": 1}', "is not as it must be: 'runs' is missing"),
        ('{"kind": "ppocr-edge results", "format": 1, "runs": [3]}', "is not as it must be ("),
        (ON_A_BOARD, "block 1 of benchmark_bin's output does not say which device it is from; name it"),
        (ON_A_PHONE.replace("avg ", "agv "), "block 1 of benchmark_bin's output has no time 'avg'"),
        (ON_A_PHONE.replace("52.250", "nan"), "block 1 of benchmark_bin's output has no time 'avg'"),
        (ON_A_PHONE.replace("52.250", "99"), "block 1 of benchmark_bin's output has an average that is not"),
        (ON_A_PHONE[:700], "block 1 of benchmark_bin's output has no time 'init'"),
        (SCRIPT, "does not say which device it is from; name it with --device"),
        (DEMO, "does not say which device it is from; name it with --device"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_taken_in_are_refused_by_name(write: Write, text: str, found: str) -> None:
    assert refusal(write(text)).startswith(found)


def test_demos_and_scripts_without_figures_are_refused(write: Write) -> None:
    assert refusal(write(DEMO.replace("avg_", "agv_")), PIXEL).startswith("has no line 'avg_duration'")
    assert refusal(write(DEMO.replace("repeats:3", "repeats:x")), PIXEL).startswith(
        "has a line that is no number"
    )
    assert refusal(write("Threads=1 Warmup=1 Repeats=1\n"), PIXEL).startswith(
        "holds no results of benchmark.sh"
    )


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda run: run["run"].update(id="../../x"), "is no id of a run"),
        (lambda run: run["run"].update(started="2026-01-01T00:00:00"), "a time has no time zone"),
        (lambda run: run["run"].update(more=1), "more"),
        (lambda run: run["measurements"][0]["series"][2].update(flags=[1]), "arrays of different lengths"),
        (
            lambda run: run["measurements"][0]["series"][2].update(values=[[1.0]]),
            "arrays of different lengths",
        ),
        (lambda run: run["measurements"][0].update(picture="*"), "is not as it must be"),
        (lambda run: run["measurements"][0].pop("case"), "'case' is missing"),
    ],
)
def test_exports_that_somebody_changed_are_refused(
    tmp_path: Path, change: Callable[[dict[str, object]], object], found: str
) -> None:
    record = RunRecord(made_run(), None, (made_measurement(),))
    write_export("-o", tmp_path / "x.json", [record])
    values = json.loads((tmp_path / "x.json").read_bytes())
    change(values["runs"][0])
    (tmp_path / "x.json").write_text(json.dumps(values), encoding="utf-8")
    assert found in refusal(tmp_path / "x.json")


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    whole = gzip.compress(ON_A_PHONE.encode() * 50)
    (tmp_path / "cut.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "bad.gz").write_bytes(whole[:30] + os.urandom(len(whole)))
    os.mkfifo(tmp_path / "pipe")
    for name, found in (
        ("cut.gz", "is damaged: it cannot be unpacked"),
        ("bad.gz", "is damaged: it cannot be unpacked"),
        ("pipe", "is not a regular file"),
        ("nothing", "cannot be read (No such file or directory)"),
        (".", "cannot be read (Is a directory)"),
    ):
        with pytest.raises(InputError, match=r": .*") as error:
            read_results(tmp_path / name)
        assert f": {found}" in error.value.one_line()
    with pytest.raises(InputError, match="cannot be read"):
        read_results(tmp_path / "a\0b")


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy_tools.results.imports.content._MOST", 1 << 20)
    bomb = tmp_path / "bomb.gz"
    bomb.write_bytes(gzip.compress(bytes(3 << 20)))
    assert refusal(bomb) == "has more than 1 MiB; name a file of results"


def test_names_do_not_go_with_an_export(tmp_path: Path) -> None:
    write_export("-o", tmp_path / "x.json", [])
    assert refusal(tmp_path / "x.json", PIXEL).startswith("is an export, which has names of its own")


def test_imports_are_kept_once_and_have_no_history_of_samples(write: Write, tmp_path: Path) -> None:
    with open_results(tmp_path / "r.db") as store:
        for age in (0, 1):
            path = write(SCRIPT + "\n")
            os.utime(path, (1_700_000_000 + age, 1_700_000_000 + age))
            (record,) = read_results(path, PIXEL)
            assert store.import_run(record) == (0 if age else 3)
        assert len(store.runs()) == 1
        assert store.history() == []
        assert [point.p50 for point in store.history(series="run-avg")] == [9.75003, 45.12345, 99.438]
        kept = store.measurements(record.run.id)[1]
        assert np.array_equal(kept.series["run-min"].values, [44.0])
