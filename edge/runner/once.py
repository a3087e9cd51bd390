"""One-shot runs: ``.npy`` files in, outputs and a JSON report out."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from edge.predictor.protocol import Array
from edge.runner.serve import Engine, peak_rss_mb


def run_once(engine: Engine, arguments: argparse.Namespace, stdout: int) -> int:
    """Run every input and write the report.

    Args:
        engine: The loaded model.
        arguments: The command line.
        stdout: Descriptor for the report where no ``--report`` is given.

    Returns:
        The exit code.
    """
    try:
        cases = [_run_case(engine, number, path, arguments) for number, path in enumerate(arguments.input)]
    except (ValueError, OSError) as error:
        print(f"runner: {error}", file=sys.stderr)  # noqa: T201
        return 2
    description = engine.describe()
    report = {
        "runner": "python",
        "library": description["library"],
        "library_version": description["library_version"],
        "model": str(arguments.model),
        "threads": arguments.threads,
        "power_mode": arguments.power_mode,
        "load_ms": description["load_ms"],
        "cases": cases,
        "peak_rss_mb": peak_rss_mb(),
    }
    text = json.dumps(report, indent=1) + "\n"
    if arguments.report is None:
        os.write(stdout, text.encode())
    else:
        unfinished = arguments.report.with_name(arguments.report.name + ".part")
        unfinished.write_text(text)
        unfinished.replace(arguments.report)
    return 0


def _run_case(engine: Engine, number: int, path: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    array = _load(path)
    warmup = [_timed(engine, array)[0] for _ in range(arguments.warmup)]
    samples: list[float] = []
    outputs: list[Array] = []
    for _ in range(arguments.repeats):
        milliseconds, outputs = _timed(engine, array)
        samples.append(milliseconds)
    return {
        "input": str(path),
        "shape": list(array.shape),
        "warmup_ms": warmup,
        "samples_ms": samples,
        "outputs": [_write(number, index, output, arguments.output) for index, output in enumerate(outputs)],
    }


def _load(path: Path) -> Array:
    try:
        array: Array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ValueError(f"--input {path}: not a .npy tensor ({error})") from error
    except OSError as error:
        raise ValueError(f"--input {path}: cannot be read ({error.strerror})") from error
    return array


def _timed(engine: Engine, array: Array) -> tuple[float, list[Array]]:
    start = time.perf_counter()
    outputs = engine.run([array])
    return (time.perf_counter() - start) * 1000, outputs


def _write(number: int, index: int, output: Array, folder: Path | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"shape": list(output.shape), "dtype": str(output.dtype)}
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{number}_{index}.npy"
        np.save(file, output)
        entry["file"] = str(file)
    return entry
