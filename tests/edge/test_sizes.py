"""Sizes as people read them."""

from __future__ import annotations

import pytest

from edge.sizes import size_text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (61_349, "61.3 kB"),
        (99_949, "99.9 kB"),
        (100_000, "0.10 MB"),
        (1_936_000, "1.94 MB"),
        (94_800_000, "94.80 MB"),
    ],
)
def test_the_unit_shows_the_size(size: int, text: str) -> None:
    assert size_text(size) == text
