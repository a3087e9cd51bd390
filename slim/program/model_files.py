"""An inference model as a program and its values, read from its folder and written to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.errors import ModelError
from slim.program.parameters import ParametersError, Values, read_parameters, write_parameters
from slim.program.program import Block, Program, read_program, write_program
from slim.program.wire import WireError
from slim.reference.predictor import MODEL_FILE, PARAMS_FILE, check_inference_model


@dataclass(frozen=True)
class InferenceModel:
    """A program and the values of its weights, by the names of their variables."""

    program: Program
    values: Mapping[str, Values]

    @property
    def block(self) -> Block:
        """The main block."""
        return self.program.blocks[0]


def read_model(folder: Path) -> InferenceModel:
    """Read an inference model.

    Raises:
        ModelError: The folder does not hold one, or a file is damaged.
    """
    check_inference_model(folder)
    name = MODEL_FILE
    try:
        program = read_program((folder / MODEL_FILE).read_bytes())
        name = PARAMS_FILE
        return InferenceModel(program, read_parameters(program, (folder / PARAMS_FILE).read_bytes()))
    except (WireError, ParametersError) as error:
        raise ModelError(folder / name, f"is damaged ({error})", "pull or export the model again") from None


def write_model(model: InferenceModel, folder: Path) -> None:
    """Write both files into a folder that exists."""
    (folder / MODEL_FILE).write_bytes(write_program(model.program))
    (folder / PARAMS_FILE).write_bytes(write_parameters(model.values))
