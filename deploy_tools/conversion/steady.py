"""Golden tensors: an input, and what Paddle answers; of INT8 models an input on which it stays with that.

On most inputs a correct device differs from Paddle by up to 0.6 in a map of probabilities, since floats that
are rounded in another order end in other integers here and there. On some it differs by 1e-5: those are
looked for with copies of the model that are disturbed as little as another order does.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from deploy_tools.conversion.golden import golden_input, golden_inputs, golden_output
from deploy_tools.conversion.source import ModelSource
from deploy_tools.conversion.tolerance import STEADY, tolerance_of
from edge.nb.model import Precision
from edge.predictor.process import ProcessPredictor
from edge.predictor.protocol import Array, Predictor
from edge.predictor.spec import InputSpec
from slim.program.model_files import read_model, write_model
from slim.quantization.disturbance import with_disturbance
from slim.reference.predictor import PaddlePredictor

COPIES: Final = 4
"""Where all of them agree, an ARM library did too, on each of 11 inputs of 3 detectors: one by 0.007, the
others by 2e-5."""
_AGREES: Final = 1e-3
_TEXT: Final = 0.5
"""What a detector's map reaches where it sees text: else the input would tell nothing."""


@dataclass(frozen=True)
class GoldenTensors:
    """What a bundle is checked with.

    Attributes:
        input: As the network takes it.
        output: Paddle's.
        tolerance: The largest absolute difference of a correct library.
    """

    input: Array
    output: Array
    tolerance: float


def golden_tensors(
    source: ModelSource, spec: InputSpec, reference: Predictor, precision: Precision
) -> GoldenTensors:
    """The golden input and output of a model.

    Args:
        source: The model.
        spec: What it takes.
        reference: Paddle, with the model that the golden output is of.
        precision: Of the converted model.

    Raises:
        ConversionError: The model cannot take the input, or its output is none of its task.
        ModelError: A file of it is damaged.
        PredictorError: Paddle died or hung.
        OSError: There is no room for a disturbed copy.
    """
    tensor = golden_input(source.parameters)
    usual = GoldenTensors(
        tensor, golden_output(source, reference, tensor), tolerance_of(source.task, precision)
    )
    if precision != "int8":
        return usual
    found = []
    for tensor in golden_inputs(source.parameters):
        output = golden_output(source, reference, tensor)
        if source.task != "det" or float(output.max()) > _TEXT:
            found.append(GoldenTensors(tensor, output, STEADY))
    steady = _steady(source, spec, found)
    return steady[0] if steady else usual


def _steady(
    source: ModelSource, spec: InputSpec, tensors: Sequence[GoldenTensors]
) -> Sequence[GoldenTensors]:
    """Those whose output is that of all disturbed copies too."""
    with ExitStack() as stack:
        copies = [stack.enter_context(_disturbed(source, spec, seed)) for seed in range(COPIES)]
        for number, copy in enumerate(copies):
            if not tensors:
                break
            for other in copies[number + 1 : number + 2]:
                other.start()  # it loads while this one computes
            tensors = [one for one in tensors if _agrees(copy.run([one.input])[0], one.output)]
            copy.close()
    return tensors


@contextmanager
def _disturbed(source: ModelSource, spec: InputSpec, seed: int) -> Iterator[ProcessPredictor]:
    with tempfile.TemporaryDirectory(prefix="ppocr-edge-golden-") as folder:
        write_model(with_disturbance(read_model(source.folder), seed), Path(folder))
        with PaddlePredictor(Path(folder), [spec], name=str(source.folder)) as predictor:
            yield predictor


def _agrees(one: Array, other: Array) -> bool:
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=0, atol=_AGREES))
