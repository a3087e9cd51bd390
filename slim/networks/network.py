"""A whole network: backbone, neck, head, under the names of the published checkpoints."""

from __future__ import annotations

from typing import Any, Final

import paddle
from paddle import nn

from edge.errors import ModelError
from slim.networks.channels import Ledger
from slim.networks.crnn import BiLSTM, LinearHead
from slim.networks.db import DBFPN, DBHead
from slim.networks.layers import SLOPE
from slim.networks.mobilenet_v3 import LineMobileNetV3, PictureMobileNetV3
from slim.networks.plan import NetworkPlan
from slim.networks.resnet_vd import LineResNet, PictureResNet
from slim.zoo.buildable import is_buildable
from slim.zoo.entry import Architecture, Block

_CLS_STRIDES: Final = (2, 2, 2, 2)


class TextNetwork(nn.Layer):
    """A detection, classification or recognition network.

    Attributes:
        plan: What it was built from.
        ledger: Its channels and where they lie in its weights.
    """

    def __init__(self, plan: NetworkPlan) -> None:
        super().__init__()
        self.plan = plan
        self.ledger = Ledger(plan.widths)
        architecture = plan.architecture
        build = {"DB": _detector, "CRNN": _recognizer, "CLS": _classifier}[architecture.algorithm]
        self.backbone, self.neck, self.head = build(self.ledger, architecture, plan.classes)
        unknown = self.ledger.unknown(plan.widths)
        if unknown:
            raise ModelError(
                "network", f"has no channels called {unknown[0]!r}", "see slim.networks.channels"
            )

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Pictures (N, 3, H, W) in; what the head makes of them out."""
        x = self.backbone(x)
        if self.neck is not None:
            x = self.neck(x)
        return self.head(x)


def build_network(plan: NetworkPlan, seed: int = 0) -> TextNetwork:
    """Build a network with fresh weights; the same plan and seed give the same ones.

    Raises:
        ModelError: Its architecture is not one of this package, or a width names no channels of it.
    """
    if not is_buildable(plan.architecture):
        name = plan.architecture.backbone.name
        raise ModelError("network", f"{name} cannot be built here", "start from its inference model instead")
    paddle.seed(seed)
    # names of parameters count up through a process otherwise, and would differ between two exports
    with paddle.utils.unique_name.guard():
        return TextNetwork(plan)


def _setting(block: Block, name: str, default: Any = None) -> Any:
    return block.settings.get(name, default)


Parts = tuple[nn.Layer, nn.Layer | None, nn.Layer]


def _detector(ledger: Ledger, architecture: Architecture, _: int | None) -> Parts:
    spec = architecture.backbone
    backbone: nn.Layer
    if spec.name == "ResNet":
        backbone = PictureResNet(ledger, "backbone", layers=_setting(spec, "layers"))
    else:
        backbone = PictureMobileNetV3(
            ledger,
            "backbone",
            variant=_setting(spec, "variant"),
            scale=_setting(spec, "scale"),
            squeeze_excitation=_setting(spec, "squeeze_excitation"),
        )
    assert architecture.neck is not None  # noqa: S101  (DB has one)
    width = _setting(architecture.neck, "channels")
    neck = DBFPN(ledger, "neck", backbone.out_channels, width)
    return (
        backbone,
        neck,
        DBHead(ledger, "head", neck.out_channels, width // 4, _setting(architecture.head, "k")),
    )


def _line_backbone(ledger: Ledger, spec: Block) -> nn.Layer:
    if spec.name == "ResNet":
        return LineResNet(ledger, "backbone", layers=_setting(spec, "layers"))
    return LineMobileNetV3(
        ledger,
        "backbone",
        variant=_setting(spec, "variant"),
        scale=_setting(spec, "scale"),
        strides=_setting(spec, "strides", _CLS_STRIDES),
        slope=_setting(spec, "squeeze_slope", SLOPE),
    )


def _recognizer(ledger: Ledger, architecture: Architecture, classes: int | None) -> Parts:
    backbone = _line_backbone(ledger, architecture.backbone)
    assert architecture.neck is not None  # noqa: S101  (CRNN has one)
    neck = BiLSTM(
        ledger,
        "neck",
        backbone.out_channels,
        hidden_size=_setting(architecture.neck, "hidden_size"),
        layers=_setting(architecture.neck, "layers"),
    )
    assert classes is not None  # noqa: S101  (recognizers have classes)
    return backbone, neck, LinearHead(ledger, "head", neck.out_channels, classes)


def _classifier(ledger: Ledger, architecture: Architecture, _: int | None) -> Parts:
    backbone = _line_backbone(ledger, architecture.backbone)
    classes = _setting(architecture.head, "classes")
    return backbone, None, LinearHead(ledger, "head", backbone.out_channels, classes, pooled=True)
