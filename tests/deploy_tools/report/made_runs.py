"""Runs for reports: measurements of every scenario, as devices that grow warm would give them; seeded."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import numpy as np
from PIL import Image, ImageDraw

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.environment import Environment, Reading
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.run import Run
from deploy_tools.measurement.series import DISTURBED, OK, THROTTLED, Series
from deploy_tools.results.record import RunRecord

BEGAN = datetime(2026, 3, 2, 9, 30, tzinfo=timezone.utc)
HOSTILE = "<script>alert(1)</script> & \"quotes\" 'too' <img src=x onerror=alert(2)>"
DET, REC, CLS = "ch_ppocr_mobile_v2.0_det", "ch_ppocr_mobile_v2.0_rec", "ch_ppocr_mobile_v2.0_cls"
PI = Environment(
    "pi4",
    library="Paddle-Lite",
    library_version="v2.13-rc",
    runner="native 0.1.0",
    wire="ssh",
    machine="aarch64",
    os="Debian 12",
    kernel="6.1.0",
    board="Raspberry Pi 4 Model B",
    soc="BCM2711",
    cores="4 x Cortex-A72 at 1.50 GHz",
    governor="ondemand",
    memory_bytes=4_000_000_000,
    host="desk",
    versions={"ppocr-edge": "0.1.0"},
)
PHONE = replace(
    PI, device="pixel", wire="adb", board="Google Pixel 5", soc="SM7250", cores="8 cores", os="Android 13"
)


def samples(middle: float, count: int, seed: int, *, slow_from: float = 2.0, name: str = "run") -> Series:
    """Samples around a middle, a few of them disturbed, throttled from some share of them on."""
    rng = np.random.default_rng(seed)
    values = middle * (1 + 0.02 * rng.standard_normal(count) + 0.02 * rng.exponential(size=count))
    flags = np.full(count, OK, np.uint8)
    hit = rng.random(count) < 0.04
    values[hit] *= rng.uniform(1.3, 2.2, int(hit.sum()))
    flags[hit] |= DISTURBED
    hot = np.arange(count) >= slow_from * count
    values[hot] *= 1.35
    flags[hot] |= THROTTLED
    at = np.concatenate([[0.0], np.cumsum(values)[:-1]]) / 1000
    return Series(name, values, "ms", at, flags)


def readings(seconds: float, zones: Sequence[str] = ("cpu-thermal",), count: int = 40) -> tuple[Reading, ...]:
    """Temperatures that rise to a ceiling, and two clusters of cores, one of which is then slowed."""
    found = []
    seconds = max(seconds, 1.0)
    for step in range(count):
        at = seconds * step / (count - 1)
        warm = 1 - math.exp(-3 * at / seconds)
        celsius = {zone: 42.0 + (38 - 5 * number) * warm for number, zone in enumerate(zones)}
        big = 1_500_000 if warm < 0.85 else 1_000_000 + 100_000 * (step % 3)
        found.append(Reading(at, celsius, {0: 1_200_000, 1: 1_200_000, 2: big, 3: big}))
    return tuple(found)


def latency(
    environment: Environment, case: Case, middle: float, seed: int, *, count: int = 120, day: int = 0
) -> Measurement:
    """A measurement of one model."""
    series = (
        Series("load", np.array([middle * 0.8])),
        Series("first", np.array([middle * 1.9])),
        samples(middle * 1.1, 10, seed + 1, name="warmup"),
        samples(middle, count, seed),
    )
    return Measurement(
        case,
        environment,
        BEGAN + timedelta(days=day),
        3.0,
        {one.name: one for one in series},
        readings(3.0, count=3),
        peak_rss_mb=62.4,
    )


def photograph(text: str) -> bytes:
    """A small JPEG."""
    picture = Image.new("RGB", (480, 200), (236, 232, 222))
    ImageDraw.Draw(picture).text((30, 80), text, fill=(30, 30, 40))
    stream = io.BytesIO()
    picture.save(stream, format="JPEG")
    return stream.getvalue()


def pipeline(environment: Environment, middle: float, seed: int, texts: Sequence[str]) -> Measurement:
    """A measurement of reading a photograph."""
    parts = {"detect": 0.3, "classify": 0.05, "recognize": 0.6}
    series = [samples(middle, 30, seed)]
    series += [
        samples(middle * part, 30, seed + number, name=name)
        for number, (name, part) in enumerate(parts.items())
    ]
    case = Case("ocr", "+".join((DET, CLS, REC)), threads=4, detail="receipt.jpg")
    return Measurement(
        case,
        environment,
        BEGAN,
        60.0,
        {one.name: one for one in series},
        peak_rss_mb=180.0,
        texts=tuple(texts),
        picture=photograph(" ".join(texts)[:40]),
    )


def sweep(environment: Environment, seed: int) -> list[Measurement]:
    """Threads by sizes; one case failed, one was not measured."""
    found = []
    for threads in (1, 2, 4):
        for width in (160, 320, 480, 640):
            case = Case("sweep", REC, shape=(1, 3, 48, width), threads=threads)
            middle = 9.0 * width / 160 / threads**0.8
            if (threads, width) == (2, 640):
                continue
            if (threads, width) == (4, 640):
                found.append(
                    Measurement(
                        case, environment, BEGAN, 1.0, error="the runner ended by SIGKILL; free memory"
                    )
                )
                continue
            found.append(
                Measurement(
                    case, environment, BEGAN, 2.0, {"run": samples(middle, 40, seed + width + threads)}
                )
            )
    return found


def sustained(environment: Environment, seed: int, *, count: int = 4000) -> Measurement:
    """Under load until it throttles."""
    series = samples(45.0, count, seed, slow_from=0.6)
    seconds = float(series.at[-1])
    return Measurement(
        Case("sustained", DET, shape=(1, 3, 640, 640), threads=4),
        environment,
        BEGAN,
        seconds,
        {"run": series},
        readings(seconds, ("cpu-thermal", "gpu-thermal")),
    )


def parity(environment: Environment, subject: str, difference: float) -> Measurement:
    """Whether outputs agree."""
    series = Series("largest difference", np.array([difference]), "")
    verdict = "" if difference < 1e-3 else f"largest difference {difference:g}, at most 0.001 are allowed"
    case = Case("parity", subject, shape=(1, 3, 48, 160))
    return Measurement(case, environment, BEGAN, 1.0, {series.name: series}, verdict=verdict)


def run(number: int, scenario: str = "latency", **more: object) -> Run:
    """A run, a day later than the one before."""
    return replace(
        Run(
            f"{number:012x}",
            scenario,
            BEGAN + timedelta(days=number),
            host="desk",
            command=f"ppocr-edge measure {scenario} bundles/*",
            tags=("main",),
            version="0.1.0",
        ),
        **more,  # type: ignore[arg-type]
    )


def everything() -> list[RunRecord]:
    """Runs of every scenario, on two devices."""
    cases = [
        (Case("latency", DET, shape=(1, 3, 640, 640)), 138.0),
        (Case("latency", CLS, shape=(1, 3, 48, 192)), 4.2),
        (Case("latency", REC, shape=(1, 3, 48, 320)), 31.0),
        (Case("latency", REC, precision="int8-weights", shape=(1, 3, 48, 320)), 22.0),
    ]
    runs = []
    for number in range(6):
        drift = 1.06 if number == 5 else 1.0
        found = [
            latency(place, case, middle * factor * drift, 100 * number + place_number, day=number)
            for place_number, (place, factor) in enumerate(((PI, 1.0), (PHONE, 0.62)))
            for case, middle in cases
            if (place is PI or case.subject != CLS)
        ]
        if number == 5:
            broken = replace(
                found[-1],
                case=Case("latency", CLS, shape=(1, 3, 48, 192)),
                series={},
                error="died of SIGSEGV; convert it again",
            )
            found.append(broken)
        runs.append(RunRecord(run(number), None, tuple(found)))
    texts = ("Harbour & Finch", "DELIVERY NOTE", "供应商：海湾纸品有限公司", "Total EUR 1,537.86")
    read = [pipeline(PI, 2400.0, 1, texts), pipeline(PHONE, 1300.0, 2, texts)]
    runs.append(RunRecord(run(6, "ocr"), None, tuple(read)))
    runs.append(RunRecord(run(7, "sweep"), None, (*sweep(PI, 5), *sweep(PHONE, 6))))
    runs.append(RunRecord(run(8, "sustained"), None, (sustained(PI, 7), sustained(PHONE, 8, count=300))))
    checks = (parity(PI, DET, 4e-5), parity(PI, REC, 0.02), parity(PHONE, DET, 1e-5))
    runs.append(RunRecord(run(9, "parity"), None, checks))
    return runs


def hostile() -> list[RunRecord]:
    """Runs in which everything that comes from outside tries to be code."""
    words = dict.fromkeys(
        ("device", "library", "library_version", "runner", "wire", "machine", "os"), HOSTILE
    )
    words |= dict.fromkeys(("os", "kernel", "board", "soc", "cores", "governor", "host", "note"), HOSTILE)
    place = Environment(**words, versions={HOSTILE: HOSTILE})  # type: ignore[arg-type]
    case = Case("latency", HOSTILE, precision=HOSTILE, shape=(1, 3), power_mode=HOSTILE, detail=HOSTILE)
    measured = latency(place, case, 10.0, 1)
    odd = {**measured.series, HOSTILE: samples(5.0, 9, 3, name=HOSTILE)}
    zones = readings(4.0, (HOSTILE, "other"))
    found = [
        replace(measured, series=odd),
        replace(
            measured,
            case=replace(case, scenario="ocr"),
            series=odd,
            texts=(HOSTILE,),
            picture=photograph("x"),
        ),
        replace(measured, case=replace(case, scenario="sustained"), readings=zones),
        replace(measured, case=replace(case, scenario="parity"), verdict=HOSTILE, series=odd),
        replace(measured, case=replace(case, detail="other"), series={}, error=HOSTILE),
        *(
            replace(measured, case=replace(case, scenario="sweep", threads=number, detail=HOSTILE[number:]))
            for number in (1, 2)
        ),
    ]
    return [
        RunRecord(
            run(
                number,
                id=f"{number}{HOSTILE}",
                host=HOSTILE,
                command=HOSTILE,
                tags=(HOSTILE,),
                version=HOSTILE,
            ),
            None,
            tuple(found),
        )
        for number in (1, 2)
    ]
