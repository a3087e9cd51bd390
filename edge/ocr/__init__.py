"""OCR processing around the three networks: everything but the inference itself.

Names are imported when they are asked for: whoever reads a manifest needs parameters, not scipy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from edge.ocr.charset import CharacterSet, read_character_set
    from edge.ocr.classify import AngleClassifier
    from edge.ocr.detect import TextDetector
    from edge.ocr.image import load_image
    from edge.ocr.parameters import ClassificationParameters, DetectionParameters, RecognitionParameters
    from edge.ocr.pipeline import OCR
    from edge.ocr.recognize import TextRecognizer
    from edge.ocr.result import PageResult, TextLine

__all__ = [
    "OCR",
    "AngleClassifier",
    "CharacterSet",
    "ClassificationParameters",
    "DetectionParameters",
    "PageResult",
    "RecognitionParameters",
    "TextDetector",
    "TextLine",
    "TextRecognizer",
    "load_image",
    "read_character_set",
]

_MODULES: Final = {
    "charset": ("CharacterSet", "read_character_set"),
    "classify": ("AngleClassifier",),
    "detect": ("TextDetector",),
    "image": ("load_image",),
    "parameters": ("ClassificationParameters", "DetectionParameters", "RecognitionParameters"),
    "pipeline": ("OCR",),
    "recognize": ("TextRecognizer",),
    "result": ("PageResult", "TextLine"),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(importlib.import_module(f"edge.ocr.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
