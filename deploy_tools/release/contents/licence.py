"""Under which licence a model is, as far as its bundle tells."""

from __future__ import annotations

from typing import Final

from edge.bundle.bundle import Bundle

PUBLISHED: Final = "Apache-2.0"
"""Of every model that PaddleOCR publishes, and of what is made of it."""
UNKNOWN: Final = "NOASSERTION"
"""SPDX's word for: nobody says."""


def licence_of(bundle: Bundle) -> str:
    """An SPDX identifier, or `UNKNOWN` for models of the user's own."""
    return PUBLISHED if is_published(bundle) else UNKNOWN


def is_published(bundle: Bundle) -> bool:
    """Whether a model is PaddleOCR's, or was made of one of PaddleOCR's."""
    source = bundle.manifest.source
    checkpoint = source.get("checkpoint")
    return "zoo" in source or "slim" in source or (isinstance(checkpoint, dict) and "zoo" in checkpoint)
