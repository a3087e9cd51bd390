"""Figure 3: time on the host but for the predictor, against RapidOCR's OpenCV code, interleaved in one run.

Both get the same photograph, the same probability map and the same line boxes. Networks are run beforehand
and their outputs replayed, so only pre- and post-processing is timed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from rapidocr_paddle.ch_ppocr_cls import TextClassifier as RapidClassifier
from rapidocr_paddle.ch_ppocr_cls.utils import ClsPostProcess
from rapidocr_paddle.ch_ppocr_det.utils import DetPreProcess
from rapidocr_paddle.ch_ppocr_rec import TextRecognizer as RapidRecognizer
from rapidocr_paddle.ch_ppocr_rec.utils import CTCLabelDecode
from rapidocr_paddle.main import RapidOCR
from rapidocr_paddle.utils import LoadImage

from edge.ocr import AngleClassifier, TextRecognizer
from edge.ocr.crop import crop_line
from edge.ocr.detect import boxes_from_map, detection_input, probability_map
from edge.ocr.image import load_image
from edge.ocr.order import reading_order
from edge.ocr.parameters import ClassificationParameters, DetectionParameters
from edge.ocr.result import Quad
from tests.benchmarks.boxes import rapid_boxes, rapid_post_processing
from tests.benchmarks.material import Material, show

T = TypeVar("T")
REPEATS = 7
STAGES = ("load", "detect: prepare", "detect: boxes", "crop", "classify", "recognize")


class Replay:
    """Answers with a network's recorded outputs, by input shape and content, in no time."""

    def __init__(self, run: Callable[[np.ndarray], np.ndarray]) -> None:
        self._run = run
        self._recorded: dict[int, np.ndarray] = {}
        self._turn = 0
        self.seconds = 0.0

    def rewind(self) -> None:
        """Start again with the first recorded answer."""
        self._turn = 0

    def answer(self, tensor: np.ndarray) -> np.ndarray:
        """The output that belongs to this call; computed the first time. Its time is kept apart."""
        start = time.perf_counter()
        if self._turn not in self._recorded:
            self._recorded[self._turn] = self._run(tensor)
        output = self._recorded[self._turn]
        self._turn += 1
        self.seconds += time.perf_counter() - start
        return output

    def run(self, inputs: list[np.ndarray]) -> list[np.ndarray]:
        """As a predictor of ours."""
        return [self.answer(inputs[0])]

    def __call__(self, tensor: np.ndarray) -> list[np.ndarray]:
        """As a session of RapidOCR's."""
        return [self.answer(tensor)]

    def close(self) -> None:
        """Nothing is held."""


class Stopwatch:
    """Collects the time of each stage of one pass, without what a replay took."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}

    def time(self, stage: str, work: Callable[[], T], replay: Replay | None = None) -> T:
        """Run and time a stage."""
        before = replay.seconds if replay else 0.0
        start = time.perf_counter()
        result = work()
        self.stages[stage] = time.perf_counter() - start - ((replay.seconds - before) if replay else 0.0)
        return result


class Ours:
    """One pass of our code over a photograph."""

    def __init__(self, material: Material, probabilities: np.ndarray, cls: Replay, rec: Replay) -> None:
        bundle = material.bundles["rec"]
        self._map = probabilities
        self._cls, self._rec = cls, rec
        self._classifier = AngleClassifier(cls)
        self._recognizer = TextRecognizer(rec, bundle.character_set(), bundle.manifest.parameters)

    def boxes(self, size: tuple[int, int]) -> list[Quad]:
        """Boxes in reading order."""
        quads = [box.quad for box in boxes_from_map(self._map, size, DetectionParameters())]
        return [quads[i] for i in reading_order(quads)]

    def read(self, path: Path, quads: list[Quad]) -> dict[str, float]:
        """Time every stage; later stages work on the given boxes, so that both do the same work."""
        watch = Stopwatch()
        self._cls.rewind()
        self._rec.rewind()
        picture = watch.time("load", lambda: load_image(path)).picture
        watch.time("detect: prepare", lambda: detection_input(picture, DetectionParameters()))
        watch.time("detect: boxes", lambda: self.boxes(picture.size))
        crops = watch.time("crop", lambda: [crop_line(picture, quad) for quad in quads])
        watch.time("classify", lambda: self._classifier.classify(crops), self._cls)
        watch.time("recognize", lambda: self._recognizer.recognize(crops), self._rec)
        return watch.stages


class Theirs:
    """One pass of RapidOCR's code over a photograph, with the classes it uses itself."""

    def __init__(self, material: Material, probabilities: np.ndarray, cls: Replay, rec: Replay) -> None:
        parameters = DetectionParameters()
        self._map = probabilities
        self._cls, self._rec = cls, rec
        self._load = LoadImage()
        # the same size as ours, so that the map is the same
        self._prepare = DetPreProcess(parameters.limit_side, "max", parameters.mean, parameters.std)
        self._post = rapid_post_processing(parameters)
        self._rapid = RapidOCR.__new__(RapidOCR)
        height = material.bundles["rec"].manifest.parameters.height
        shape = ClassificationParameters()
        self._classifier = RapidClassifier.__new__(RapidClassifier)
        vars(self._classifier).update(
            cls_image_shape=[3, shape.height, shape.width],
            cls_batch_num=6,
            cls_thresh=shape.threshold,
            postprocess_op=ClsPostProcess(["0", "180"]),
            infer=cls,
        )
        self._recognizer = RapidRecognizer.__new__(RapidRecognizer)
        dictionary = material.bundles["rec"].folder / material.bundles["rec"].manifest.dictionary
        vars(self._recognizer).update(
            rec_image_shape=[3, height, 320],
            rec_batch_num=6,
            postprocess_op=CTCLabelDecode(character_path=dictionary),
            session=rec,
        )

    def read(self, path: Path, quads: list[Quad]) -> dict[str, float]:
        """Time every stage."""
        watch = Stopwatch()
        self._cls.rewind()
        self._rec.rewind()
        picture = watch.time("load", lambda: self._load(path))
        watch.time("detect: prepare", lambda: self._prepare(picture))
        size = picture.shape[1], picture.shape[0]
        watch.time(
            "detect: boxes", lambda: self._rapid.sorted_boxes(rapid_boxes(self._post, self._map, size))
        )
        crops = watch.time("crop", lambda: self._rapid.get_crop_img_list(picture, quads))
        watch.time("classify", lambda: self._classifier(crops), self._cls)
        watch.time("recognize", lambda: self._recognizer(crops), self._rec)
        return watch.stages


def measure(material: Material) -> None:
    """Time both on every photograph in turn; medians over the repeats, then sums over photographs."""
    totals = {name: dict.fromkeys(STAGES, 0.0) for name in ("ours", "theirs")}
    predictors = {task: material.predictor(task, "paddle") for task in ("det", "cls", "rec")}
    photographs = material.photographs()
    counted = 0
    for path in photographs:
        picture = load_image(path).picture
        output = predictors["det"].run([detection_input(picture, DetectionParameters())])[0]
        replays = [
            Replay(lambda x, t=task: predictors[t].run([x])[0]) for _ in range(2) for task in ("cls", "rec")
        ]
        ours = Ours(material, probability_map(output), replays[0], replays[1])
        theirs = Theirs(material, probability_map(output), replays[2], replays[3])
        quads = ours.boxes(picture.size)
        if not quads:
            continue  # RapidOCR's own code stops here as well
        counted += 1
        samples: dict[str, list[dict[str, float]]] = {"ours": [], "theirs": []}
        for repeat in range(REPEATS + 1):
            order = (("ours", ours), ("theirs", theirs))
            for name, one in order if repeat % 2 else order[::-1]:
                samples[name].append(one.read(path, quads))
        for name, passes in samples.items():
            for stage in STAGES:  # the first pass recorded the networks' outputs
                totals[name][stage] += float(np.median([stages[stage] for stages in passes[1:]]))
    for predictor in predictors.values():
        predictor.close()
    rows: list[tuple[str, object]] = [("photographs, threads of OpenCV", f"{counted}, {cv2.getNumThreads()}")]
    for stage in STAGES:
        a, b = totals["ours"][stage], totals["theirs"][stage]
        rows.append(
            (
                f"{stage}: ours / RapidOCR's",
                f"{a / counted * 1e3:.2f} / {b / counted * 1e3:.2f} ms = {a / b:.2f}",
            )
        )
    for label, stages in (("all stages", STAGES), ("without reading the file", STAGES[1:])):
        a, b = (sum(totals[name][stage] for stage in stages) for name in ("ours", "theirs"))
        rows.append(
            (f"{label} (<= 1.2)", f"{a / counted * 1e3:.2f} / {b / counted * 1e3:.2f} ms = {a / b:.2f}")
        )
    show("3. host-side time per photograph, everything but the networks", rows)
