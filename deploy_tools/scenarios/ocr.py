"""The whole pipeline on photographs: time by stage, what was read, and a picture of it."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

from PIL import Image

from deploy_tools.devices.base import DevicePredictor
from deploy_tools.draw.result import draw_result
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.series import FIRST, LOAD, RUN, Series
from deploy_tools.reader import open_ocr
from deploy_tools.scenarios.looking import Look
from deploy_tools.scenarios.opening import open_bundles, require_file
from deploy_tools.scenarios.plan import Measuring, Part, Unit
from deploy_tools.scenarios.sampling import Samples, monotonic_since
from deploy_tools.scenarios.workplace import Workplace
from edge.bundle.bundle import Bundle
from edge.errors import ImageError
from edge.ocr.image import load_image
from edge.ocr.pipeline import OCR
from edge.ocr.result import PageResult
from edge.predictor.protocol import Array

STAGES: Final = ("detect", "classify", "recognize")
REST: Final = "rest"
NETWORK: Final = "network"
"""What all networks took where they ran: the rest of the stages is work of this host, and transport."""
PICTURE_BYTES: Final = 100_000
_PICTURE_SIDE: Final = 1280


class TimedPredictor:
    """A predictor of a device that adds up what its runs took there.

    Args:
        inner: Runs the network.

    Attributes:
        seconds: Since it was last set to 0.
    """

    def __init__(self, inner: DevicePredictor) -> None:
        self.inner = inner
        self.seconds = 0.0

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """Run the network once; see :class:`edge.predictor.protocol.Predictor`."""
        outputs = self.inner.run(inputs)
        self.seconds += self.inner.seconds
        return outputs

    def close(self) -> None:
        """Close the predictor."""
        self.inner.close()


def measure_ocr(unit: Unit, place: Workplace, told: Callable[[float], None]) -> Measuring:
    """Measure a pipeline on the photographs of a unit, one after the other; each comes when it is done.

    Args:
        unit: Its parts have the same bundles and settings.
        place: Where.
        told: How much of it is done, 0 to 1.

    Raises:
        PpocrEdgeError: The pipeline cannot be opened, or broke.
    """
    conditions, first = unit.conditions, unit.parts[0]
    bundles = open_bundles(first, place.device)
    ocr = open_ocr(
        bundles,
        place.device,
        force=conditions.force,
        run_seconds=conditions.run_seconds,
        min_score=conditions.min_score,
        settings=first.settings,
    )
    with closing(ocr):
        pipeline = _Pipeline(ocr, bundles)
        for number, part in enumerate(unit.parts, start=1):
            yield _measure_photograph(part, unit, pipeline, place)
            told(number / len(unit.parts))


class _Pipeline:
    """A pipeline whose networks' own time is known."""

    def __init__(self, ocr: OCR, bundles: Mapping[str, Bundle]) -> None:
        self.ocr = ocr
        self.bundles = bundles
        opened: dict[str, Any] = {"det": ocr.detector, "cls": ocr.classifier, "rec": ocr.recognizer}
        self.timed: dict[str, TimedPredictor] = {}
        for task, holder in opened.items():
            if holder is not None:
                self.timed[task] = holder.predictor = TimedPredictor(holder.predictor)

    def read(self, path: Path) -> tuple[PageResult, dict[str, float]]:
        """A page, and what it took in ms: all of it as ``run``, and by stage."""
        for one in self.timed.values():
            one.seconds = 0.0
        start = time.perf_counter()
        page = self.ocr.read(path)
        total = time.perf_counter() - start
        stages = {stage: page.seconds[stage] for stage in STAGES}
        network = sum(one.seconds for one in self.timed.values())
        seconds = {RUN: total, **stages, REST: total - sum(stages.values()), NETWORK: network}
        return page, {name: value * 1000 for name, value in seconds.items()}

    @property
    def info(self) -> Mapping[str, Any]:
        """The greeting of a runner: they are all alike."""
        return self.timed["det"].inner.info

    @property
    def load_ms(self) -> float:
        """Of all networks together."""
        return sum(float(one.inner.info.get("load_ms", 0.0)) for one in self.timed.values())

    @property
    def peak_rss_mb(self) -> float:
        """Of all runners together: they are there at the same time."""
        return sum(one.inner.peak_rss_mb for one in self.timed.values())

    @property
    def opt_versions(self) -> str:
        """Of its bundles, each once."""
        return "+".join(dict.fromkeys(bundle.nb.opt_version for bundle in self.bundles.values()))


def _measure_photograph(part: Part, unit: Unit, pipeline: _Pipeline, place: Workplace) -> Measurement:
    """One photograph; where it cannot be read the measurement says why.

    Raises:
        PredictorError: The pipeline broke.
    """
    began, start = datetime.now(timezone.utc), time.monotonic()
    environment = place.environment(pipeline.info, part.settings, pipeline.opt_versions)
    clock = monotonic_since(start)
    looks: list[Look] = []
    place.add_look(looks, clock())
    try:
        require_file(part)
        page, first, samples = _samples(part, unit, pipeline, clock)
    except ImageError as error:
        return Measurement(part.case, environment, began, clock(), inputs=part.hashes, error=error.one_line())
    place.add_look(looks, clock())
    return Measurement(
        case=part.case,
        environment=environment,
        started=began,
        seconds=clock(),
        series=_series(first, samples, pipeline.load_ms, looks),
        readings=tuple(look.reading for look in looks),
        peak_rss_mb=pipeline.peak_rss_mb or None,
        inputs=part.hashes,
        texts=tuple(line.text for line in page.lines),
        picture=small_picture(part.file, page),
    )


def _samples(
    part: Part, unit: Unit, pipeline: _Pipeline, clock: Callable[[], float]
) -> tuple[PageResult, Samples, dict[str, Samples]]:
    conditions, path = unit.conditions, Path(part.file)
    page, times = pipeline.read(path)  # networks prepare themselves for the sizes of this photograph
    first = Samples([times[RUN]], [clock() - times[RUN] / 1000], [math.nan])
    samples: dict[str, Samples] = {}
    begin = clock()
    while True:
        at = clock()
        page, times = pipeline.read(path)
        for name, ms in times.items():
            kept = samples.setdefault(name, Samples())
            kept.values.append(ms)
            kept.at.append(at)
            kept.waits.append(math.nan)
        gone = clock() - begin
        enough = len(samples[RUN].values) >= conditions.runs and gone >= conditions.seconds
        if enough or gone >= conditions.limit:
            return page, first, samples


def _series(
    first: Samples, samples: Mapping[str, Samples], load_ms: float, looks: list[Look]
) -> dict[str, Series]:
    made = [Samples([load_ms], [0.0], [math.nan]).series(LOAD), first.series(FIRST)]
    made += [kept.series(name, looks) for name, kept in samples.items()]
    return {one.name: one for one in made}


def small_picture(file: str, page: PageResult) -> bytes:
    """What was read in a photograph as a JPEG of at most about 100 KB.

    Raises:
        ImageError: The photograph cannot be read.
    """
    image = load_image(file)
    drawn = draw_result(image.picture, page.lines, size=(page.width, page.height))
    drawn.thumbnail((_PICTURE_SIDE, _PICTURE_SIDE), Image.Resampling.LANCZOS)
    for quality in (80, 65, 50, 35):
        kept = io.BytesIO()
        drawn.save(kept, "JPEG", quality=quality, optimize=True)
        if kept.tell() <= PICTURE_BYTES:
            break
    return kept.getvalue()
