"""Networks to ask: real ones on Paddle-Lite and on Paddle, and programs that break the rules."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from edge.bundle.bundle import Bundle
from edge.predictor.lite import lite_predictor
from edge.predictor.process import ProcessPredictor
from edge.predictor.spec import InputSpec
from slim.reference import PaddlePredictor

FOLDERS = {
    "det": "ch_PP-OCRv4_det_infer",
    "cls": "ch_ppocr_mobile_v2_cls_infer",
    "rec": "ch_PP-OCRv4_rec_infer",
}
ANY = InputSpec((-1, -1))


@pytest.fixture(scope="session")
def open_lite(default_bundles: Mapping[str, Bundle]) -> Callable[..., ProcessPredictor]:
    """``open_lite(task, **options of lite_predictor)``; the test closes it."""

    def open_it(task: str, **options: object) -> ProcessPredictor:
        bundle = default_bundles[task]
        return lite_predictor(bundle.model_path, bundle.nb, bundle.manifest.input, **options)  # type: ignore[arg-type]

    return open_it


@pytest.fixture(scope="session")
def on_lite(open_lite: Callable[..., ProcessPredictor]) -> Iterator[Mapping[str, ProcessPredictor]]:
    """One predictor per task on Paddle-Lite, for tests that leave it as it is."""
    opened = {task: open_lite(task) for task in FOLDERS}
    yield opened
    for predictor in opened.values():
        predictor.close()


@pytest.fixture(scope="session")
def on_paddle(
    embedded_models: Path, default_bundles: Mapping[str, Bundle]
) -> Iterator[Mapping[str, ProcessPredictor]]:
    """The same networks on Paddle."""
    opened = {
        task: PaddlePredictor(embedded_models / folder, [default_bundles[task].manifest.input])
        for task, folder in FOLDERS.items()
    }
    yield opened
    for predictor in opened.values():
        predictor.close()


@pytest.fixture(scope="session")
def behaved() -> str:
    """The beginning of a program with ``greet()`` and ``answer(*arrays)``, as `scripted` says."""
    return _BEHAVED


@pytest.fixture
def scripted() -> Iterator[Callable[..., ProcessPredictor]]:
    """``scripted(code, **options of ProcessPredictor)``: a predictor whose child is a program of the test's.

    The program has ``greet()`` and ``answer(*arrays)``, which behave, and may do between them what it likes.
    """
    opened: list[ProcessPredictor] = []

    def open_it(code: str, **options: object) -> ProcessPredictor:
        command = [sys.executable, "-c", _BEHAVED + code]
        opened.append(ProcessPredictor("scripted", command, [ANY], **options))  # type: ignore[arg-type]
        return opened[-1]

    yield open_it
    for predictor in opened:
        predictor.close()


_BEHAVED = """
import os, signal, sys, time
import numpy as np
from edge.predictor.frames import Channel
channel = Channel(0, 1)
def greet():
    channel.send({"library_version": "0"})
def answer(*arrays):
    channel.receive()
    channel.send({"ms": 1.0}, arrays)
"""
