"""What a converted model is worth on the x86 build: refused, compared, or only warned about."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from deploy_tools.conversion.options import ConversionOptions
from deploy_tools.conversion.source import ModelSource
from edge.errors import ConversionError, PredictorError, PredictorTimeoutError
from edge.nb.model import NbModel, Precision
from edge.predictor.lite import LITE_TARGETS, lite_predictor
from edge.predictor.protocol import Array
from edge.predictor.spec import InputSpec

INTEGER_ON_X86: Final = (
    "the x86 build does not compute INT8 models correctly: judge this model on an ARM device"
)


COMPARED: Final[frozenset[Precision]] = frozenset({"fp32", "int8-weights", "int16-weights"})
"""What is computed in float, so that Paddle computes the same."""


def refuse_known_garbage(source: ModelSource, options: ConversionOptions) -> None:
    """Refuse integer weights on x86 where they were measured to give garbage.

    Recognition and classification give NaN or a constant with INT8 and INT16 weights alike on the 2.13rc0
    wheel; detectors, which have no linear layers, are computed as they should be, and compared.

    Raises:
        ConversionError: This is such a case.
    """
    if options.weights and options.target == "x86" and source.task != "det":
        raise ConversionError(
            source.name,
            f"{options.weights} weights compute garbage on x86 for a {source.task} model (measured: NaN)",
            "convert with --target arm, or without --weights",
        )


def compare_on_host(
    path: Path,
    nb: NbModel,
    spec: InputSpec,
    tensor: Array,
    expected: Array,
    source: ModelSource,
    tolerance: float,
) -> float | None:
    """Run a model converted for x86 on its golden input.

    Returns:
        The largest absolute difference from the reference's output; infinity where the result is NaN; None
        for models this host cannot run.

    Raises:
        ConversionError: A model that computes in float differs by more than the tolerance.
    """
    if not nb.runs_on(LITE_TARGETS):
        return None
    with lite_predictor(path, nb, spec, name=source.name) as predictor:
        try:
            output = predictor.run([tensor])[0]
        except PredictorTimeoutError:
            raise
        except PredictorError:
            if nb.precision in COMPARED:
                raise
            return float("inf")
    difference = float("inf")
    if output.shape == expected.shape:
        difference = float(np.abs(np.subtract(output, expected, dtype=np.float64)).max())
    if nb.precision in COMPARED and not difference <= tolerance:
        raise ConversionError(
            source.name,
            f"the converted model differs from Paddle by {difference:.2g} on its golden input",
            "this library does not compute the model; try another target",
        )
    return difference


def warnings_for(nb: NbModel, difference: float | None) -> tuple[str, ...]:
    """What a user should know before running a model."""
    if nb.precision in COMPARED or "x86" not in nb.targets:
        return ()
    measured = (
        ""
        if difference is None
        else f" (largest difference from Paddle on the golden input: {difference:.2g})"
    )
    return (f"{nb.precision} for x86: {INTEGER_ON_X86}{measured}",)
