"""Distillation of a detector: the student's probability map is drawn to the teacher's.

Where photographs have labels, these correct the teacher first: text that it missed, and text that it saw
where there is none. That is the task's own loss (the probability map's in M. Liao et al., Real-time Scene
Text Detection with Differentiable Binarization, AAAI 2020) without the pixels on which a teacher that finds
lines and labels of words may both be right.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import paddle
from paddle.nn import functional as F

from edge.ocr.parameters import DetectionParameters
from slim.data.labels import LabelledPage
from slim.networks.stored import read_stored
from slim.training.page_crops import CropSettings, PageCrops
from slim.training.student import Student
from slim.training.task import Batch, Job
from slim.training.text_truth import NO_TEXT, TEXT

_EPSILON: Final = 1e-6


@dataclass(frozen=True)
class MapLoss:
    """How two probability maps are compared.

    Attributes:
        entropy: Weight of the binary cross entropy against the teacher's soft map.
        dice: Weight of the soft dice loss, which counts regions, not pixels.
        text: How much more a pixel counts where the teacher sees any text at all.
    """

    entropy: float = 2.0
    dice: float = 1.0
    text: float = 4.0

    def __call__(self, student: paddle.Tensor, teacher: paddle.Tensor) -> paddle.Tensor:
        """Compare (N, 1, H, W) logits of the student with probabilities of the teacher; a scalar."""
        weight = 1 + self.text * (teacher > 0.05).astype("float32")
        entropy = F.binary_cross_entropy_with_logits(student, teacher, reduction="none")
        entropy = (entropy * weight).sum() / weight.sum()
        found = F.sigmoid(student)
        both, each = (found * teacher).sum(), (found * found).sum() + (teacher * teacher).sum()
        return self.entropy * entropy + self.dice * (1 - 2 * both / (each + _EPSILON))


def corrected(teacher: paddle.Tensor, labels: paddle.Tensor, belief: float) -> paddle.Tensor:
    """What the student is drawn to: the teacher's map, and what labels say.

    Args:
        teacher: Probabilities (N, 1, H, W).
        labels: uint8 (N, 1, H, W) as from :func:`slim.training.text_truth.draw_truth`.
        belief: How much labels are believed where they contradict: 0 not at all, 1 wholly.
    """
    text = (labels == TEXT).astype("float32")
    none = (labels == NO_TEXT).astype("float32")
    return teacher + belief * (text * (1 - teacher) - none * teacher)


def map_logits(network: Any, pictures: paddle.Tensor) -> paddle.Tensor:
    """The probability map before its sigmoid, without the threshold map that nobody needs here."""
    return network.head.binarize(network.neck(network.backbone(pictures)))


@dataclass(frozen=True)
class DetectorTask:
    """A detection network and its teacher.

    Attributes:
        student: To start from.
        teacher: Stored network to be like.
        pages: Photographs. Labels are not needed; where there are some, crops are taken around them.
        labelled: For every page, whether its labels are to correct the teacher.
        belief: How much: 0 not at all, 1 wholly.
        parameters: Of detection.
        crops: How training pictures are drawn.
        loss: How maps are compared.
        seed: Of the run.
    """

    student: Student
    teacher: Path
    pages: tuple[LabelledPage, ...]
    labelled: tuple[bool, ...]
    belief: float
    parameters: DetectionParameters
    crops: CropSettings
    loss: MapLoss
    seed: int

    def build(self) -> Job:
        """See :class:`slim.training.task.Task`."""
        student, teacher = self.student.build(), read_stored(self.teacher).build()
        teacher.eval()

        def loss(network: Any, batch: Batch) -> paddle.Tensor:
            tensor = paddle.to_tensor(batch[0])
            with paddle.no_grad():
                truth = F.sigmoid(map_logits(teacher, tensor))
                truth = corrected(truth, paddle.to_tensor(batch[1]).unsqueeze(1), self.belief)
            return self.loss(map_logits(network, tensor), truth)

        crops = PageCrops(self.pages, self.labelled, self.parameters, self.crops, self.seed)
        return Job(student, loss, crops)
