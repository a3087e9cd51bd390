"""What is not let through, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from deploy_tools.conversion.source import ModelSource
from deploy_tools.release.contents.policy import Allow
from deploy_tools.ship.gates import judge_gates
from deploy_tools.ship.stopped import Stopped
from edge.ocr.parameters import ClassificationParameters, DetectionParameters
from tests.release_kit.made_bundles import result


def model(name: str, origin: dict[str, Any], folder: Path = Path("nowhere")) -> ModelSource:
    if name.endswith("det"):
        return ModelSource(name, folder, "det", DetectionParameters(), None, origin)
    return ModelSource(name, folder, "cls", ClassificationParameters(), None, origin)


def test_models_that_passed_are_let_through() -> None:
    sources = {"det": model("a_det", {"result": result()}), "cls": model("b_cls", {"result": result()})}
    assert judge_gates(sources, ()).said == "det passed, cls passed"  # type: ignore[arg-type]


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "report.html").touch()
    sources = {
        "det": model("a_det", {"result": result("failed")}, tmp_path),
        "cls": model("b_cls", {"zoo": "b_cls"}),
    }
    with pytest.raises(Stopped) as stopped:
        judge_gates(sources, ())  # type: ignore[arg-type]
    assert [(one.subject, one.found) for one in stopped.value.objections] == [
        ("det a_det", "accuracy on lines: loses 0.25 points, allowed are 0.3 points"),
        ("cls b_cls", "no recipe judged it"),
    ]
    text = "\n".join(stopped.value.remedies)
    for word in ("allow: [failed-gates]", "allow: [no-gates]", f"look at {tmp_path / 'report.html'}"):
        assert word in text
    assert stopped.value.to_json()["stopped"] == "gates"


@pytest.mark.parametrize(
    ("gates", "allow", "passes"),
    [
        ("failed", ["failed-gates"], True),
        ("failed", ["no-gates"], False),
        ("not judged", ["no-gates"], True),
        ("not judged", ["failed-gates"], False),
        ("not judged", [], False),
    ],
)
def test_each_word_lets_its_own_through(gates: str, allow: Sequence[Allow], passes: bool) -> None:
    sources = {"cls": model("b_cls", {"result": result(gates)})}
    if passes:
        assert judge_gates(sources, allow).said == f"cls {gates}"  # type: ignore[arg-type]
        return
    with pytest.raises(Stopped):
        judge_gates(sources, allow)  # type: ignore[arg-type]
