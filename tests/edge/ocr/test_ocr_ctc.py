"""Greedy CTC decoding against one that takes a step at a time."""

from __future__ import annotations

import numpy as np
import pytest

from edge.errors import TensorError
from edge.ocr.charset import CharacterSet, character_set
from edge.ocr.ctc import decode

ABC = character_set("abc")


def decode_slowly(steps: np.ndarray, characters: CharacterSet) -> tuple[str, float]:
    """One line, as the paper describes it: merge repeated labels, then remove blanks."""
    text, scores, previous = "", [], 0
    for step in steps:
        best = max(range(len(step)), key=lambda label: step[label])
        if best not in (0, previous):
            text += characters.classes[best]
            scores.append(float(step[best]))
        previous = best
    return text, sum(scores) / len(scores) if scores else 0.0


def steps_of(*labels: int, classes: int = 4) -> np.ndarray:
    """One line whose best label at every step is given, with probability 0.7."""
    output = np.full((1, len(labels), classes), 0.3 / (classes - 1), np.float32)
    output[0, np.arange(len(labels)), labels] = 0.7
    return output


@pytest.mark.parametrize(("batch", "time", "classes"), [(1, 1, 2), (5, 40, 4), (8, 80, 97), (3, 200, 30)])
def test_random_outputs(batch: int, time: int, classes: int) -> None:
    dice = np.random.default_rng(classes)
    characters = character_set([chr(0x4E00 + number) for number in range(classes - 1)])
    for sharpness in (1, 8):  # with 8, blanks and repeats are as frequent as in real outputs
        scores = np.exp(sharpness * dice.random((batch, time, classes)))
        scores[:, :, 0] *= sharpness
        repeat = dice.random((batch, time)) < 0.4
        for step in range(1, time):
            scores[repeat[:, step], step] = scores[repeat[:, step], step - 1]
        output = (scores / scores.sum(axis=2, keepdims=True)).astype(np.float32)
        read = decode(output, characters, batch)
        assert len(read) == batch
        for line, steps in zip(read, output, strict=True):
            text, score = decode_slowly(steps, characters)
            assert line.text == text
            assert line.score == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        ((1, 1, 1), "a"),
        ((1, 0, 1), "aa"),
        ((1, 1, 0, 0, 1, 1), "aa"),
        ((0, 1, 2, 3, 0), "abc"),
        ((1, 2, 1), "aba"),
        ((3,), "c"),
        ((0, 0, 0), ""),
        ((0,), ""),
    ],
)
def test_repeats_and_blanks(labels: tuple[int, ...], text: str) -> None:
    (line,) = decode(steps_of(*labels), ABC, 1)
    assert line.text == text
    assert line.score == pytest.approx(0.7 if text else 0.0)


def test_a_class_of_two_characters_and_one_of_none() -> None:
    # dictionaries whose lines were taken whole
    (line,) = decode(steps_of(1, 2, 3), CharacterSet(("", "p\t", "", "x")), 1)
    assert line.text == "p\tx"


def test_the_score_is_that_of_the_first_step_of_every_character() -> None:
    output = steps_of(1, 1, 2)
    output[0, 1, 1] = 0.95
    output[0, 2, 2] = 0.5
    assert decode(output, ABC, 1)[0].score == pytest.approx(0.6)


def test_no_lines_and_no_steps() -> None:
    assert decode(np.zeros((0, 10, 4), np.float32), ABC, 0) == []
    (line,) = decode(np.zeros((1, 0, 4), np.float32), ABC, 1)
    assert (line.text, line.score) == ("", 0.0)


@pytest.mark.parametrize("shape", [(1, 10, 5), (1, 10, 3), (10, 4), (1, 1, 10, 4)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(
        TensorError, match=r"^recognition output: has shape .*, where \(N, T, 4\) is expected; use"
    ):
        decode(np.zeros(shape, np.float32), ABC, 1)


@pytest.mark.parametrize(("lines", "batch"), [(2, 1), (1, 2), (8, 0)])
def test_outputs_for_other_lines_are_refused(lines: int, batch: int) -> None:
    """A network exported with a fixed batch would lose lines, or make some up."""
    with pytest.raises(
        TensorError, match=rf"^recognition output: has shape \({batch}, 10, 4\) for a batch of {lines}; "
    ):
        decode(np.zeros((batch, 10, 4), np.float32), ABC, lines)
