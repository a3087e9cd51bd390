"""What Paddle-Lite's ``benchmark.sh`` collects of a ``benchmark_bin`` before 2.10.

::

    PaddleLite Benchmark
    Threads=1 Warmup=10 Repeats=30
    larger                   min = 44.00000    max = 48.50000    average = 45.12345

Still older ones write ``-- larger          avg = 99.4380 ms``; some have min and max the wrong way
round.
"""

from __future__ import annotations

import re
from typing import Final

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.environment import Environment
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.results.imports.content import Content
from deploy_tools.results.imports.made import RUN_AVG, RUN_MAX, RUN_MIN, made_runs, series_by_name
from deploy_tools.results.imports.naming import Naming
from deploy_tools.results.record import RunRecord

_NUMBER: Final = r"([0-9]+(?:\.[0-9]+)?)"
_CONDITIONS: Final = re.compile(r"Threads=([0-9]{1,4}) Warmup=([0-9]+) Repeats=([0-9]+)")
_RESULT: Final = re.compile(
    rf"(?:-- )?(\S+)\s+(?:min = {_NUMBER}\s+max = {_NUMBER}\s+)?(?:average|avg) = {_NUMBER}(?: ms)?"
)


def is_benchmark_script(text: str) -> bool:
    """Whether a text is its output."""
    return any(_CONDITIONS.fullmatch(line.strip()) for line in text.splitlines())


def runs_of_benchmark_script(content: Content, naming: Naming) -> list[RunRecord]:
    """The runs of a text.

    Raises:
        InputError: There are no results in it, or it is not told which device they are from.
    """
    if not naming.device:
        raise content.refusal("does not say which device it is from", "name it with --device")
    measurements: list[Measurement] = []
    threads, note = 0, ""
    for line in map(str.strip, content.text.splitlines()):
        if match := _CONDITIONS.fullmatch(line):
            threads = int(match[1])
            note = f"average of {match[3]} runs after {match[2]}, without samples"
        elif threads and (match := _RESULT.fullmatch(line)):
            ends = sorted(float(end) for end in (match[2], match[3]) if end is not None)
            times = {RUN_AVG: [float(match[4])], RUN_MIN: ends[:1], RUN_MAX: ends[1:]}
            measurements.append(
                Measurement(
                    Case("latency", naming.model or match[1], naming.precision or "fp32", threads=threads),
                    Environment(
                        naming.device,
                        library="Paddle-Lite",
                        runner="benchmark_bin",
                        note=f"imported from benchmark.sh: {note}",
                    ),
                    content.written,
                    0.0,
                    series_by_name(times),
                )
            )
    if not measurements:
        raise content.refusal("holds no results of benchmark.sh", "give the whole of its result file")
    return made_runs(content, naming, "benchmark.sh", measurements)
