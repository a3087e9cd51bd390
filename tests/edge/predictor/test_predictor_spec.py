"""What an input must look like, and how that is said."""

from __future__ import annotations

import numpy as np
import pytest

from edge.errors import TensorError
from edge.predictor.spec import InputSpec, check_inputs

PAGES = InputSpec((1, 3, -1, -1), multiples=(1, 1, 32, 32))
LINES = InputSpec((-1, 3, 48, -1), name="lines")


@pytest.mark.parametrize(
    ("spec", "shape"),
    [
        (PAGES, (1, 3, 32, 32)),
        (PAGES, (1, 3, 640, 32)),
        (LINES, (1, 3, 48, 1)),
        (LINES, (9, 3, 48, 777)),
        (InputSpec(()), ()),
    ],
)
def test_what_suits(spec: InputSpec, shape: tuple[int, ...]) -> None:
    spec.check(np.zeros(shape, np.float32))


@pytest.mark.parametrize(
    ("spec", "shape", "axis"),
    [
        (PAGES, (2, 3, 32, 32), 0),
        (PAGES, (1, 4, 32, 32), 1),
        (PAGES, (1, 3, 33, 32), 2),
        (PAGES, (1, 3, 32, 16), 3),
        (PAGES, (1, 3, 0, 32), 2),
        (LINES, (0, 3, 48, 9), 0),
        (LINES, (1, 3, 47, 9), 2),
    ],
)
def test_what_does_not_says_which_axis(spec: InputSpec, shape: tuple[int, ...], axis: int) -> None:
    with pytest.raises(TensorError) as caught:
        spec.check(np.zeros(shape, np.float32))
    assert f"axis {axis} must suit {spec.describe()}" in str(caught.value)
    assert str(shape) in str(caught.value)
    assert repr(spec.name) in caught.value.subject


def test_described_in_words() -> None:
    assert PAGES.describe() == "(1, 3, 32·n, 32·n)"
    assert LINES.describe() == "(n, 3, 48, n)"


def test_as_many_inputs_as_the_network_takes() -> None:
    one = np.zeros((1, 3, 48, 8), np.float32)
    check_inputs([LINES, LINES], [one, one])
    for inputs in ([], [one], [one] * 3):
        with pytest.raises(TensorError, match=f"{len(inputs)} given; the network takes 2"):
            check_inputs([LINES, LINES], inputs)
