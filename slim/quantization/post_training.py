"""Post-training quantization: which layers compute in integers, and where their inputs are clipped.

Not PaddleSlim's own: its ``mse`` and ``emd`` take no negative number for one that can occur and keep the
threshold of whichever batch came out best, its ``avg`` fails on numbers without a dimension, and all need
minutes for what is done here in one pass.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from edge.errors import ModelError
from edge.predictor.protocol import Array
from slim.program.model_files import InferenceModel, read_model, write_model
from slim.quantization.calibration import CalibrationPictures, observe
from slim.quantization.equalization import equalized
from slim.quantization.histogram import Histogram
from slim.quantization.insertion import with_quantizers
from slim.quantization.layers import Layer, layers_of
from slim.quantization.thresholds import METHODS
from slim.reference.engine import PaddleEngine

BEST: Final = "best"
TRIAL_PICTURES: Final = 16
"""Pictures that methods are compared on."""
LAYER_PICTURES: Final = 4
"""Pictures that each layer is tried on by itself, where some are to stay in float."""

Told = Callable[[str], None]


@dataclass(frozen=True)
class PostTrainingSettings:
    """How a model is quantized after training.

    Attributes:
        method: A name in `METHODS`, or ``best``: whichever changes the model's output least.
        share: Of all numbers that method ``hist`` does not clip.
        pictures: How many are looked at.
        layers: Kinds of layers that are quantized.
        keep_float: So many layers stay in float: those that change the output most when quantized alone.
        equalize: Whether channels before depthwise convolutions are brought to one size first.
    """

    method: str
    share: float
    pictures: int
    layers: tuple[str, ...]
    keep_float: int
    equalize: bool

    @property
    def methods(self) -> tuple[str, ...]:
        """Methods to try."""
        return tuple(METHODS) if self.method == BEST else (self.method,)

    def runs(self, pictures: int, layers: int) -> int:
        """How often the model is run, for so many pictures and layers."""
        trials = len(self.methods) if len(self.methods) > 1 else 0
        alone = layers * min(pictures, LAYER_PICTURES) if self.keep_float else 0
        return pictures + trials * min(pictures, TRIAL_PICTURES) + alone


def quantize(
    folder: Path, out: Path, pictures: CalibrationPictures, settings: PostTrainingSettings, told: Told
) -> str:
    """Write the quantized model.

    Args:
        folder: The float model.
        out: Gets both files; must exist.
        pictures: To look at.
        settings: How.
        told: Called after every run of the model, with what it was for.

    Returns:
        The method that was taken.

    Raises:
        ModelError: The model has no layer to quantize, or Paddle cannot run it.
    """
    model = read_model(folder)
    layers = [layer for layer in layers_of(model) if layer.kind in settings.layers]
    if not layers:
        raise ModelError(
            folder, "has no layers that can compute in integers", "start from a float model of the zoo"
        )
    if settings.equalize:
        model = equalized(model)
    histograms = {layer.activation: Histogram() for layer in layers}

    def look(values: Mapping[str, Array]) -> None:
        for name, histogram in histograms.items():
            histogram.add(values[name])
        told("calibrate")

    with tempfile.TemporaryDirectory(prefix="ppocr-edge-float-") as place:
        write_model(model, Path(place))
        outputs = observe(Path(place), histograms, pictures, look)
    trial = _Trial(model, pictures, outputs, told)
    if settings.keep_float:
        thresholds = _thresholds(histograms, settings.methods[0], settings.share)
        layers = trial.without_worst(layers, thresholds, settings.keep_float)
    candidates = {name: _thresholds(histograms, name, settings.share) for name in settings.methods}
    method = trial.best(layers, candidates)
    write_model(_quantized(model, layers, candidates[method]), out)
    return method


Thresholds = Mapping[str, float]


def _thresholds(histograms: Mapping[str, Histogram], method: str, share: float) -> Thresholds:
    return {name: METHODS[method](one, share) for name, one in histograms.items()}


def _quantized(model: InferenceModel, layers: list[Layer], thresholds: Thresholds) -> InferenceModel:
    return with_quantizers(model, {layer: thresholds[layer.activation] for layer in layers})


class _Trial:
    """Runs quantized models and compares their outputs with those of the float model."""

    def __init__(
        self, model: InferenceModel, pictures: CalibrationPictures, outputs: list[Array], told: Told
    ) -> None:
        self._model, self._pictures, self._outputs, self._told = model, pictures, outputs, told

    def best(self, layers: list[Layer], candidates: Mapping[str, Thresholds]) -> str:
        """The method whose thresholds change the output least."""
        if len(candidates) == 1:
            return next(iter(candidates))
        lost = {
            name: self._lost(_quantized(self._model, layers, one), TRIAL_PICTURES, f"try {name}")
            for name, one in candidates.items()
        }
        return min(lost, key=lambda name: lost[name])

    def without_worst(self, layers: list[Layer], thresholds: Thresholds, count: int) -> list[Layer]:
        """The layers without those that change the output most when they alone are quantized."""
        lost = {
            layer: self._lost(
                _quantized(self._model, [layer], thresholds), LAYER_PICTURES, f"try {layer.kind} alone"
            )
            for layer in layers
        }
        worst = sorted(layers, key=lambda layer: -lost[layer])[:count]
        return [layer for layer in layers if layer not in worst]

    def _lost(self, quantized: InferenceModel, count: int, note: str) -> float:
        """Mean squared change of the output."""
        with tempfile.TemporaryDirectory(prefix="ppocr-edge-quantized-") as folder:
            write_model(quantized, Path(folder))
            engine = PaddleEngine(Path(folder))
        errors = []
        for tensor, expected in zip(self._pictures.first(count), self._outputs, strict=False):
            output = engine.run([tensor])[0]
            errors.append(float(np.square(np.subtract(output, expected, dtype=np.float64)).mean()))
            self._told(note)
        return float(np.mean(errors))
