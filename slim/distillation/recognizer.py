"""Distillation of a recognizer: the student's classes at every column are drawn to the teacher's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import paddle
from paddle.nn import functional as F

from edge.ocr.lines import line_batch
from edge.ocr.parameters import RecognitionParameters
from edge.ocr.recognize import input_width
from slim.networks.stored import read_stored
from slim.training.line_pictures import LinePictures, LineSettings
from slim.training.student import Student
from slim.training.task import Batch, Job

_BLANK: Final = 0


@dataclass(frozen=True)
class ColumnLoss:
    """How classes at every column are compared.

    Attributes:
        text: How much more a column counts where the teacher sees a character.
        features: Weight of the squared difference of what the LSTM gives.
    """

    text: float = 4.0
    features: float = 1.0


@dataclass(frozen=True)
class RecognizerTask:
    """A recognition network and its teacher.

    Attributes:
        student: To start from.
        teacher: Stored network to be like.
        images: Line pictures; labels are not needed.
        parameters: Of recognition.
        lines: How training pictures are drawn.
        loss: How outputs are compared.
        seed: Of the run.
    """

    student: Student
    teacher: Path
    images: tuple[Path, ...]
    parameters: RecognitionParameters
    lines: LineSettings
    loss: ColumnLoss
    seed: int

    def build(self) -> Job:
        """See :class:`slim.training.task.Task`."""
        student: Any = self.student.build()
        teacher: Any = read_stored(self.teacher).build()
        teacher.eval()
        lines = LinePictures(self.images, self.parameters.height, self.lines, self.seed)

        def batch(step: int, part: int) -> Batch:
            pictures, _, _ = lines.draw(step, part)
            # as wide as recognition makes the widest of them
            width = max(input_width(one.size, self.parameters) for one in pictures)
            return (line_batch(pictures, self.parameters.height, width),)

        def loss(network: Any, batch: Batch) -> paddle.Tensor:
            tensor = paddle.to_tensor(batch[0])
            with paddle.no_grad():
                their_features = teacher.neck(teacher.backbone(tensor))
                truth = teacher.head(their_features)
            features = network.neck(network.backbone(tensor))
            return self._compare(network.head(features), features, truth, their_features)

        return Job(student, loss, batch)

    def _compare(
        self, logits: paddle.Tensor, features: paddle.Tensor, truth: paddle.Tensor, theirs: paddle.Tensor
    ) -> paddle.Tensor:
        """Logits and probabilities (N, T, classes), features (N, T, C); a scalar."""
        weight = 1 + self.loss.text * (1 - truth[:, :, _BLANK])
        entropy = -(truth * F.log_softmax(logits, axis=-1)).sum(axis=-1)
        columns = (entropy * weight).sum() / weight.sum()
        return columns + self.loss.features * F.mse_loss(features, theirs)
