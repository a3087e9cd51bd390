"""What measurements of two releases in turn say, and where they were torn apart."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.scenarios.conditions import Conditions
from deploy_tools.scenarios.plan import Part, Plan, Unit
from deploy_tools.ship.beside import LastModels
from deploy_tools.ship.in_turn import InTurn, is_torn, paired
from deploy_tools.ship.stopped import Stopped
from edge.errors import InputError
from tests.deploy_tools.comparison.made_measurements import made, steady

FILE = Path("/work/runs/latency/finished/content/run.json.gz")


def bundle(task: str, sha256: str, processor: str = "arm") -> Any:
    nb = SimpleNamespace(sha256=sha256, main_target=processor)
    return SimpleNamespace(manifest=SimpleNamespace(task=task), nb=nb)


def measured(task: str, sha256: str, subject: str, milliseconds: float, **more: Any) -> Measurement:
    return replace(made(steady(milliseconds), subject, **more), inputs={task: sha256})


def in_turn(old: list[Any], new: list[Any], *measurements: Measurement) -> InTurn:
    last = LastModels("tiny-0.9", {(one.manifest.task, one.nb.main_target): one for one in old})
    return InTurn(last, new, measurements, 0.03)


def test_everything_is_told_of_every_task() -> None:
    ended = in_turn(
        [bundle("det", "d0"), bundle("cls", "c"), bundle("rec", "r0")],
        [bundle("det", "d1"), bundle("cls", "c")],
        measured("det", "d0", "det of tiny-0.9", 10),
        measured("det", "d1", "det", 10),
        measured("cls", "c", "cls", 1),
    ).judge(FILE)
    assert ended.said == "1 same, cls: the same model, rec: only in tiny-0.9"


def test_only_what_is_slower_beyond_the_threshold_stops_and_the_command_shows_it() -> None:
    with pytest.raises(Stopped) as stopped:
        in_turn(
            [bundle("det", "d0"), bundle("cls", "c0")],
            [bundle("det", "d1"), bundle("cls", "c1")],
            measured("det", "d0", "my det of tiny-0.9", 10),
            measured("det", "d1", "det", 12, precision="int8"),
            measured("cls", "c0", "cls of tiny-0.9", 10),
            measured("cls", "c1", "cls", 8),
        ).judge(FILE)
    assert [one.subject for one in stopped.value.objections] == ["det on pi4"]
    closer, again, threshold = stopped.value.remedies
    words = ["compare", str(FILE), str(FILE), "--device", "pi4", "--model", "my det of tiny-0.9"]
    words += ["--model", "det", "--pair", "my det of tiny-0.9=det", "--pair", "fp32=int8"]
    assert shlex.split(closer) == ["look", "closer:", "ppocr-edge", *words]
    assert again.endswith("rm -r /work/runs/latency")
    assert "measure.threshold" in threshold


@pytest.mark.parametrize(
    ("old", "why"),
    [
        ([bundle("rec", "r0")], "cls: not in tiny-0.9, rec: only in tiny-0.9"),
        ([bundle("cls", "c0")], "does not run"),
    ],
)
def test_nothing_compared_is_a_mistake(old: list[Any], why: str) -> None:
    with pytest.raises(InputError, match=f"measure.beside tiny-0.9: has no model that was .*{why}"):
        in_turn(old, [bundle("cls", "c1")], measured("cls", "c1", "cls", 1)).judge(FILE)


def test_a_model_for_another_processor_is_none_beside() -> None:
    last = LastModels("tiny-0.9", {("cls", "x86"): bundle("cls", "c0", "x86")})
    assert last.beside(bundle("cls", "c1")) is None
    assert list(last.changed([bundle("cls", "c1", "x86"), bundle("cls", "c2")])) == [
        last.bundles["cls", "x86"]
    ]
    assert list(last.changed([bundle("cls", "c0", "x86")])) == []


def unit(task: str, subject: str) -> Unit:
    return Unit("pi4", (Part(Case("latency", subject), {task: subject}),), Conditions())


def test_old_ones_come_first_under_a_name_of_their_own() -> None:
    det, cls = paired([unit("det", "a"), unit("cls", "b")], [unit("cls", "b")], "tiny-0.9")
    assert [part.case.subject for part in det.parts] == ["a"]
    assert [part.case.subject for part in cls.parts] == ["b of tiny-0.9", "b"]
    plan = Plan("latency", (det, cls), Conditions())
    (first,), (old, new) = ([("pi4", part.case.key) for part in one.parts] for one in (det, cls))
    for measured_so_far in ([], [first], [first, old, new], [old, new]):
        assert not is_torn(plan, measured_so_far)
    for torn in ([old], [first, new]):
        assert is_torn(plan, torn)
