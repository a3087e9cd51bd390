"""Steps that are small and real: they change weights, count, keep checkpoints, and can be killed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from edge.errors import InputError
from slim.pipeline.kinds import Parser
from slim.pipeline.step import Form, Precision, Step, StepContext
from slim.recipes.fields import Fields

INFERENCE: frozenset[Form] = frozenset({"inference"})
HOLD = "PPOCR_EDGE_TEST_HOLD"
"""Variable: after so many iterations `Count` waits to be ended; how far it gets by itself nobody can say."""


@dataclass(frozen=True)
class Count:
    """Hashes on and on; every iteration takes a while and is kept."""

    kind: ClassVar[str] = "prune"
    revision: ClassVar[int] = 1
    takes: ClassVar[frozenset[Form]] = INFERENCE
    gives: ClassVar[Form | None] = None
    precision: ClassVar[Precision | None] = None

    steps: int
    sleep: float

    def describe(self) -> str:
        return f"count {self.steps} iterations"

    def estimate(self, before: Path, context: StepContext) -> float:
        return self.steps * self.sleep

    def run(self, before: Path, after: Path, work: Path, context: StepContext) -> None:
        done, text = 0, f"{context.seed} {[data.sha256 for data in context.train]}"
        checkpoint = work / "checkpoint.json"
        if checkpoint.exists():
            done, text = json.loads(checkpoint.read_text())
        while done < self.steps:
            while os.environ.get(HOLD) == str(done):
                context.progress(done, self.steps, "held")
                time.sleep(0.05)
            time.sleep(self.sleep)
            done, text = done + 1, hashlib.sha256(text.encode()).hexdigest()
            unfinished = work / "checkpoint.part"
            unfinished.write_text(json.dumps([done, text]))
            unfinished.rename(checkpoint)
            context.progress(done, self.steps, f"now {text[:4]}")
        for file in before.iterdir():
            shutil.copyfile(file, after / file.name)
        (after / "counted.txt").write_text(text)


@dataclass(frozen=True)
class Noise:
    """Adds noise to the weights: a model that is worse, or ruined."""

    kind: ClassVar[str] = "weights"
    revision: ClassVar[int] = 1
    takes: ClassVar[frozenset[Form]] = INFERENCE
    gives: ClassVar[Form | None] = "inference"
    precision: ClassVar[Precision | None] = "int8"

    scale: float

    def describe(self) -> str:
        return f"noise of {self.scale:g}"

    def estimate(self, before: Path, context: StepContext) -> float:
        return 3.0

    def run(self, before: Path, after: Path, work: Path, context: StepContext) -> None:
        import numpy as np
        import paddle

        paddle.enable_static()
        executor = paddle.static.Executor(paddle.CPUPlace())
        program, feeds, targets = paddle.static.load_inference_model(str(before / "inference"), executor)
        dice = np.random.default_rng(context.seed)
        scope = paddle.static.global_scope()
        for variable in sorted(program.list_vars(), key=lambda one: one.name):
            if variable.persistable and variable.name not in ("feed", "fetch") and len(variable.shape) == 4:
                tensor = scope.find_var(variable.name).get_tensor()
                values = np.array(tensor)
                noise = dice.normal(0, self.scale * values.std(), values.shape)
                tensor.set((values + noise).astype(np.float32), paddle.CPUPlace())
        feed = [program.global_block().var(name) for name in feeds]
        paddle.static.save_inference_model(
            str(after / "inference"), feed, targets, executor, program=program, clip_extra=False
        )
        context.progress(1, 1, "")


@dataclass(frozen=True)
class Failing:
    """Ends in the way it is told."""

    kind: ClassVar[str] = "distil"
    revision: ClassVar[int] = 1
    takes: ClassVar[frozenset[Form]] = INFERENCE
    gives: ClassVar[Form | None] = None
    precision: ClassVar[Precision | None] = None

    how: str

    def describe(self) -> str:
        return f"fail by {self.how}"

    def estimate(self, before: Path, context: StepContext) -> float:
        return 1.0

    def run(self, before: Path, after: Path, work: Path, context: StepContext) -> None:
        if self.how == "error":
            raise InputError("photographs", "show cats", "give photographs of text")
        if self.how == "bug":
            raise ZeroDivisionError("seven")
        import signal

        print("last words", flush=True)
        os.kill(os.getpid(), signal.SIGSEGV)


def parse_count(fields: Fields) -> Step:
    return Count(fields.whole("steps", least=1), fields.number("sleep", 0.0))


def parse_noise(fields: Fields) -> Step:
    return Noise(fields.number("scale"))


def parse_failing(fields: Fields) -> Step:
    return Failing(fields.choice("how", ("error", "bug", "crash")))


PARSERS: dict[str, Parser] = {"prune": parse_count, "weights": parse_noise, "distil": parse_failing}


def parser_of(kind: str) -> Parser:
    return PARSERS[kind]
