"""An item depends on the seed and its number alone: not on order, process, or how many there are."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from slim.data.synthetic import SyntheticLines, SyntheticPages

REPOSITORY = Path(__file__).resolve().parents[4]
SIZE = (320, 240)

PROGRAM = """
import hashlib, json, sys
from slim.data.synthetic import SyntheticLines, SyntheticPages
characters, order = json.loads(sys.argv[1]), json.loads(sys.argv[2])
lines = SyntheticLines(characters, count=50, seed=3)
pages = SyntheticPages(characters, count=50, seed=3, size=(320, 240))
def digest(item):
    label = item.text if hasattr(item, "text") else repr([(b.text, b.quad.tolist()) for b in item.boxes])
    return hashlib.sha256(item.picture.tobytes() + label.encode()).hexdigest()
print(json.dumps({
    "lines": {i: digest(lines[i]) for i in order}, "pages": {i: digest(pages[i]) for i in order}
}))
"""


def elsewhere(characters: str, order: list[int], hash_seed: str) -> Mapping[str, Mapping[str, str]]:
    """Digests of items drawn by a process of its own, with another order of Python's sets."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(characters), json.dumps(order)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        cwd=REPOSITORY,
        check=True,
        timeout=120,
    )
    result: Mapping[str, Mapping[str, str]] = json.loads(done.stdout)
    return result


def test_processes_draw_the_same_in_any_order(chinese: str) -> None:
    first = elsewhere(chinese, [0, 5, 17, 31, 49], "1")
    second = elsewhere(chinese, [49, 17, 0, 31, 5], "2")
    assert first == {kind: dict(sorted(second[kind].items(), key=lambda one: int(one[0]))) for kind in second}
    assert len({*first["lines"].values(), *first["pages"].values()}) == 10
    lines = SyntheticLines(chinese, count=18, seed=3)
    here = hashlib.sha256(lines[17].picture.tobytes() + lines[17].text.encode()).hexdigest()
    assert first["lines"]["17"] == here


def test_the_count_changes_no_item(english: str) -> None:
    few, many = (SyntheticLines(english, count=count, seed=1) for count in (3, 300))
    assert [item.text for item in few] == [many[i].text for i in range(3)]
    assert len(few) == 3
    assert len(many) == 300


def test_seeds_differ(english: str) -> None:
    texts = {tuple(item.text for item in SyntheticLines(english, count=8, seed=seed)) for seed in range(8)}
    assert len(texts) == 8
    pages = [SyntheticPages(english, count=1, seed=seed, size=SIZE)[0].picture for seed in (0, 1)]
    assert not np.array_equal(*map(np.asarray, pages))


@pytest.mark.parametrize("index", [-1, 3])
def test_items_outside_are_refused(english: str, index: int) -> None:
    with pytest.raises(IndexError, match="of 3"):
        SyntheticLines(english, count=3, seed=0)[index]
