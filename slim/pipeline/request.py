"""What is asked of the engine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from slim.pipeline.outside import Converter, Place
from slim.pipeline.step import Step
from slim.recipes.recipe import Recipe


@dataclass(frozen=True)
class SlimRequest:
    """A recipe with its data and where the result goes.

    Attributes:
        recipe: What to do.
        out: Folder of the result.
        train: The user's data by the name of the source.
        evaluate: Likewise.
        seed: For all randomness of the steps.
        threads: For all computations.
        quick: An early look: less data, fewer iterations; its gates are shown, not judged.
        again: Replace a result of something else; measure and write the same one anew.
        renew: Replace a result of something else, and keep the same one.
        converter: Makes ``.nb`` files; None leaves their sizes out.
        place: A device to measure the result on; None for Paddle's simulation alone.
    """

    recipe: Recipe
    out: Path
    train: Mapping[str, Path]
    evaluate: Mapping[str, Path]
    seed: int
    threads: int
    quick: bool = False
    again: bool = False
    renew: bool = False
    converter: Converter | None = None
    place: Place | None = None


def step_values(step: Step) -> dict[str, Any]:
    """A step as plain values: kind, revision, settings."""
    settings: dict[str, Any] = asdict(step)  # type: ignore[call-overload]
    return {"kind": step.kind, "revision": step.revision, "settings": settings}


def recipe_values(recipe: Recipe) -> dict[str, Any]:
    """What a recipe says, as plain values: the same for the same meaning, whatever its comments."""
    return {
        "name": recipe.name,
        "model": recipe.model,
        "kind": recipe.kind.value,
        "train": [asdict(source) for source in recipe.train],
        "evaluate": [asdict(source) for source in recipe.evaluate],
        "steps": [step_values(plan.step) for plan in recipe.steps],
        "gates": [asdict(gate) for gate in recipe.gates],
    }


def step_seed(seed: int, index: int, kind: str) -> int:
    """The seed of one step, 0 to 2**31 - 1."""
    digest = hashlib.sha256(f"{seed}/{index}/{kind}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1
