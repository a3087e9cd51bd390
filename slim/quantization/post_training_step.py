"""The step ``quantize``: an inference model that computes in integers, without training."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from slim.pipeline.state import form_of, write_inference
from slim.pipeline.step import Form, Precision, StepContext
from slim.program.model_files import read_model
from slim.quantization.calibration import calibration_pictures, observe
from slim.quantization.layers import CONVOLUTION, DEPTHWISE, LINEAR, layers_of
from slim.quantization.post_training import BEST, PostTrainingSettings, quantize
from slim.quantization.thresholds import METHODS
from slim.recipes.fields import Fields

QUICK_PICTURES: Final = 8
_KINDS: Final = (CONVOLUTION, DEPTHWISE, LINEAR)


@dataclass(frozen=True)
class Quantize:
    """Post-training quantization; see :class:`slim.pipeline.step.Step`."""

    kind: ClassVar[str] = "quantize"
    revision: ClassVar[int] = 1
    takes: ClassVar[frozenset[Form]] = frozenset({"inference"})
    gives: ClassVar[Form | None] = "inference"
    precision: ClassVar[Precision | None] = "int8"

    settings: PostTrainingSettings

    def describe(self) -> str:
        """See :class:`slim.pipeline.step.Step`."""
        one = self.settings
        how = (
            f"clipped by the best of {', '.join(METHODS)}"
            if one.method == BEST
            else f"clipped by {one.method}"
        )
        but = f", but for the {one.keep_float} that lose most" if one.keep_float else ""
        kinds = " and ".join(", ".join(one.layers).rsplit(", ", 1))
        return f"quantize {kinds} layers to 8 bits{but}: {how} on {one.pictures} pictures; LSTM in float"

    def estimate(self, before: Path, context: StepContext) -> float:
        """See :class:`slim.pipeline.step.Step`."""
        with tempfile.TemporaryDirectory(prefix="ppocr-edge-estimate-") as folder:
            model = Path(folder)
            if form_of(before) == "inference":
                model = before
            else:
                write_inference(before, model)
            layers = layers_of(read_model(model))
            times: list[float] = [time.perf_counter()]
            names = [layer.activation for layer in layers]
            pictures = calibration_pictures(context, 3)
            observe(model, names, pictures, lambda _: times.append(time.perf_counter()))
        a_run = min(end - start for start, end in zip(times[1:] or times, times[2:] or times, strict=False))
        count = len(calibration_pictures(context, self._pictures(context)))
        return a_run * self.settings.runs(count, len(layers)) + 2.0

    def run(self, before: Path, after: Path, work: Path, context: StepContext) -> None:  # noqa: ARG002
        """See :class:`slim.pipeline.step.Step`."""
        pictures = calibration_pictures(context, self._pictures(context))
        done = 0
        total = self.settings.runs(len(pictures), len(layers_of(read_model(before))))

        def told(note: str) -> None:
            nonlocal done
            done += 1
            context.progress(min(done, total), total, note)

        method = quantize(before, after, pictures, self.settings, told)
        context.progress(total, total, f"clipped by {method}")

    def _pictures(self, context: StepContext) -> int:
        return min(self.settings.pictures, QUICK_PICTURES) if context.quick else self.settings.pictures


def parse(fields: Fields) -> Quantize:
    """Read the step's part of a recipe.

    Raises:
        InputError: A value is impossible.
    """
    layers = fields.texts("layers", _KINDS)
    for one in layers:
        if one not in _KINDS:
            fields.refuse("layers", f"has {one!r}", f"write kinds of layers: {', '.join(_KINDS)}")
    return Quantize(
        PostTrainingSettings(
            method=fields.choice("method", (*METHODS, BEST), "hist"),
            share=fields.share("share", 0.9999),
            pictures=fields.whole("pictures", 64, least=1, most=10_000),
            layers=tuple(kind for kind in _KINDS if kind in layers),
            keep_float=fields.whole("keep_float", 0, most=1000),
            equalize=fields.flag("equalize", True),
        )
    )
