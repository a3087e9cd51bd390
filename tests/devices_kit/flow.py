"""Everything a user does with a device, by the command line: from giving it a name to forgetting it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.command import Ended, run_command

WITHOUT_NAMING = ("push", "run", "bench", "evaluate")
"""Steps of a device that is always there."""


@dataclass(frozen=True)
class Work:
    """What a device is given to do.

    Attributes:
        bundles: By task.
        pictures: To read.
        words: Labels of words.
        count: So many of these are judged.
        repeats: Runs of each network that are measured.
    """

    bundles: Mapping[str, Path]
    pictures: Sequence[Path]
    words: Path
    count: int
    repeats: int = 3


@dataclass(frozen=True)
class Step:
    """One command that ended.

    Attributes:
        name: What it was for.
        ended: How it ended.
        seconds: How long it took.
    """

    name: str
    ended: Ended
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether it did what it was for."""
        return self.ended.code == 0

    def texts(self) -> list[list[str]]:
        """Of ``run``: the lines of every picture, in their order."""
        return [[line["text"] for line in json.loads(page)["lines"]] for page in self.ended.out.splitlines()]


def whole_flow(
    device: str, way: Sequence[str], work: Work, folder: Path, *, seconds: float = 120
) -> Iterator[Step]:
    """Do all of it, each step whatever became of those before.

    Args:
        device: Its name.
        way: What follows ``devices add NAME``; nothing for a device that is always there.
        work: What it does.
        folder: Where the commands run.
        seconds: Time limit of each.
    """
    bundles = list(work.bundles.values())
    on = ("--device", device, "--json")
    steps: dict[str, Sequence[object]] = {
        "add": ("devices", "add", device, *way, "--json"),
        "doctor": ("doctor", "--device", device),
        "push": ("bench", *bundles, "--warmup", 1, "--repeats", 1, *on),
        "run": (
            *("run", *work.pictures, *on),
            *("--bundle", *(f"{task}={bundle}" for task, bundle in work.bundles.items())),
        ),
        "bench": ("bench", *bundles, "--repeats", work.repeats, *on),
        "evaluate": ("evaluate", work.bundles["rec"], "--data", work.words, "-n", work.count, *on),
        "clean": ("devices", "clean", device, "--json"),
        "remove": ("devices", "remove", device),
    }
    for name, words in steps.items():
        if way or name in WITHOUT_NAMING:
            start = time.perf_counter()
            ended = run_command(*words, cwd=folder, limit=seconds)
            yield Step(name, ended, time.perf_counter() - start)
