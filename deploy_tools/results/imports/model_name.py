"""Names of models by the paths of their files."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

_SUFFIXES: Final = (".nb", ".pdmodel", ".pdiparams", ".model", ".params")
_TARGETS: Final = ("-arm", "-arm64", "-x86")
_NO_NAMES: Final = frozenset({"", "model", "params", "inference", "opt", "nb"})
"""What files of any model are called."""


def model_name(*paths: str) -> str:
    """The name of a model: that of the first file or folder whose name says anything; empty where none does.

    The target that a bundle's folder ends in is no part of it.
    """
    for path in map(PurePosixPath, paths):
        file = path.name
        for suffix in _SUFFIXES:
            file = file.removesuffix(suffix)
        for name in (file, path.parent.name):
            for target in _TARGETS:
                name = name.removesuffix(target)
            if name.lstrip(".") not in _NO_NAMES:
                return name
    return ""
