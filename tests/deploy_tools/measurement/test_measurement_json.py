from __future__ import annotations

import json
from datetime import datetime, timezone

import numpy as np

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.environment import Environment, Reading
from deploy_tools.measurement.json_form import (
    measurement_from_json,
    measurement_to_json,
    run_from_json,
    run_to_json,
)
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.run import Run, new_run_id
from deploy_tools.measurement.series import DISTURBED, THROTTLED, Series

WHEN = datetime(2026, 11, 26, 5, 30, tzinfo=timezone.utc)


def _measurement() -> Measurement:
    return Measurement(
        Case("latency", "ch_det", "int8", (1, 3, 640, 640), 4, "high", "bound"),
        Environment("pi 4", affinity=(2, 3), versions={"ppocr-edge": "1"}, charging=False),
        WHEN,
        3.5,
        {
            "run": Series(
                "run",
                np.array([1.5, 2.5, 9.0]),
                "ms",
                np.array([0.0, 1.0, 2.0]),
                np.array([0, 1, 3], np.uint8),
            )
        },
        (Reading(-0.5, {"cpu-thermal": 41.5}, {0: 1_500_000}),),
        12.5,
        {"model": "ab" * 32},
        ("Größe", "文字"),
        b"\xff\xd8jpeg",
    )


def test_a_measurement_survives_json() -> None:
    before = _measurement()
    text = json.dumps(measurement_to_json(before))
    after = measurement_from_json(json.loads(text))
    assert json.dumps(measurement_to_json(after)) == text
    assert (after.case, after.environment, after.readings) == (
        before.case,
        before.environment,
        before.readings,
    )
    assert after.picture == before.picture
    assert after.series["run"].flags.dtype == np.uint8


def test_a_run_survives_json() -> None:
    run = Run(new_run_id(), "sweep", WHEN, "host", "ppocr-edge …", {"cases": [1]}, ("main",), "1")
    assert run_from_json(json.loads(json.dumps(run_to_json(run)))) == run


def test_flagged_samples_are_kept_but_not_sound() -> None:
    series = Series(
        "run", np.array([1.0, 2.0, 3.0, 4.0]), flags=np.array([0, DISTURBED, THROTTLED, 0], np.uint8)
    )
    assert len(series) == 4
    assert series.sound.tolist() == [1.0, 4.0]
    assert (series.flagged, series.marks.tolist()) == (2, series.flags.tolist())
    plain = Series("run", np.array([1.0, 2.0]))
    assert plain.sound.tolist() == [1.0, 2.0]
    assert (plain.flagged, plain.marks.tolist()) == (0, [0, 0])


def test_figures_are_of_sound_samples_where_those_are_more_than_a_handful() -> None:
    values = np.arange(14.0)
    flags = np.array([DISTURBED] * 4 + [0] * 10, np.uint8)
    assert Series("run", values, flags=flags).used.tolist() == values[4:].tolist()
    flags[4] = THROTTLED
    assert Series("run", values, flags=flags).used.tolist() == values.tolist()


def test_under_load_throttled_samples_count_and_disturbed_ones_among_a_handful() -> None:
    values = np.arange(14.0)
    flags = np.array([DISTURBED] * 3 + [DISTURBED | THROTTLED] + [THROTTLED] * 10, np.uint8)
    found = Series("run", values, "ms", values + 0.5, flags).undisturbed
    assert found.values.tolist() == values[4:].tolist()
    assert found.at.tolist() == (values[4:] + 0.5).tolist()
    assert found.flags.tolist() == flags[4:].tolist()
    flags[4] |= DISTURBED
    assert Series("run", values, flags=flags).undisturbed.values.tolist() == values.tolist()
    assert Series("run", values).undisturbed.values.tolist() == values.tolist()


def test_some_samples_keep_what_is_known_of_them() -> None:
    series = Series("run", np.array([1.0, 2.0, 3.0]), "s", flags=np.array([0, DISTURBED, 0], np.uint8))
    found = series.only(np.array([False, True, True]))
    assert (found.name, found.unit, found.values.tolist()) == ("run", "s", [2.0, 3.0])
    assert (found.at.tolist(), found.flags.tolist()) == ([], [DISTURBED, 0])


def test_a_case_has_a_key_that_tells_it_from_its_like() -> None:
    case = _measurement().case
    assert case.key == "latency / ch_det / int8 / 1x3x640x640 / 4 threads / high / bound"
    assert Case("ocr", "a+b").key == "ocr / a+b / fp32 / 1 thread"
