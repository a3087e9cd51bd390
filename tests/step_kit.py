"""Steps of recipes, parsed and run on their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import yaml

from slim.pipeline.step import Step, StepContext
from slim.recipes.fields import Fields

S = TypeVar("S")


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
