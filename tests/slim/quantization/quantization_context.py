"""What the engine gives a step of a recipe for the angle classifier."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from slim.data.labels import LabelledLine
from slim.pipeline.data import DataSet
from slim.pipeline.step import StepContext
from slim.zoo.catalog import find_entry


def context_of(
    model: Path, lines: tuple[Path, ...], progress: Callable[[int, int, str], None]
) -> StepContext:
    labelled = tuple(LabelledLine(path, "") for path in lines)
    return StepContext(
        entry=find_entry("ch_ppocr_mobile_v2.0_cls"),
        dictionary=None,
        original=model,
        train=(DataSet("lines", False, (), labelled, "0" * 64, synthetic=True),) if lines else (),
        seed=3,
        threads=1,
        quick=False,
        progress=progress,
    )
