"""The chain of states of a recipe: each made from the one before, once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from slim.pipeline.data import DataSet
from slim.pipeline.folders import Slot, fingerprint, hashes_of
from slim.pipeline.request import SlimRequest, step_seed, step_values
from slim.pipeline.state import StateCost, form_of, look_at, write_beginning, write_inference
from slim.pipeline.step import Progress, StepContext
from slim.pipeline.step_calls import estimate_steps, run_step, silent
from slim.pipeline.work import in_child
from slim.reference.predictor import MODEL_FILE, PARAMS_FILE
from slim.zoo.json_file import write_json
from slim.zoo.local_model import LocalModel

COST: Final = "cost.json"
_REVISION: Final = 1
"""Raised when exports or counts of the same network change: those of older versions are made again."""


class Chain:
    """Makes states, in ``WORK/states``, and their inference models, in ``WORK/models``.

    Args:
        request: The recipe, seed, threads.
        model: The published model it begins with.
        work: Folder that survives.
        versions: Of the tools.
        train: Data of the steps.
        shape: Input that costs are counted for.
    """

    def __init__(
        self,
        request: SlimRequest,
        model: LocalModel,
        work: Path,
        versions: Mapping[str, str],
        train: Sequence[DataSet],
        shape: tuple[int, ...],
    ) -> None:
        self._request = request
        self._model = model
        self._work = work.absolute()
        self._versions = dict(versions)
        self._train = tuple(train)
        self._shape = shape
        self._threads = request.threads
        self.states: list[Slot] = []

    def begin(self) -> None:
        """Make the first state."""
        slot = Slot(self._work / "states" / "0-beginning")
        kind = self._model.kind
        inputs = {"model": self._model_values(), "versions": self._versions}
        if slot.record(inputs) is None:
            with slot.making(inputs) as folder:
                in_child(
                    self._model.entry.name,
                    write_beginning,
                    self._model.folder,
                    self._model.entry,
                    kind,
                    folder,
                    threads=self._threads,
                )
        self.states = [slot]

    def kept(self, index: int) -> float | None:
        """Seconds that a step took in an earlier run, where its result still holds; it is taken over then."""
        slot, inputs = self._slot(index), self._inputs(index)
        record = slot.record(inputs)
        if record is None:
            return None
        shutil.rmtree(slot.work, ignore_errors=True)  # a kill may have come between two moves
        self.states.append(slot)
        return float(record["seconds"])

    def run(self, index: int, progress: Progress) -> float:
        """Run a step, or go on with it where it was interrupted.

        Args:
            index: Which step of the recipe, from 0; the state before it is there.
            progress: Told how far it is.

        Returns:
            Seconds it took, over all attempts.
        """
        step = self._request.recipe.steps[index].step
        slot, inputs = self._slot(index), self._inputs(index)
        with slot.making(inputs) as after:
            before = self._fitting(self.states[index].content, step.takes)
            context = self.context(index)
            in_child(
                f"step {index + 1}, {step.kind}",
                run_step,
                step,
                before,
                after,
                slot.work,
                context,
                threads=self._threads,
                progress=progress,
            )
        self.states.append(slot)
        record = slot.record(inputs)
        assert record is not None  # noqa: S101  (it was just made)
        return float(record["seconds"])

    def estimate(self, first: int, progress: Progress) -> list[float]:
        """Seconds of the steps from one on, measured with the state before that one."""
        plans = self._request.recipe.steps[first:]
        calls = [(plan.step, self.context(first + number)) for number, plan in enumerate(plans)]
        before = self.states[first].content
        return in_child(
            "the steps' estimates", estimate_steps, calls, before, threads=self._threads, progress=progress
        )

    def context(self, index: int) -> StepContext:
        """What a step gets."""
        step = self._request.recipe.steps[index].step
        return StepContext(
            entry=self._model.entry,
            dictionary=self._model.dictionary,
            original=self.states[0].content,
            train=self._train,
            seed=step_seed(self._request.seed, index, step.kind),
            threads=self._threads,
            quick=self._request.quick,
            progress=silent,
        )

    def inference(self, number: int) -> tuple[Path, StateCost]:
        """The inference model of a state and its cost.

        Args:
            number: Of the state: 0 is the beginning.
        """
        return self.inference_of(self.states[number].content)

    def inference_of(self, state: Path) -> tuple[Path, StateCost]:
        """The inference model of a state, or of a published model, and its cost.

        States with equal files share it: a step may have looked at a network and left it as it was.
        """
        inputs = {
            "state": _model_files(state),
            "shape": list(self._shape),
            "revision": _REVISION,
            "versions": self._versions,
        }
        slot = Slot(self._work / "models" / fingerprint(inputs)[:16])
        if slot.record(inputs) is None:
            with slot.making(inputs) as folder:
                model = folder / "model"
                model.mkdir()
                cost = in_child(
                    "the inference model", look_at, state, model, self._shape, threads=self._threads
                )
                write_json(folder / COST, {"parameters": cost.parameters, "macs": cost.macs})
        values = _read_cost(slot.content / COST)
        return slot.content / "model", StateCost(values["parameters"], values["macs"], self._shape)

    def _fitting(self, state: Path, takes: frozenset[Any]) -> Path:
        """The state, or its inference model where a step takes nothing else."""
        if form_of(state) in takes:
            return state
        folder = self._work / "exported"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        in_child("the inference model", write_inference, state, folder, threads=self._threads)
        return folder

    def _slot(self, index: int) -> Slot:
        kind = self._request.recipe.steps[index].step.kind
        return Slot(self._work / "states" / f"{index + 1}-{kind}")

    def _inputs(self, index: int) -> dict[str, Any]:
        step = self._request.recipe.steps[index].step
        return {
            "step": step_values(step),
            "before": fingerprint(hashes_of(self.states[index].content)),
            "original": fingerprint(hashes_of(self.states[0].content)),
            "train": [[one.name, one.sha256] for one in self._train],
            "seed": step_seed(self._request.seed, index, step.kind),
            "threads": self._threads,
            "quick": self._request.quick,
            "versions": self._versions,
        }

    def _model_values(self) -> dict[str, Any]:
        return {
            "name": self._model.entry.name,
            "kind": self._model.kind.value,
            "sha256": dict(self._model.sha256),
        }


def _model_files(state: Path) -> dict[str, str]:
    """Hashes of what the model of a state is made from; steps may keep notes beside it."""
    hashes = hashes_of(state)
    if form_of(state) == "network":
        return hashes
    return {name: hashes[name] for name in (MODEL_FILE, PARAMS_FILE)}


def _read_cost(path: Path) -> dict[str, int]:
    values: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))
    return values
