"""Distillation of an angle classifier beside its own task: lines are turned here, so labels are known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import paddle
from paddle.nn import functional as F
from PIL import Image

from edge.ocr.lines import line_batch
from edge.ocr.parameters import ClassificationParameters
from slim.networks.stored import read_stored
from slim.training.line_pictures import LinePictures, LineSettings
from slim.training.student import Student
from slim.training.task import Batch, Job


@dataclass(frozen=True)
class AngleLoss:
    """How angles are compared.

    Attributes:
        teacher: Weight of the cross entropy against the teacher's probabilities.
        truth: Weight of the cross entropy against the angle itself.
    """

    teacher: float = 1.0
    truth: float = 0.3


@dataclass(frozen=True)
class ClassifierTask:
    """An angle classifier and its teacher.

    Attributes:
        student: To start from.
        teacher: Stored network to be like.
        images: Pictures of lines that stand upright.
        parameters: Of classification.
        lines: How training pictures are drawn.
        loss: How outputs are compared.
        seed: Of the run.
    """

    student: Student
    teacher: Path
    images: tuple[Path, ...]
    parameters: ClassificationParameters
    lines: LineSettings
    loss: AngleLoss
    seed: int

    def build(self) -> Job:
        """See :class:`slim.training.task.Task`."""
        student, teacher = self.student.build(), read_stored(self.teacher).build()
        teacher.eval()
        lines = LinePictures(self.images, self.parameters.height, self.lines, self.seed)

        def batch(step: int, part: int) -> Batch:
            pictures, _, rng = lines.draw(step, part)
            turned = rng.integers(2, size=len(pictures))
            shown = [
                one.transpose(Image.Transpose.ROTATE_180) if turn else one
                for one, turn in zip(pictures, turned, strict=True)
            ]
            return line_batch(shown, self.parameters.height, self.parameters.width), turned.astype(np.int64)

        def loss(network: Any, batch: Batch) -> paddle.Tensor:
            tensor, turned = (paddle.to_tensor(one) for one in batch)
            with paddle.no_grad():
                theirs = teacher(tensor)
            logits = network(tensor)
            entropy = -(theirs * F.log_softmax(logits, axis=-1)).sum(axis=-1).mean()
            return self.loss.teacher * entropy + self.loss.truth * F.cross_entropy(logits, turned)

        return Job(student, loss, batch)
