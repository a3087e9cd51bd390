"""What Paddle-Lite's C++ demos print (``mobilenetv1_light_api`` and those made after it), with their samples.

::

    run_idx:1 / 10: 15.250 ms
    ⋮
    ======= benchmark summary =======
    input_shape(s) (NCHW): {1, 3, 48, 192}
    model_dir:cls_opt.nb
    warmup:10
    repeats:10
    *** time info(ms) ***
    1st_duration:40.5
    max_duration:16.125
    min_duration:15.250
    avg_duration:15.7

Some leave the lines of single runs out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.environment import Environment
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.series import FIRST, RUN
from deploy_tools.results.imports.content import Content
from deploy_tools.results.imports.made import RUN_AVG, RUN_MAX, RUN_MIN, made_runs, series_by_name
from deploy_tools.results.imports.model_name import model_name
from deploy_tools.results.imports.naming import Naming
from deploy_tools.results.imports.spelling import input_shapes, power_mode_name
from deploy_tools.results.record import RunRecord

_SUMMARY: Final = re.compile(r"=+ benchmark summary =+")
_RUN: Final = re.compile(r"run_idx:\s*([0-9]+)\s*/\s*[0-9]+:\s*([0-9.eE+-]+) ms")
_DURATIONS: Final = {
    FIRST: "1st_duration",
    RUN_AVG: "avg_duration",
    RUN_MIN: "min_duration",
    RUN_MAX: "max_duration",
}


def is_light_demo(text: str) -> bool:
    """Whether a text is their output."""
    return any(_SUMMARY.fullmatch(line.strip()) for line in text.splitlines())


def runs_of_light_demo(content: Content, naming: Naming) -> list[RunRecord]:
    """The runs of a text.

    Raises:
        InputError: A summary is incomplete, or it is not told which device it is from.
    """
    if not naming.device:
        raise content.refusal("does not say which device it is from", "name it with --device")
    try:
        found = [
            _measurement(content, naming.device, naming, runs, summary)
            for runs, summary in _summaries(content.text)
        ]
    except KeyError as error:
        raise content.refusal(f"has no line {error.args[0]!r}", "give the program's whole output") from None
    except ValueError as error:
        raise content.refusal(f"has a line that is no number ({error!s:.80})", "give it unchanged") from None
    return made_runs(content, naming, "a C++ demo", found)


def _summaries(text: str) -> Iterator[tuple[list[float], dict[str, str]]]:
    runs: list[float] = []
    summary: dict[str, str] | None = None
    for line in map(str.strip, text.splitlines()):
        if match := _RUN.fullmatch(line):
            if summary is not None:  # of the next program
                yield runs, summary
                runs, summary = [], None
            runs.append(float(match[2]))
        elif _SUMMARY.fullmatch(line):
            if summary is not None:
                yield runs, summary
                runs = []
            summary = {}
        elif summary is not None and ":" in line:
            key, _, value = line.partition(":")
            summary.setdefault(key.strip(), value.strip())
    if summary is not None:
        yield runs, summary


def _measurement(
    content: Content, device: str, naming: Naming, runs: list[float], summary: Mapping[str, str]
) -> Measurement:
    times = {name: [float(summary[key])] for name, key in _DURATIONS.items()}
    repeats, warmup = int(summary["repeats"]), int(summary["warmup"])
    if len(runs) == repeats:  # nothing is missing, and the figures made of them are not needed
        # without a warm-up the first of them is the first run of all
        times = {FIRST: times[FIRST], RUN: runs if warmup else runs[1:]}
        note = f"{repeats} runs after {warmup}"
    else:
        note = f"average of {repeats} runs after {warmup}, without samples"
    shape = next((value for key, value in summary.items() if key.startswith("input_shape")), "")
    shapes = input_shapes(shape)
    threads, mode = summary.get("thread_num", "1"), summary.get("power_mode", "")
    if threads == "0":  # some print each of the two under the other's name
        threads, mode = mode, threads
    return Measurement(
        Case(
            "latency",
            naming.model or model_name(summary["model_dir"]) or "model",
            naming.precision or "fp32",
            shapes[0] if shapes else (),
            int(threads),
            power_mode_name(mode),
        ),
        Environment(
            device, library="Paddle-Lite", runner="C++ demo", note=f"imported from a C++ demo: {note}"
        ),
        content.written,
        0.0,
        series_by_name(times),
    )
