"""OCR processing around the three networks: everything but the inference itself."""

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
