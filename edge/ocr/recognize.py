"""Recognition of line pictures."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from edge.ocr.charset import CharacterSet
from edge.ocr.ctc import decode
from edge.ocr.lines import line_batch, scaled_width
from edge.ocr.parameters import RecognitionParameters
from edge.ocr.result import Recognition
from edge.predictor.protocol import Predictor

BATCH_WIDTH = 640
"""Lines are batched up to this total width in pixels. Memory grows with it (0.4 MB a pixel on x86
Paddle-Lite), while a line costs the same time in a batch as alone."""


class TextRecognizer:
    """Reads line pictures.

    Args:
        predictor: Runs the network: float32 (N, 3, H, W) in, probabilities (N, W / 4 or W / 8, classes) out.
        characters: The network's classes.
        parameters: Input height and widths.
    """

    def __init__(
        self, predictor: Predictor, characters: CharacterSet, parameters: RecognitionParameters | None = None
    ) -> None:
        self.predictor = predictor
        self.characters = characters
        self.parameters = parameters or RecognitionParameters(use_space=characters.classes[-1] == " ")

    def recognize(self, pictures: Sequence[Image.Image]) -> list[Recognition]:
        """Read line pictures (RGB), in their order.

        Lines of like width go to the network together. The input width of a line depends on that line alone,
        never on its neighbours, so its text does not depend on what else is on the page.

        Raises:
            PredictorError: The inference process died, refused or hung.
            TensorError: The network's classes are not the character set's, or its lines not those given.
        """
        texts: dict[int, Recognition] = {}
        for width, members in group_by_width(pictures, self.parameters).items():
            size = max(1, BATCH_WIDTH // width)
            for first in range(0, len(members), size):
                part = members[first : first + size]
                batch = line_batch([pictures[i] for i in part], self.parameters.height, width)
                output = self.predictor.run([batch])[0]
                texts.update(zip(part, decode(output, self.characters, len(part)), strict=True))
        return [texts[i] for i in range(len(pictures))]


def input_width(size: tuple[int, int], parameters: RecognitionParameters) -> int:
    """Input width in pixels for a line picture of this size (width, height): its bucket."""
    step = parameters.width_step
    width = -(-scaled_width(size, parameters.height) // step) * step
    return min(max(width, parameters.min_width), parameters.max_width)


def group_by_width(
    pictures: Sequence[Image.Image], parameters: RecognitionParameters
) -> dict[int, list[int]]:
    """Indices of pictures by their input width, narrow to wide."""
    groups: dict[int, list[int]] = {}
    for index, picture in enumerate(pictures):
        groups.setdefault(input_width(picture.size, parameters), []).append(index)
    return dict(sorted(groups.items()))
