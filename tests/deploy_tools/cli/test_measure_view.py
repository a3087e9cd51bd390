"""Tables of ``ppocr-edge measure``: figures are of samples that nothing disturbed."""

from __future__ import annotations

from datetime import datetime, timezone

import numpy as np
import numpy.typing as npt
import pytest

from deploy_tools.cli.measure_view import measured_table
from deploy_tools.measurement.case import Case
from deploy_tools.measurement.environment import Environment
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.series import DISTURBED, THROTTLED, Series
from deploy_tools.scenarios.ocr import NETWORK, REST, STAGES

WHEN = datetime(2026, 11, 26, tzinfo=timezone.utc)


def _measured(scenario: str, **series: Series) -> Measurement:
    return Measurement(Case(scenario, "det"), Environment("pi4"), WHEN, 1.0, series)


def _row(one: Measurement) -> dict[str, str]:
    """The cells of a table of one row, by the names of its columns."""
    table = measured_table(one.case.scenario, [one])
    return {str(column.header): next(iter(column.cells)) for column in table.columns}  # type: ignore[misc]


def _spoilt(name: str, milliseconds: float, count: int, disturbed: npt.ArrayLike) -> Series:
    """Samples of which some took ten times as long, and are known for it."""
    flags = np.zeros(count, np.uint8)
    flags[disturbed] = DISTURBED
    return Series(name, np.where(flags > 0, 10.0, 1.0) * milliseconds, flags=flags)


def test_stages_are_of_undisturbed_samples() -> None:
    names = {"run": 100.0, **{stage: 20.0 + number for number, stage in enumerate((*STAGES, REST, NETWORK))}}
    most = list(range(14))  # of 24
    found = _row(_measured("ocr", **{name: _spoilt(name, ms, 24, most) for name, ms in names.items()}))
    assert found["all"] == "100.0 ms"
    assert [found[stage] for stage in (*STAGES, REST, NETWORK)] == [
        f"{20.0 + number:.1f} ms" for number in range(5)
    ]
    assert (found["runs"], found["flagged"]) == ("24", "14")


@pytest.mark.parametrize(("count", "shown"), [(10, "100.0 ms"), (9, "1000.0 ms")])
def test_of_a_handful_all_count(count: int, shown: str) -> None:
    names = ("run", *STAGES, REST, NETWORK)
    spoilt = {name: _spoilt(name, 100.0, count + 20, list(range(20))) for name in names}
    assert _row(_measured("ocr", **spoilt))["all"] == shown


def test_tenths_under_load_are_of_undisturbed_samples_and_of_throttled_ones() -> None:
    run = _spoilt("run", 10.0, 100, [*range(8), *range(92, 100)])
    hot = np.arange(100) >= 50
    values, flags = run.values * np.where(hot, 1.5, 1.0), run.flags + THROTTLED * hot.astype(np.uint8)
    found = _row(_measured("sustained", run=Series("run", values, flags=flags)))
    assert (found["at first"], found["at last"], found["slower by"]) == ("10.0 ms", "15.0 ms", "+50.0 %")
    assert (found["runs"], found["throttled"]) == ("100", "50 %")
