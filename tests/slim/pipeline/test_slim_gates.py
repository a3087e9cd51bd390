from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from slim.evaluation import Evaluation, RecognitionEvaluation
from slim.evaluation.recognition import LineCase
from slim.pipeline.gates import Evidence, judge
from slim.recipes.recipe import Gate

BASE = Gate("exact", "lines", None, "float", None, None, confident=False)


def read(*right: bool) -> RecognitionEvaluation:
    """Lines of which some are read right."""
    return RecognitionEvaluation(
        tuple(
            LineCase(Path(f"{number}.png"), "Harbour", "Harbour" if one else "Harb0ur", 0.9)
            for number, one in enumerate(right)
        )
    )


def evidence(result: Evaluation, beginning: Evaluation, published: Evaluation | None = None) -> Evidence:
    beside = {"lines": published} if published else {}
    return Evidence({"parameters": 100}, {"lines": result}, {"lines": beginning}, beside, "Paddle")


# 200 lines: of the beginning all are right, of the result one is wrong
ALL, ONE_WRONG = read(*[True] * 200), read(False, *[True] * 199)


@pytest.mark.parametrize(
    ("allowed", "confident", "passed"),
    [
        (0.5, False, True),  # exactly as much as is allowed
        (0.4999, False, False),
        (0.5, True, False),  # the interval reaches further
        (3.0, True, True),
    ],
)
def test_a_loss_is_measured_picture_by_picture(allowed: float, confident: bool, passed: bool) -> None:
    gate = replace(BASE, largest_loss=allowed, confident=confident)
    verdict = judge(gate, evidence(ONE_WRONG, ALL))
    assert verdict.found is not None
    assert verdict.found.value == pytest.approx(0.5)
    assert verdict.passed is passed


def test_a_gain_is_no_loss() -> None:
    verdict = judge(replace(BASE, largest_loss=0.0), evidence(ALL, ONE_WRONG))
    assert verdict.passed is True
    assert verdict.line().startswith(
        "exact on lines: gains 0.50 points (interval of the loss -1.50 … 0.00) against"
    )


def test_more_character_errors_are_a_loss() -> None:
    gate = replace(BASE, measure="cer", largest_loss=0.01)
    verdict = judge(gate, evidence(ONE_WRONG, ALL))
    assert verdict.found is not None
    # one of 200 · 7 characters
    assert verdict.found.value == pytest.approx(100 / 1400)
    assert verdict.passed is False


def test_limits_bound_from_their_side() -> None:
    assert judge(replace(BASE, least=99.5), evidence(ONE_WRONG, ALL)).passed is True
    assert judge(replace(BASE, least=99.6), evidence(ONE_WRONG, ALL)).passed is False
    assert judge(replace(BASE, least=99.5, confident=True), evidence(ONE_WRONG, ALL)).passed is False
    errors = replace(BASE, measure="cer")
    assert judge(replace(errors, most=0.1), evidence(ONE_WRONG, ALL)).passed is True
    assert judge(replace(errors, most=0.05), evidence(ONE_WRONG, ALL)).passed is False


def test_agreement_is_with_the_beginning() -> None:
    gate = replace(BASE, measure="agreement", least=99.5)
    assert judge(gate, evidence(ONE_WRONG, ALL)).passed is True
    assert judge(replace(gate, least=100), evidence(ONE_WRONG, ALL)).passed is False
    # both are wrong where they are wrong, and agree
    assert judge(replace(gate, least=100), evidence(ONE_WRONG, ONE_WRONG)).passed is True


def test_the_published_model_is_another_standard() -> None:
    gate = replace(BASE, largest_loss=0.0, against="published")
    assert judge(gate, evidence(ONE_WRONG, ALL, ONE_WRONG)).passed is True
    assert judge(gate, evidence(ONE_WRONG, ALL, ALL)).passed is False
    assert judge(gate, evidence(ONE_WRONG, ALL)).passed is None


def test_costs_need_no_data() -> None:
    gate = Gate("parameters", None, None, "float", None, 100, confident=False)
    verdict = judge(gate, evidence(ALL, ALL))
    assert (verdict.passed, verdict.line()) == (True, "parameters: 100, allowed are 100 or less")
    assert judge(replace(gate, most=99), evidence(ALL, ALL)).passed is False
    assert judge(replace(gate, measure="nb_bytes"), evidence(ALL, ALL)).passed is None


def test_what_was_not_measured_is_not_judged() -> None:
    verdict = judge(replace(BASE, data="other", least=1.0), evidence(ALL, ALL))
    assert verdict.passed is None
    assert verdict.line() == "exact on other: there is no such data"
