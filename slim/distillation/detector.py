"""Distillation of a detector: the student's maps are drawn to the teacher's.

The last map is the probability of text. Where photographs have labels, text that the teacher missed is added
to it first: that is the task's own loss (on the probability map of M. Liao et al., Real-time Scene Text
Detection with Differentiable Binarization, AAAI 2020) as far as it contradicts the teacher. What labels do
not name may be text all the same, in another script for one, and labels of words say nothing of lines: there
the teacher is left alone.

Maps before it are hints (A. Romero et al., FitNets, ICLR 2015): where pruning left a sum or a layer of the
head its width, the student is to give there what the teacher gives.
"""

from __future__ import annotations

from collections.abc import Sequence
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

_EPSILON: Final = 1e-6


@dataclass(frozen=True)
class MapLoss:
    """How two probability maps are compared.

    Attributes:
        entropy: Weight of the binary cross entropy against the teacher's soft map.
        dice: Weight of the soft dice loss, which counts regions, not pixels.
        text: How much more a pixel counts where the teacher sees any text at all.
        hints: Weight of the difference of hidden maps.
    """

    entropy: float = 2.0
    dice: float = 1.0
    text: float = 4.0
    hints: float = 1.0

    def __call__(self, student: paddle.Tensor, teacher: paddle.Tensor) -> paddle.Tensor:
        """Compare (N, 1, H, W) logits of the student with probabilities of the teacher; a scalar."""
        weight = 1 + self.text * (teacher > 0.05).astype("float32")
        entropy = F.binary_cross_entropy_with_logits(student, teacher, reduction="none")
        entropy = (entropy * weight).sum() / weight.sum()
        found = F.sigmoid(student)
        both, each = (found * teacher).sum(), (found * found).sum() + (teacher * teacher).sum()
        return self.entropy * entropy + self.dice * (1 - 2 * both / (each + _EPSILON))


def with_labels(teacher: paddle.Tensor, kernels: paddle.Tensor, belief: float) -> paddle.Tensor:
    """The teacher's map with the text that labels name and it missed.

    Args:
        teacher: Probabilities (N, 1, H, W).
        kernels: 1 where labels say that text is, else 0; (N, 1, H, W).
        belief: How much labels are believed: 0 not at all, 1 wholly.
    """
    return teacher + belief * kernels.astype("float32") * (1 - teacher)


def hint_loss(student: Sequence[paddle.Tensor], teacher: Sequence[paddle.Tensor]) -> paddle.Tensor:
    """Mean squared difference of hidden maps against the teacher's squares, over those of equal width."""
    losses = [
        (mine - theirs).square().sum() / (theirs.square().sum() + _EPSILON)
        for mine, theirs in zip(student, teacher, strict=True)
        if mine.shape == theirs.shape
    ]
    return paddle.add_n(losses) / len(losses) if losses else paddle.zeros([])


def detector_maps(network: Any, pictures: paddle.Tensor) -> tuple[list[paddle.Tensor], paddle.Tensor]:
    """Hidden maps of backbone and head, and the probability map before its sigmoid.

    The threshold map, which nobody needs here, is left out.
    """
    sums = network.backbone(pictures)
    head = network.head.binarize
    first, second = head.hidden(network.neck(sums))
    return [*sums, first, second], head.conv3(second)


@dataclass(frozen=True)
class DetectorTask:
    """A detection network and its teacher.

    Attributes:
        student: To start from.
        teacher: Stored network to be like.
        pages: Photographs. Labels are not needed; where there are some, crops are taken around them.
        labelled: For every page, whether its labels are to add what the teacher missed.
        belief: How much they are believed: 0 not at all, 1 wholly.
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
            pictures, kernels = map(paddle.to_tensor, batch)
            with paddle.no_grad():
                their_hints, logits = detector_maps(teacher, pictures)
                truth = with_labels(F.sigmoid(logits), kernels.unsqueeze(1), self.belief)
            hints, logits = detector_maps(network, pictures)
            return self.loss(logits, truth) + self.loss.hints * hint_loss(hints, their_hints)

        crops = PageCrops(self.pages, self.labelled, self.parameters, self.crops, self.seed)
        return Job(student, loss, crops)
