"""One-shot runs: ``.npy`` files in, outputs and a JSON report out."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from edge.predictor.npy import NpyError, npy_bytes, read_npy
from edge.predictor.protocol import Array
from edge.runner.arguments import Arguments
from edge.runner.compare import compare, read_expected
from edge.runner.error import RunnerError
from edge.runner.lite import LiteEngine
from edge.runner.memory import peak_rss_mb


def run_once(engine: LiteEngine, arguments: Arguments, stdout: int) -> bool:
    """Run every input and write the report.

    Args:
        engine: The loaded model.
        arguments: The command line.
        stdout: Descriptor for the report where no ``--report`` is given.

    Returns:
        False where an output is not what ``--compare`` says; standard error then has a line for each.

    Raises:
        RunnerError: An input cannot be read or does not suit, or a result cannot be written.
    """
    description = engine.describe()
    # all are read and checked before the first is run: nothing is written where one of them is refused
    arrays = [_load(engine, path) for path in arguments.input]
    expected = [read_expected(path) for path in arguments.compare]
    failures: list[str] = []
    cases = []
    for number, array in enumerate(arrays):
        wanted = expected[number] if expected else None
        cases.append(_run_case(engine, number, array, wanted, arguments, failures))
    report = {
        "runner": "python",
        "library": description["library"],
        "library_version": description["library_version"],
        "model": str(arguments.model),
        "threads": description["threads"],
        "power_mode": description["power_mode"],
        "load_ms": description["load_ms"],
        "cases": cases,
        "peak_rss_mb": peak_rss_mb(),
    }
    text = (json.dumps(report, indent=1) + "\n").encode()
    if arguments.report is None:
        _print(text, stdout)
    else:
        _write(text, arguments.report, "--report")
    for failure in failures:
        print(f"runner: {failure}", file=sys.stderr)  # noqa: T201
    return not failures


def _run_case(
    engine: LiteEngine,
    number: int,
    array: Array,
    expected: Array | None,
    arguments: Arguments,
    failures: list[str],
) -> dict[str, Any]:
    """A case of the report. What ``--compare`` found amiss is added to the failures."""
    times: list[float] = []
    processor: list[float] = []
    outputs: list[Array] = []
    for _ in range(arguments.warmup + arguments.repeats):
        start, busy = time.perf_counter(), time.process_time()
        outputs = engine.run([array])
        times.append((time.perf_counter() - start) * 1000)
        processor.append((time.process_time() - busy) * 1000)
    case: dict[str, Any] = {
        "input": str(arguments.input[number]),
        "shape": list(array.shape),
        "warmup_ms": times[: arguments.warmup],
        "samples_ms": times[arguments.warmup :],
        "cpu_ms": processor[arguments.warmup :],
        "outputs": [_save(number, index, output, arguments.output) for index, output in enumerate(outputs)],
    }
    if expected is not None:
        files = (arguments.input[number], arguments.compare[number])
        case["difference"], failure = compare(outputs[0], expected, *files, arguments.tolerance)
        failures += [failure] if failure else []
    return case


def _load(engine: LiteEngine, path: Path) -> Array:
    try:
        array = read_npy(path)
        engine.check([array])
    except NpyError as error:
        raise RunnerError(f"--input {path}: not a .npy tensor, {error}") from None
    except OSError as error:
        raise RunnerError(f"--input {path}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise RunnerError(f"--input {path}: {error}") from None
    return array


def _save(number: int, index: int, output: Array, folder: Path | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"shape": list(output.shape), "dtype": str(output.dtype)}
    if folder is not None:
        file = folder / f"{number}_{index}.npy"
        _write(npy_bytes(output), file, "--output")
        entry["file"] = str(file)
    return entry


def _write(content: bytes, file: Path, option: str) -> None:
    unfinished = file.with_name(f".{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        unfinished.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise RunnerError(f"{option} {file}: cannot be written ({error.strerror})") from None


def _print(text: bytes, stdout: int) -> None:
    try:
        while text:
            text = text[os.write(stdout, text) :]
    except OSError as error:
        raise RunnerError(f"standard output: cannot be written ({error.strerror})") from None
