"""Recognition: input widths, batches, and real lines read by the real network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge.bundle.bundle import Bundle
from edge.errors import TensorError
from edge.ocr.charset import character_set
from edge.ocr.classify import AngleClassifier
from edge.ocr.image import load_image
from edge.ocr.parameters import RecognitionParameters
from edge.ocr.pipeline import OCR
from edge.ocr.recognize import TextRecognizer, group_by_width, input_width
from edge.predictor.protocol import Array, Predictor
from slim.data.labels import read_recognition_labels

V2 = RecognitionParameters()


@pytest.mark.parametrize(
    ("size", "width"),
    [
        ((1, 1), 160),
        ((160, 32), 160),
        ((161, 32), 320),
        ((320, 32), 320),
        ((33, 1000), 160),
        ((2560, 32), 2560),
        ((2561, 32), 2560),
        ((100_000, 1), 2560),
    ],
)
def test_input_widths(size: tuple[int, int], width: int) -> None:
    assert input_width(size, V2) == width


def test_a_largest_width_that_is_no_multiple_of_the_step() -> None:
    parameters = RecognitionParameters(width_step=100, min_width=50, max_width=333)
    assert [input_width((width, 32), parameters) for width in (10, 90, 110, 310, 999)] == [
        100,
        100,
        200,
        333,
        333,
    ]


def test_groups_are_by_width_and_keep_order() -> None:
    widths = (500, 20, 330, 40, 3000, 310)
    pictures = [Image.new("RGB", (width, 32)) for width in widths]
    assert group_by_width(pictures, V2) == {160: [1, 3], 320: [5], 480: [2], 640: [0], 2560: [4]}
    assert list(group_by_width(pictures, V2)) == [160, 320, 480, 640, 2560]
    assert group_by_width([], V2) == {}


def word_crops(shared_dir: Path, *languages: str) -> tuple[list[Image.Image], list[str]]:
    labels = read_recognition_labels(shared_dir / "images/paddleocr_doc/words_labels.txt")
    wanted = [label for label in labels if label.image.parent.name in languages]
    return [load_image(label.image).picture for label in wanted], [label.text for label in wanted]


@pytest.mark.embedded
@pytest.mark.shared
def test_all_ten_chinese_and_english_crops_of_the_documentation_are_read(ocr: OCR, shared_dir: Path) -> None:
    pictures, texts = word_crops(shared_dir, "ch", "en")
    assert len(texts) == 10
    read = ocr.recognizer.recognize(pictures)
    assert [line.text for line in read] == texts
    assert min(line.score for line in read) > 0.95


@pytest.mark.embedded
@pytest.mark.shared
def test_a_line_s_text_does_not_depend_on_the_lines_beside_it(ocr: OCR, shared_dir: Path) -> None:
    """Equal to the last bit of the score, alone, in any batch and in any order."""
    pictures, _ = word_crops(shared_dir, "ch", "en", "french")
    together = ocr.recognizer.recognize(pictures)
    assert len({input_width(picture.size, ocr.recognizer.parameters) for picture in pictures}) == 4
    assert [ocr.recognizer.recognize([picture])[0] for picture in pictures] == together
    order = np.random.default_rng(7).permutation(len(pictures)).tolist()
    assert ocr.recognizer.recognize([pictures[index] for index in order]) == [
        together[index] for index in order
    ]


@pytest.mark.embedded
def test_lines_without_text(ocr: OCR) -> None:
    for size in ((200, 48), (1, 1), (1, 300), (4000, 2)):
        (line,) = ocr.recognizer.recognize([Image.new("RGB", size, (255, 255, 255))])
        assert (line.text, line.score) == ("", 0.0)
    assert ocr.recognizer.recognize([]) == []


@pytest.mark.embedded
def test_characters_of_another_network_are_refused(ocr: OCR, default_bundles: Mapping[str, Bundle]) -> None:
    classes = default_bundles["rec"].character_set().classes
    wrong = TextRecognizer(ocr.recognizer.predictor, character_set(classes[1:-1]), ocr.recognizer.parameters)
    with pytest.raises(TensorError, match=rf"has shape \(1, 20, {len(classes)}\), where .* is expected"):
        wrong.recognize([Image.new("RGB", (100, 48))])


@pytest.mark.embedded
def test_an_input_of_another_height_is_refused_before_it_is_run(ocr: OCR) -> None:
    wrong = TextRecognizer(
        ocr.recognizer.predictor, ocr.recognizer.characters, RecognitionParameters(height=32)
    )
    with pytest.raises(
        TensorError, match=r"input 'x': has shape \(1, 3, 32, 160\); axis 2 must suit \(n, 3, 48, n\)"
    ):
        wrong.recognize([Image.new("RGB", (100, 48))])


@pytest.mark.embedded
@pytest.mark.parametrize("classes", ["ab ", "ab"])
def test_without_parameters_the_characters_say_whether_there_is_a_space(ocr: OCR, classes: str) -> None:
    recognizer = TextRecognizer(ocr.recognizer.predictor, character_set(classes))
    assert recognizer.parameters.use_space == classes.endswith(" ")


class FixedBatch:
    """The real network as if exported for a batch of 1: all lines but the first get no answer."""

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        return [output[:1] for output in self.predictor.run(inputs)]

    def close(self) -> None:
        self.predictor.close()


@pytest.mark.embedded
def test_a_network_that_answers_for_one_line_alone_is_refused(ocr: OCR) -> None:
    fixed = FixedBatch(ocr.recognizer.predictor)
    recognizer = TextRecognizer(fixed, ocr.recognizer.characters, ocr.recognizer.parameters)
    assert len(recognizer.recognize([Image.new("RGB", (100, 48))])) == 1
    with pytest.raises(TensorError, match=r"^recognition output: has shape \(1, .*\) for a batch of 2; "):
        recognizer.recognize([Image.new("RGB", (100, 48))] * 2)
    assert ocr.classifier is not None
    classifier = AngleClassifier(FixedBatch(ocr.classifier.predictor), ocr.classifier.parameters)
    with pytest.raises(TensorError, match=r"^classification output: has shape \(1, 2\) for a batch of 2; "):
        classifier.classify([Image.new("RGB", (100, 48))] * 2)
