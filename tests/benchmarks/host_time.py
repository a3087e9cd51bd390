"""Figure 3: time on the host but for the predictor, against RapidOCR's OpenCV code, interleaved in one run.

Ours is the product's own `OCR.read`, whole. Both get the same photograph, the same probability map and the
same line boxes. Networks run beforehand and their outputs are replayed, so that only what is around them is
timed. RapidOCR runs networks in its own process; what ours takes to send tensors to a child is measured with
an echo child and reported beside the comparison, not in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from edge.ocr import OCR, AngleClassifier, TextDetector, TextRecognizer
from edge.ocr.image import load_image
from edge.ocr.order import reading_order
from edge.ocr.parameters import ClassificationParameters, DetectionParameters, RecognitionParameters
from edge.ocr.result import Quad
from edge.predictor.protocol import Array
from tests.benchmarks.material import TASKS, Material, Row, show
from tests.benchmarks.rapid_pass import RapidPass
from tests.benchmarks.replay import Replay
from tests.benchmarks.transport import echo_predictor, transport_seconds

REPEATS = 7
STAGES = ("load", "detect", "crop", "classify", "recognize", "result")
NETWORKS = {"detect": "det", "classify": "cls", "recognize": "rec"}
LIMIT = 1.2


class OurPass:
    """Passes of our pipeline over one photograph.

    Args:
        material: Its bundles give the parameters.
        run: Runs the network of a task.
    """

    def __init__(self, material: Material, run: Callable[[str, Array], Array]) -> None:
        characters = material.bundles["rec"].character_set()
        self.replays = {task: Replay(partial(run, task)) for task in TASKS}
        self._ocr = OCR(
            TextDetector(self.replays["det"], material.parameters(DetectionParameters)),
            AngleClassifier(self.replays["cls"], material.parameters(ClassificationParameters)),
            TextRecognizer(self.replays["rec"], characters, material.parameters(RecognitionParameters)),
        )

    def boxes(self, path: Path) -> list[Quad]:
        """The boxes that `read` finds, in reading order, before they get their margin."""
        self.replays["det"].rewind()
        quads = [box.quad for box in self._ocr.detector.detect(load_image(path).picture)]
        return [quads[place] for place in reading_order(quads)]

    def read(self, path: Path) -> dict[str, float]:
        """Seconds by stage of one pass, without the networks; "result" is what `read` does besides them."""
        for replay in self.replays.values():
            replay.rewind()
        before = {task: replay.seconds for task, replay in self.replays.items()}
        start = time.perf_counter()
        page = self._ocr.read(path)
        total = time.perf_counter() - start
        stages = {**page.seconds, "result": total - sum(page.seconds.values())}
        for stage, task in NETWORKS.items():
            stages[stage] -= self.replays[task].seconds - before[task]
        return stages


def measure(material: Material) -> bool:
    """Time both on every photograph in turn; medians over the repeats, then sums over photographs."""
    predictors = {task: material.predictor(task, "paddle") for task in TASKS}
    echo = echo_predictor()
    totals = {name: dict.fromkeys(STAGES, 0.0) for name in ("ours", "theirs")}
    transport = dict.fromkeys(TASKS, 0.0)
    counted = 0

    def run(task: str, tensor: Array) -> Array:
        return predictors[task].run([tensor])[0]

    for path in material.photographs():
        ours = OurPass(material, run)
        quads = ours.boxes(path)
        if not quads:
            continue  # RapidOCR's own code stops here as well
        counted += 1
        theirs = RapidPass(material, run, ours.replays["det"].exchanges[0])
        samples: dict[str, list[dict[str, float]]] = {"ours": [], "theirs": []}
        for repeat in range(REPEATS + 1):
            for name in ("ours", "theirs") if repeat % 2 else ("theirs", "ours"):
                samples[name].append(ours.read(path) if name == "ours" else theirs.read(path, quads))
        for name, passes in samples.items():
            for stage in STAGES:  # the first pass recorded the networks' outputs
                totals[name][stage] += float(np.median([stages[stage] for stages in passes[1:]]))
        for task, replay in ours.replays.items():
            transport_seconds(echo, replay.exchanges)  # as above, the first pass does not count
            times = [transport_seconds(echo, replay.exchanges) for _ in range(REPEATS)]
            transport[task] += float(np.median(times))
    for predictor in (*predictors.values(), echo):
        predictor.close()
    if not counted:
        raise SystemExit("host-time: no text was found on any photograph")
    rows = [Row("photographs, threads of OpenCV", f"{counted}, {cv2.getNumThreads()}")]
    for stage in STAGES:
        a, b = (totals[name][stage] / counted * 1e3 for name in ("ours", "theirs"))
        rows.append(Row(f"{stage}: ours / RapidOCR's", f"{a:.2f} / {b:.2f} ms = {a / b:.2f}"))
    for label, stages in (("all stages", STAGES), ("without reading the file", STAGES[1:])):
        a, b = (sum(totals[name][s] for s in stages) / counted * 1e3 for name in ("ours", "theirs"))
        rows.append(Row(f"{label} (<= {LIMIT})", f"{a:.2f} / {b:.2f} ms = {a / b:.2f}", a / b <= LIMIT))
    sent = [transport[task] / counted * 1e3 for task in TASKS]
    rows += [
        Row("not in the ratios: ours to a child process and back", f"{sum(sent):.2f} ms"),
        Row("... detection, classification, recognition", ", ".join(f"{ms:.2f}" for ms in sent) + " ms"),
    ]
    return show("3. host-side time per photograph, everything but the networks", rows)
