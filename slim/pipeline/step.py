"""What the engine asks of a compression step, and what it promises.

A *state* is a model between two steps: a folder that only ``slim.networks`` understands (``network.json`` and
``weights.npz``), or one with ``inference.pdmodel`` and ``inference.pdiparams``. The engine hashes and moves
states and never looks into them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Protocol

from edge.errors import InputError
from slim.pipeline.data import DataSet
from slim.zoo.entry import Entry

Form = Literal["network", "inference"]
"""What a state is: a network of ``slim.networks`` that can be trained, or an inference model."""

Precision = Literal["fp32", "int8", "int8-weights", "int16-weights"]
"""Of a model, in the words of a bundle: ``int8`` computes in integers, ``-weights`` only stores them."""

Progress = Callable[[int, int, str], None]
"""Called with (done, total, note). Iterations so far and in all, counting those of earlier, interrupted runs;
the note is a few words for people (``loss 0.123``)."""


@dataclass(frozen=True)
class StepContext:
    """Everything a step may depend on besides its settings and the state before it.

    Attributes:
        entry: The zoo's facts of the model: task, network, input shape, classes.
        dictionary: The recognizer's characters; None for detection and classification.
        original: The state the recipe began with, unpruned and in float: the teacher.
        train: Data to train and calibrate on, in the recipe's order. What the gates are measured on is not
            for steps to see: not even a sensitivity may choose by it.
        seed: For all randomness of this step; differs from step to step.
        threads: For Paddle and for data loading together.
        quick: An early look is wanted: cut iterations so that the step takes well under a minute.
        progress: Where to report; called from anywhere in the step's own process.
    """

    entry: Entry
    dictionary: Path | None
    original: Path
    train: tuple[DataSet, ...]
    seed: int
    threads: int
    quick: bool
    progress: Progress

    def training_images(self) -> tuple[Path, ...]:
        """All pictures to train on, in the recipe's order.

        Raises:
            InputError: There are none.
        """
        images = tuple(image for data in self.train for image in data.images)
        if not images:
            raise InputError(
                "training data", "there is none", "give a folder or label file with --train, or install fonts"
            )
        return images


class Step(Protocol):
    """One step of a recipe: a frozen dataclass whose fields are its settings, all of them plain values.

    Every call of :meth:`estimate` and :meth:`run` is made in a new process (``python -m slim.pipeline``),
    with ``threads`` in the environment of its libraries: nothing that Paddle remembers can make a resumed run
    differ. What is printed there is not shown. Ctrl-C and the death of the engine end that process at once.

    Its parser (see ``slim/pipeline/kinds.py``) is called with the step's part of the recipe
    (:class:`slim.recipes.fields.Fields`) and returns it; keys the parser did not ask for are refused by the
    reader. What ``dataclasses.asdict`` gives is part of the step's fingerprint.

    Attributes:
        kind: Its key in recipes.
        revision: Raised whenever the same settings begin to give another result, so that finished steps of
            older versions are run again.
        takes: Which forms of state it can start from. Where that is ``inference`` alone, a network is
            exported before it.
        gives: The form of the state it leaves; None for the form it got.
        precision: What the model is afterwards; None for what it was.
    """

    kind: ClassVar[str]
    revision: ClassVar[int]
    takes: ClassVar[frozenset[Form]]
    gives: ClassVar[Form | None]
    precision: ClassVar[Precision | None]

    def describe(self) -> str:
        """One line for ``--preview``, the manifest and the report: what it does, with its settings."""
        ...

    def estimate(self, before: Path, context: StepContext) -> float:
        """Seconds that :meth:`run` will take here, best measured with two or three real iterations.

        Must not take longer than a few seconds, and must leave nothing behind.

        Args:
            before: The nearest state that exists already: in a preview that of the recipe's beginning, so
                the real one may be smaller, and an inference model where this step will get one.
            context: As for :meth:`run`.
        """
        ...

    def run(self, before: Path, after: Path, work: Path, context: StepContext) -> None:
        """Do it.

        The same settings, state, data, seed and versions must give the same bytes in ``after``, also when the
        run was killed (``kill -9``, at any moment) and called again.

        Args:
            before: Finished state of the step before; read-only.
            after: An empty folder to fill. What a killed run left in it is gone when the step is called
                again.
            work: A folder that survives kill -9, for the step's own checkpoints: write a file beside and
                rename it. It belongs to these very inputs: when one of them changes it is emptied. Removed
                once the step is done.
            context: See :class:`StepContext`.

        Raises:
            PpocrEdgeError: What the user gave cannot be used.
        """
        ...
