"""What the engine needs of the layer above it: conversion, and devices. Given to it, never imported."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from edge.predictor.protocol import Predictor
from slim.pipeline.step import Precision


@dataclass(frozen=True)
class FinishedModel:
    """An inference model as a converter wants it.

    Attributes:
        name: Of the result.
        folder: Holds the two files.
        dictionary: A recognizer's characters.
        precision: What it computes in.
    """

    name: str
    folder: Path
    dictionary: Path | None
    precision: Precision


class Converter(Protocol):
    """Turns inference models into ``.nb`` files for ARM."""

    def nb_bytes(self, model: FinishedModel) -> int:
        """Size of the model's ``.nb`` in bytes.

        Raises:
            ConversionError: It cannot be converted.
        """
        ...


class Place(Protocol):
    """A device that models are measured on."""

    @property
    def name(self) -> str:
        """As the user names it."""
        ...

    @property
    def computes_integers(self) -> bool:
        """Whether INT8 models give right results there; the x86 Paddle-Lite of the host does not."""
        ...

    def open(self, model: FinishedModel) -> AbstractContextManager[Predictor]:
        """The model, converted and ready to run there, during a block.

        Raises:
            ConversionError: It cannot be converted.
            PredictorError: It cannot be run there.
        """
        ...
