"""Versions of what makes a model, as part of what its bytes depend on."""

from __future__ import annotations

import importlib.metadata
import platform
from typing import Final

import edge

_PACKAGES: Final = {
    "paddlepaddle": "paddlepaddle",
    "paddleslim": "paddleslim",
    "numpy": "numpy",
    "pillow": "pillow",
    "scipy": "scipy",
}


def tool_versions() -> dict[str, str]:
    """Version by name."""
    found = {name: importlib.metadata.version(package) for name, package in _PACKAGES.items()}
    return {"ppocr-edge": edge.__version__, "python": platform.python_version(), **found}
