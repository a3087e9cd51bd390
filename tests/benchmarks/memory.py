"""Figure 4: 200 images of mixed sizes through one pipeline, in two orders."""

from __future__ import annotations

import random
import time

from PIL import Image

from edge.ocr.image import load_image
from edge.ocr.result import PageResult
from tests.benchmarks.material import Material, show

IMAGES = 200
SEED = 20
PARENT_LIMIT_MB = 1000


def measure(material: Material) -> None:
    """Read the same images forwards and shuffled, each time with a fresh pipeline."""
    images = _images(material)
    forwards = list(range(len(images)))
    shuffled = random.Random(SEED).sample(forwards, len(forwards))
    results: list[dict[int, str]] = []
    peaks: list[dict[str, float]] = []
    rows: list[tuple[str, object]] = [("images", len(images))]
    sizes = [image.size for image in images]
    rows.append(("sizes", f"{min(sizes, key=_area)} to {max(sizes, key=_area)}, {len(set(sizes))} different"))
    for order in (forwards, shuffled):
        start = time.perf_counter()
        ocr = material.ocr("lite")
        results.append({index: _digest(ocr.read(images[index])) for index in order})
        predictors = {"det": ocr.detector.predictor, "rec": ocr.recognizer.predictor}
        peaks.append({task: predictor.peak_rss_mb for task, predictor in predictors.items()})
        ocr.close()
        rows.append(("seconds", f"{time.perf_counter() - start:.0f}"))
    same = sum(results[0][index] == results[1][index] for index in forwards)
    for task in ("det", "rec"):
        rows.append(
            (
                f"peak memory of the {task} process, both orders",
                f"{peaks[0][task]:.0f}, {peaks[1][task]:.0f} MB",
            )
        )
    rows.append(("peak memory of the parent (images held: see below)", f"{_own_peak():.0f} MB"))
    rows.append(("images with the same result in both orders", f"{same} of {len(images)}"))
    show("4. 200 images of mixed sizes through one pipeline", rows)


def _images(material: Material) -> list[Image.Image]:
    """Photographs scaled at random: from 60 to 3000 pixels wide, and a few extreme shapes."""
    dice = random.Random(SEED)
    photographs = material.photographs()
    images = []
    for number in range(IMAGES):
        picture = load_image(photographs[number % len(photographs)]).picture
        width = round(60 * 50 ** dice.random())
        height = max(8, round(width * picture.height / picture.width * dice.choice((0.25, 1, 1, 1, 3))))
        images.append(picture.resize((width, min(height, 4000))))
    return images


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def _digest(page: PageResult) -> str:
    return repr([(line.text, line.quad.tolist(), round(line.score, 6)) for line in page.lines])


def _own_peak() -> float:
    with open("/proc/self/status") as status:  # noqa: PTH123
        return next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmHWM:"))
