"""Steps of recipes, parsed and run on their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import yaml

from slim.data.labels import LabelledLine
from slim.data.synthetic import SyntheticLines
from slim.pipeline.data import DataSet
from slim.pipeline.step import Progress, Step, StepContext
from slim.recipes.fields import Fields
from slim.zoo.catalog import find_entry

S = TypeVar("S")
CLASSIFIER = "ch_ppocr_mobile_v2.0_cls"


def step_fields(kind: str, text: str) -> Fields:
    """A step's part of a recipe; the text is YAML."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(node, yaml.MappingNode)
    return Fields(node, "recipe.yml", f"steps.{kind}")


def parsed_step(parse: Callable[[Fields], S], kind: str, text: str) -> S:
    """A step as its parser reads it, which must ask for every key."""
    fields = step_fields(kind, text)
    step = parse(fields)
    fields.finish()
    return step


def run_step(step: Step, before: Path, folder: Path, context: StepContext) -> Path:
    """Run a step, or go on with it; returns the state it left."""
    after, work = folder / "after", folder / "work"
    after.mkdir(parents=True, exist_ok=True)
    work.mkdir(exist_ok=True)
    step.run(before, after, work, context)
    return after


def drawn_lines(folder: Path, count: int, characters: str = "abcdefghijklmnopqrstuvwxyz") -> tuple[Path, ...]:
    """Pictures of so many lines of text in these characters, always the same."""
    lines = SyntheticLines(characters, count=count, seed=1)
    paths = tuple(folder / f"{number}.png" for number in range(count))
    for number, path in enumerate(paths):
        lines[number].picture.save(path)
    return paths


def classifier_context(
    original: Path,
    lines: tuple[Path, ...],
    *,
    quick: bool = False,
    progress: Progress = lambda *_: None,
) -> StepContext:
    """Of a step that changes the angle classifier.

    Args:
        original: Its state before all steps.
        lines: Pictures to train on; none for no data.
        quick: As an early look.
        progress: As steps tell it.
    """
    labelled = tuple(LabelledLine(path, "") for path in lines)
    return StepContext(
        entry=find_entry(CLASSIFIER),
        dictionary=None,
        original=original,
        train=(DataSet("lines", False, (), labelled, "0" * 64, synthetic=True),) if lines else (),
        seed=3,
        threads=1,
        quick=quick,
        progress=progress,
    )
