"""Verdicts on recorded noise: fewer of the trials that ``python -m tests.benchmarks comparison`` makes."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from deploy_tools.comparison.case import compare_measurements
from tests.benchmarks import record_traces
from tests.benchmarks.comparison import FALSE_ALARMS, FOUND, rates
from tests.benchmarks.noise import (
    DEALT,
    JUDGED,
    LOADS,
    ORDERS,
    QUIET,
    Kind,
    Session,
    comparisons,
    kinds,
    read_sessions,
    slowed,
)


@pytest.fixture(scope="module")
def judged() -> list[Session]:
    return [one for one in read_sessions() if one.part == JUDGED]


def test_a_program_is_hardly_ever_told_to_differ_from_itself(judged: list[Session]) -> None:
    alarms = {kind.label: rates(judged, kind, 60).false_alarms for kind in kinds(judged)}
    assert len(alarms) >= 2  # both orders, at the least
    assert {label: share for label, share in alarms.items() if share > FALSE_ALARMS} == {}


def test_a_slowdown_of_5_percent_is_found_on_a_quiet_machine(judged: list[Session]) -> None:
    quiet = [kind for kind in kinds(judged) if kind.load == QUIET and kind.in_turn]
    if not quiet:
        pytest.skip(
            "no session of a quiet machine is recorded yet (python -m tests.benchmarks.record_traces)"
        )
    assert {kind.label for kind in quiet if rates(judged, kind, 60).found < FOUND} == set()


def test_both_sides_come_from_different_processes(judged: list[Session]) -> None:
    session = judged[0]
    for order, name in enumerate(ORDERS[:2]):
        for before, after in comparisons([session], Kind(session.load(order), name), 10, 60, seed=3):
            sides = [one.series["run"].values for one in (before, after)]
            owners = [
                next(
                    process
                    for process in (0, 1)
                    if any(
                        np.array_equal(session.values[order, process, begin : begin + 60], side)
                        for begin in range(session.values.shape[-1] - 59)
                    )
                )
                for side in sides
            ]
            assert sorted(owners) == [0, 1]
            assert np.allclose(slowed(after, 1.05).series["run"].values, 1.05 * sides[1])


def test_visits_of_one_process_are_dealt_out(judged: list[Session]) -> None:
    session = judged[0]
    for before, after in comparisons([session], Kind(session.load(1), DEALT), 10, 60, seed=4):
        visits = [one.series["run"].at.reshape(12, session.visit)[:, 0] for one in (before, after)]
        order = np.argsort(np.concatenate(visits)) // 12
        assert order.tolist() in ([0, 1, 1, 0] * 6, [1, 0, 0, 1] * 6)
        (owner,) = (process for process in (0, 1) if visits[0][0] in session.at[1, process])
        assert np.isin(np.concatenate(visits), session.at[1, owner]).all()
        assert compare_measurements(before, after).in_turn


@pytest.mark.embedded
@pytest.mark.usefixtures("default_bundles")
def test_noise_is_recorded_and_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_traces, "VISITS", 3)
    monkeypatch.setattr(record_traces, "SUBJECTS", (("cls", 48, 192),))
    file = tmp_path / "traces.npz"
    monkeypatch.setattr(sys, "argv", ["record_traces", str(file), "--wait", "0", "--conditions", "bursts"])
    for sessions in (1, 2):
        assert record_traces.main() == 0
        found = read_sessions(file)
        assert len(found) == sessions
    session = found[1]
    assert session.values.shape == session.waits.shape == session.at.shape == (2, 2, 3 * record_traces.VISIT)
    assert (session.values > 0).all()
    assert (session.waits >= 0).all()
    # in turn: the second process began before the first ended; afterwards they followed one another
    assert session.at[0, 1, 0] < session.at[0, 0, -1]
    assert session.at[1, 1, 0] > session.at[1, 0, -1]
    assert session.part == JUDGED
    assert session.load(0) in LOADS
