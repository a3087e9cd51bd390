"""Which architectures :mod:`slim.networks` has the layers of; asked without loading Paddle."""

from __future__ import annotations

from typing import Final

from slim.zoo.entry import Architecture

_PARTS: Final = frozenset({"MobileNetV3", "ResNet", "DBFPN", "DBHead", "BiLSTM", "CTCHead", "ClsHead"})
"""Backbones, necks and heads: those of the v2.0 models."""


def is_buildable(architecture: Architecture) -> bool:
    """Whether a network of this architecture can be built here."""
    parts = {architecture.backbone.name, architecture.head.name}
    if architecture.neck is not None:
        parts.add(architecture.neck.name)
    return parts <= _PARTS
