"""RapidOCR's code over one photograph, stage by stage, with recorded networks."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from rapidocr_paddle.ch_ppocr_cls import TextClassifier as RapidClassifier
from rapidocr_paddle.ch_ppocr_cls.utils import ClsPostProcess
from rapidocr_paddle.ch_ppocr_det.utils import DetPreProcess
from rapidocr_paddle.ch_ppocr_rec import TextRecognizer as RapidRecognizer
from rapidocr_paddle.ch_ppocr_rec.utils import CTCLabelDecode
from rapidocr_paddle.main import RapidOCR
from rapidocr_paddle.utils import LoadImage

from edge.ocr.detect import probability_map
from edge.ocr.parameters import ClassificationParameters, DetectionParameters, RecognitionParameters
from edge.ocr.result import Quad
from edge.predictor.protocol import Array
from tests.benchmarks.boxes import rapid_boxes, rapid_post_processing
from tests.benchmarks.material import Material
from tests.benchmarks.replay import Exchange, Replay

T = TypeVar("T")


class RapidPass:
    """Passes of RapidOCR's code over one photograph, with the classes it uses itself.

    Its reduction of very large pictures and its padding of very flat ones are left out: both sides see the
    same picture.

    Args:
        material: Its bundles give the parameters.
        run: Runs the network of a task.
        detection: Our detection: the network's input has the same shape here, so the map serves both.
    """

    def __init__(self, material: Material, run: Callable[[str, Array], Array], detection: Exchange) -> None:
        det = material.parameters(DetectionParameters)
        cls = material.parameters(ClassificationParameters)
        rec = material.parameters(RecognitionParameters)
        self._cls = Replay(partial(run, "cls"))
        self._rec = Replay(partial(run, "rec"))
        self._detection = detection
        self._map = probability_map(detection.output)
        self._load = LoadImage()
        self._prepare = DetPreProcess(det.limit_side, det.limit_type, det.mean, det.std)
        self._post = rapid_post_processing(det)
        # without their constructors, which would load networks
        self._rapid = RapidOCR.__new__(RapidOCR)
        vars(self._rapid).update(text_score=0.5)
        self._classifier = RapidClassifier.__new__(RapidClassifier)
        vars(self._classifier).update(
            cls_image_shape=[3, cls.height, cls.width],
            cls_batch_num=6,
            cls_thresh=cls.threshold,
            postprocess_op=ClsPostProcess(["0", "180"]),
            infer=self._cls,
        )
        bundle = material.bundles["rec"]
        assert bundle.manifest.dictionary is not None
        self._recognizer = RapidRecognizer.__new__(RapidRecognizer)
        vars(self._recognizer).update(
            rec_image_shape=[3, rec.height, 320],
            rec_batch_num=6,
            postprocess_op=CTCLabelDecode(character_path=bundle.folder / bundle.manifest.dictionary),
            session=self._rec,
        )

    def read(self, path: Path, quads: list[Quad]) -> dict[str, float]:
        """Read the photograph once.

        Args:
            path: The photograph.
            quads: Our boxes: stages after detection work on these, so that both do the same work.

        Returns:
            Seconds by stage, without the networks.
        """
        self._cls.rewind()
        self._rec.rewind()
        watch = _Stopwatch()
        picture = watch.time("load", lambda: self._load(path))
        height, width = picture.shape[:2]
        tensor = watch.time("detect", lambda: self._prepare(picture))
        if tensor.shape != self._detection.shape:
            raise RuntimeError(f"RapidOCR gives the network {tensor.shape}, we {self._detection.shape}")
        watch.time(
            "detect", lambda: self._rapid.sorted_boxes(rapid_boxes(self._post, self._map, (width, height)))
        )
        crops = watch.time("crop", lambda: self._rapid.get_crop_img_list(picture, quads))
        # it turns what is upside down inside
        upright, angles, _ = watch.time("classify", lambda: self._classifier(crops), self._cls)
        texts, _ = watch.time("recognize", lambda: self._recognizer(upright), self._rec)
        watch.time("result", lambda: self._result(quads, angles, texts, height, width))
        return watch.stages

    def _result(self, quads: list[Quad], angles: object, texts: object, height: int, width: int) -> object:
        record = {"preprocess": {"ratio_h": 1.0, "ratio_w": 1.0}, "padding_1": {"top": 0, "left": 0}}
        boxes = self._rapid._get_origin_points(quads, record, height, width)
        return self._rapid.get_final_res(boxes, angles, texts, 0.0, 0.0, 0.0)


class _Stopwatch:
    """Collects the time of each stage, without what a replay took."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}

    def time(self, stage: str, work: Callable[[], T], replay: Replay | None = None) -> T:
        before = replay.seconds if replay else 0.0
        start = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - start - ((replay.seconds - before) if replay else 0.0)
        self.stages[stage] = self.stages.get(stage, 0.0) + seconds
        return result
