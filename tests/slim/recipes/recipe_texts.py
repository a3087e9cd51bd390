"""Recipes to read, and steps that need no network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from slim.pipeline.kinds import Parser
from slim.pipeline.step import Form, Precision, Step, StepContext
from slim.recipes.fields import Fields
from slim.recipes.reader import parse_recipe
from slim.recipes.recipe import Recipe

GOOD = """\
recipe: 1
name: ch_ppocr_mobile_slim_v2.0_det
description: Smaller
model: ch_ppocr_mobile_v2.0_det
kind: trained
seed: 7
data:
  train:
    photographs: {files: any}
    pages: {synthetic: pages, count: 20, dictionary: ppocr_keys_v1.txt, seed: 3}
  evaluate:
    photographs: {files: labelled}
    more: {files: any, optional: true}
steps:
  - prune: {share: 0.25, method: fpgm, minutes: 5}
  - distil: {steps: 300}
gates:
  - {measure: hmean, largest_loss: 0.5 points, data: photographs, confident: true}
  - {measure: hmean, largest_loss: 0 points, against: published, data: photographs}
  - {measure: agreement, least: 95 %, data: more}
  - {measure: parameters, most: 441_000}
"""


@dataclass(frozen=True)
class Settings:
    """A step of any kind."""

    kind: ClassVar[str] = "prune"
    revision: ClassVar[int] = 1
    takes: ClassVar[frozenset[Form]] = frozenset({"network"})
    gives: ClassVar[Form | None] = None
    precision: ClassVar[Precision | None] = None

    share: float = 0.5
    method: str = "l1"
    steps: int = 1

    def describe(self) -> str:
        return "nothing"

    def estimate(self, before: Path, context: StepContext) -> float:
        return 1.0

    def run(self, before: Path, after: Path, work: Path, context: StepContext) -> None:
        raise AssertionError("only read")


class Quantized(Settings):
    """One that ends training."""

    kind = "quantize"
    takes = frozenset({"network", "inference"})
    gives = "inference"
    precision = "int8"


def parser_of(kind: str) -> Parser:
    def parse(fields: Fields) -> Step:
        maker = Quantized if kind == "quantize" else Settings
        return maker(
            fields.share("share", 0.5),
            fields.choice("method", ("l1", "fpgm"), "l1"),
            fields.whole("steps", 1, least=1),
        )

    return parse


def read(text: str) -> Recipe:
    """The recipe in a text, as ``slim.yml``."""
    return parse_recipe(text, "slim.yml", parser_of)
