"""What is done with states, by functions of ``slim.networks`` and in child processes."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from slim.pipeline.step import Form
from slim.reference.predictor import MODEL_FILE, PARAMS_FILE
from slim.zoo.buildable import is_buildable
from slim.zoo.entry import Architecture, Entry, Kind


@dataclass(frozen=True)
class StateCost:
    """Size of a model.

    Attributes:
        parameters: Numbers in the weights, means and variances of batch norms among them as in the published
            counts; scales of quantization not.
        macs: Multiply-accumulate operations for one input of the usual size.
        input_shape: That input.
    """

    parameters: int
    macs: int
    input_shape: tuple[int, ...]


def first_form(architecture: Architecture, kind: Kind) -> Form | None:
    """What a recipe begins with: a network where one can be built; None where nothing can be made of it."""
    buildable = is_buildable(architecture)
    if kind is Kind.TRAINED:
        return "network" if buildable else None
    if kind is Kind.INFERENCE:
        return "network" if buildable else "inference"
    return "inference" if kind is Kind.SLIM_INFERENCE else None


def form_of(state: Path) -> Form:
    """What a state is."""
    return "inference" if (state / MODEL_FILE).is_file() else "network"


def write_beginning(model: Path, entry: Entry, kind: Kind, out: Path) -> None:
    """Make the first state of a published model.

    Args:
        model: Its folder in the zoo's store.
        entry: The zoo's facts.
        kind: Which kind the folder holds.
        out: Empty folder to fill.

    Raises:
        ModelError: The model's files are not what the zoo says.
    """
    if first_form(entry.architecture, kind) == "inference":
        for name in (MODEL_FILE, PARAMS_FILE):
            shutil.copyfile(model / name, out / name)
        return
    from slim.networks.checkpoint import checkpoint_file, read_checkpoint
    from slim.networks.from_inference import weights_from_inference
    from slim.networks.plan import published_plan
    from slim.networks.stored import StoredNetwork, write_stored

    plan = published_plan(entry)
    if kind is Kind.TRAINED:
        stored = StoredNetwork(plan, read_checkpoint(checkpoint_file(model)))
        stored.build()  # every weight has its place
    else:
        stored = StoredNetwork(plan, weights_from_inference(model, plan))
    write_stored(stored, out)


def write_inference(state: Path, out: Path) -> None:
    """Make the inference model of a state; of one that is an inference model, a copy.

    Args:
        state: The state.
        out: Empty folder to fill.
    """
    if form_of(state) == "inference":
        for name in (MODEL_FILE, PARAMS_FILE):
            shutil.copyfile(state / name, out / name)
        return
    from slim.networks.export import export_network
    from slim.networks.stored import read_stored

    stored = read_stored(state)
    export_network(stored.build(), stored.plan, out)


def cost_of(model: Path, shape: tuple[int, ...]) -> StateCost:
    """Count parameters and operations.

    Args:
        model: Folder of an inference model.
        shape: Input (1, 3, H, W) to count for.
    """
    from slim.pipeline.program_cost import program_cost

    return StateCost(*program_cost(model, shape), shape)


def look_at(state: Path, out: Path, shape: tuple[int, ...]) -> StateCost:
    """Make the inference model of a state and count it; see :func:`write_inference` and :func:`cost_of`."""
    write_inference(state, out)
    return cost_of(out, shape)
