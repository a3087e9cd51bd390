"""What Paddle-Lite's ``benchmark_bin`` prints, or appends to its ``--result_path``, since 2.10.

::

    ======= Model Info =======
    optimized_model_file: ch_ppocr_mobile_v2.0_cls/opt.nb
    ⋮
    ======= Perf Info =======
    Time(unit: ms):
    init  = 21.480
    first = 70.125
    min   = 50.300
    max   = 58.900
    avg   = 52.250

A file holds one such block after another. There are no samples in it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Final

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.environment import Environment
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.series import FIRST, LOAD
from deploy_tools.results.imports.content import Content
from deploy_tools.results.imports.made import RUN_AVG, RUN_MAX, RUN_MIN, made_runs, series_by_name
from deploy_tools.results.imports.model_name import model_name
from deploy_tools.results.imports.naming import Naming
from deploy_tools.results.imports.spelling import input_shapes, power_mode_name
from deploy_tools.results.record import RunRecord

_SECTION: Final = re.compile(r"=+ (Opt|Device|Model|Runtime|Backend|Accurancy|Accuracy|Perf) Info =+")
_PAIR: Final = re.compile(r"([^:=]+?)\s*[:=]\s*(.*)")
_MEMORY: Final = re.compile(r"Memory Usage\s*\(unit: (kB|MB)\):?")
_IN_MB: Final = {"kB": 1024 / 1e6, "MB": 1024 * 1024 / 1e6}
_TIMES: Final = {LOAD: "init", FIRST: "first", RUN_AVG: "avg", RUN_MIN: "min", RUN_MAX: "max"}

Block = dict[str, dict[str, str]]


def is_benchmark_bin(text: str) -> bool:
    """Whether a text is its output."""
    return any(_SECTION.fullmatch(line.strip()) for line in text.splitlines())


def runs_of_benchmark_bin(content: Content, naming: Naming) -> list[RunRecord]:
    """The runs of a text.

    Raises:
        InputError: A block is incomplete, or nobody says which device it is from.
    """
    blocks = list(_blocks(content.text))
    measurements = [_measurement(content, naming, number, block) for number, block in enumerate(blocks, 1)]
    return made_runs(content, naming, "benchmark_bin", measurements)


def _blocks(text: str) -> Iterator[Block]:
    block: Block = {}
    section: dict[str, str] = {}
    for line in map(str.strip, text.splitlines()):
        if match := _SECTION.fullmatch(line):
            if "Perf" in block:  # what comes now is of the next one
                yield block
                block = {}
            section = block.setdefault(match[1], {})
        elif match := _MEMORY.fullmatch(line):
            section = block.setdefault("Memory", {"unit": match[1]})
        elif line.startswith("Load paddle model from "):
            section["from"] = line.removeprefix("Load paddle model from ").partition(" and ")[0]
        elif match := _PAIR.fullmatch(line):
            section.setdefault(match[1], match[2])
    if block:
        yield block


def _measurement(content: Content, naming: Naming, number: int, block: Block) -> Measurement:
    where = f"block {number} of benchmark_bin's output"
    device, runtime = block.get("Device", {}), block.get("Runtime", {})
    named = naming.device or device.get("Model") or device.get("Device")
    if not named:
        raise content.refusal(f"{where} does not say which device it is from", "name it with --device")
    times = {name: _time(content, where, block.get("Perf", {}), key) for name, key in _TIMES.items()}
    if not times[RUN_MIN] <= times[RUN_AVG] <= times[RUN_MAX]:
        raise content.refusal(f"{where} has an average that is not between min and max", "measure again")
    repeats, warmup = runtime.get("repeats", "?"), runtime.get("warmup", "?")
    return Measurement(
        case=_case(naming, block),
        environment=Environment(
            named,
            library="Paddle-Lite",
            library_version=runtime.get("benchmark_bin version", ""),
            runner="benchmark_bin",
            os=f"Android {device['Android Version']}" if "Android Version" in device else "",
            board=" ".join(filter(None, (device.get("Brand"), device.get("Model")))),
            note=f"imported from benchmark_bin: average of {repeats} runs after {warmup}, without samples",
        ),
        started=content.written,
        seconds=0.0,
        series=series_by_name({name: [value] for name, value in times.items()}),
        peak_rss_mb=_peak(block.get("Memory", {})),
    )


def _case(naming: Naming, block: Block) -> Case:
    model, runtime, backend = (block.get(name, {}) for name in ("Model", "Runtime", "Backend"))
    shapes = input_shapes(model.get("input_shape", ""))
    places = backend.get("backend", "")
    on_gpu = "opencl" in places
    precision = backend.get("gpu precision" if on_gpu else "cpu precision", "fp32")
    threads = runtime.get("threads", "")
    detail = [places] if places not in ("", "arm", "x86") else []
    if len(shapes) > 1:
        detail.append("inputs " + model["input_shape"])
    return Case(
        "latency",
        naming.model
        or model_name(block.get("Opt", {}).get("from", ""), model.get("optimized_model_file", ""))
        or "model",
        naming.precision or precision,
        shapes[0] if shapes else (),
        int(threads) if threads.isascii() and threads.isdecimal() else 1,
        power_mode_name(runtime.get("power_mode", "")) if "arm" in places else "",
        ", ".join(detail),
    )


def _time(content: Content, where: str, times: Mapping[str, str], key: str) -> float:
    try:
        value = float(times[key].split()[0])
    except (IndexError, KeyError, ValueError):
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise content.refusal(f"{where} has no time {key!r}", "give the whole output of the program")
    return value


def _peak(memory: Mapping[str, str]) -> float | None:
    try:
        return float(memory["peak"].split()[0]) * _IN_MB[memory["unit"]]
    except (IndexError, KeyError, ValueError):
        return None
