"""What a recipe of ``ppocr-edge ship`` says, as plain, immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from deploy_tools.conversion.options import Weights
from deploy_tools.conversion.slim_result import WEIGHTS
from deploy_tools.release.contents.policy import Allow
from edge.bundle.manifest import Task
from slim.recipes.recipe import Recipe
from slim.zoo.entry import Kind

FORMAT: Final = 1
LAST: Final = "last"
Beside = Path | Literal["last"]


@dataclass(frozen=True)
class SlimModel:
    """A model that is made small first.

    Attributes:
        task: What it does.
        recipe: Of ``slim``.
        quick: Only an early look, whose gates are not judged.
        seed: For all randomness.
        device: Where the result is judged; empty for Paddle alone.
        train: The user's data by the name of the source.
        evaluate: Likewise.
    """

    task: Task
    recipe: Recipe
    quick: bool
    seed: int
    device: str
    train: Mapping[str, Path]
    evaluate: Mapping[str, Path]

    @property
    def name(self) -> str:
        """Of the result."""
        return self.recipe.name

    @property
    def computes_integers(self) -> bool:
        """Whether it will compute in 8 bits."""
        return self.recipe.precision == "int8"

    @property
    def weights(self) -> Weights | None:
        """How its weights are stored."""
        return WEIGHTS.get(self.recipe.precision)


@dataclass(frozen=True)
class ReadyModel:
    """A model that is converted as it is.

    Attributes:
        task: What it does.
        name: Of the zoo; or of the folder.
        folder: Of an inference model of the user's own, or of a result of ``slim``; None for one of the zoo.
        kind: Of the zoo's model; None for the usual one.
        dictionary: Of a recognizer of the user's own.
        height: Of its input, in pixels; None for the usual one.
        space: Whether it has a class for the space.
        weights: How its weights are to be stored; None for as they are.
    """

    task: Task
    name: str
    folder: Path | None = None
    kind: Kind | None = None
    dictionary: Path | None = None
    height: int | None = None
    space: bool = True
    weights: Weights | None = None


ShippedModel = SlimModel | ReadyModel


@dataclass(frozen=True)
class Measuring:
    """What is measured, and what that is compared with.

    Attributes:
        devices: Names; each measures the models that it can run.
        against: A run, by its id, tag or file, than which nothing may be slower; empty for none.
        beside: Folder of a release that is measured again in turn with this one, than which nothing may be
            slower; ``last`` for the one before this one; None for none.
        threshold: By which share a case may be slower than there.
        tag: Name for the run, once the release is verified; empty for none.
        threads: Of the library; None for what the device says.
        runs: Each case is measured at least so often, and
        seconds: for so long.
        warmup: After so many seconds warming up ends.
        tolerance: How much outputs may differ from the golden ones; None for what the bundles say.
    """

    devices: tuple[str, ...] = ()
    against: str = ""
    beside: Beside | None = None
    threshold: float = 0.03
    tag: str = ""
    threads: int | None = None
    runs: int = 60
    seconds: float = 5.0
    warmup: float = 10.0
    tolerance: float | None = None


@dataclass(frozen=True)
class ShipRecipe:
    """A recipe, checked.

    Attributes:
        file: Where it was read, for messages.
        name: Of the release.
        version: Of the release; empty where the user is to say it.
        description: A line for people.
        targets: What the release is for.
        models: At most one of a task.
        measuring: On which devices, and compared with what.
        allow: What may pass that is refused otherwise.
        runners: Folders that ``runner build`` wrote.
        lite_homes: Folders of Paddle-Lite by target.
        android_libraries: Folders of Paddle-Lite for Android.
        licences: Of models of the user's own: ``MODEL=EXPRESSION``, or an expression for all of them.
        notices: Files whose text goes into the third-party notices.
        threads: To compute with; None for the processors that are there. Models depend on it.
    """

    file: str
    name: str
    version: str
    description: str
    targets: tuple[str, ...]
    models: tuple[ShippedModel, ...]
    measuring: Measuring = field(default_factory=Measuring)
    allow: tuple[Allow, ...] = ()
    runners: tuple[Path, ...] = ()
    lite_homes: Mapping[str, Path] = field(default_factory=dict)
    android_libraries: tuple[Path, ...] = ()
    licences: tuple[str, ...] = ()
    notices: tuple[Path, ...] = ()
    threads: int | None = None
