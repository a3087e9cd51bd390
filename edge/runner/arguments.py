"""The runner's command line, read and checked before anything is loaded."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

POWER_MODES: Final = ("high", "low", "full", "none", "rand-high", "rand-low")
"""Which cores the library uses."""
MOST_CORES: Final = 1024
"""So many the system's masks have room for."""

DESCRIPTION = """\
Load one Paddle-Lite .nb model and run it on .npy inputs, or serve requests.

One-shot: every --input is one run's input (models with one input tensor). Each is run --warmup times, then
--repeats times; the report on standard output (or --report FILE) keeps every sample.

Report (JSON, times in milliseconds, memory in MB of 10**6 bytes):
  runner, library, library_version, model, threads, power_mode, load_ms, peak_rss_mb,
  cases: [{input, shape, warmup_ms: [first run first], samples_ms: [...],
           cpu_ms: [processor time of the samples], outputs: [{file, shape, dtype}],
           difference: the largest absolute one from --compare or null where it is no number}]

Exit code: 0, 1 when an output is not what --compare asks for, 2 for a bad option or input, 134 when
Paddle-Lite aborts.
"""

EXAMPLES = """\
examples:
  python -m edge.runner --model det.nb --input page.npy --output out/
  python -m edge.runner --model det.nb --input page.npy --compare map.npy --tolerance 0.01
  python -m edge.runner --model rec.nb --input a.npy --input b.npy --warmup 3 --repeats 20 --report r.json
"""


@dataclass(frozen=True)
class Arguments:
    """The runner's command line; see ``--help``."""

    model: Path
    input: Sequence[Path]
    warmup: int
    repeats: int
    output: Path | None
    report: Path | None
    compare: Sequence[Path]
    tolerance: float
    threads: int
    power_mode: str
    cores: Sequence[int]
    max_predictors: int
    memory_limit: int
    serve: bool
    lifeline: int | None


class _Parser(argparse.ArgumentParser):
    """One line for a wrong option, as everywhere in this toolkit."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"runner: {' '.join(message.split())} (see --help)\n")


def _count(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        # no more digits than any count has: int() itself refuses very long ones with a message of its own
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) >= least):
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number of at least {least}")
        return int(text)

    return parse


def _number(text: str) -> float:
    plain = re.fullmatch(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", text) if len(text) < 40 else None
    if plain is None or not math.isfinite(float(text)):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a number of at least 0")
    return float(text)


def _cores(text: str) -> list[int]:
    numbers = text.split(",")
    if not all(
        one.isascii() and one.isdecimal() and len(one) < 5 and int(one) < MOST_CORES for one in numbers
    ):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no list of cores such as 0,1")
    return [int(one) for one in numbers]


def _parser() -> _Parser:
    parser = _Parser(
        prog="runner",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,  # other runners speak the same command line, letter by letter
    )
    add = parser.add_argument
    add("--model", type=Path, required=True, metavar="FILE", help="the .nb model")
    add("--input", type=Path, action="append", default=[], metavar="FILE", help=".npy input; repeatable")
    add("--warmup", type=_count(0), default=1, metavar="N", help="runs before measuring (default 1)")
    add("--repeats", type=_count(1), default=1, metavar="N", help="measured runs (default 1)")
    add("--output", type=Path, metavar="DIR", help="write outputs as DIR/<case>_<output>.npy")
    add("--report", type=Path, metavar="FILE", help="write the report here, not to standard output")
    add(
        "--compare",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help=".npy that the first output should be; one for each --input in turn",
    )
    add(
        "--tolerance",
        type=_number,
        default=0.001,
        metavar="X",
        help="largest absolute difference from it (default 0.001)",
    )
    add("--threads", type=_count(1), default=1, metavar="N", help="threads; x86 has one")
    add(
        "--power-mode",
        choices=POWER_MODES,
        default="none",
        help="core binding; ARM only (default none)",
    )
    add("--cores", type=_cores, default=[], metavar="N,N...", help="run on these cores alone")
    add(
        "--max-predictors", type=_count(1), default=4, metavar="N", help="input sizes kept loaded (default 4)"
    )
    add(
        "--memory-limit",
        type=_count(1),
        default=1500,
        metavar="MB",
        help="give up kept input sizes past it (default 1500)",
    )
    add("--serve", action="store_true", help="answer requests on standard input and output")
    add("--lifeline", type=_count(3), metavar="FD", help="end when this pipe's other end closes")
    return parser


def parse_arguments(words: Sequence[str]) -> Arguments:
    """Read the command line; ends the program with exit code 2 and one line where it is wrong."""
    parser = _parser()
    arguments = Arguments(**vars(parser.parse_args(words)))
    if not arguments.serve and not arguments.input:
        parser.error("nothing to do: give --input or --serve")
    if arguments.compare and (arguments.serve or len(arguments.compare) != len(arguments.input)):
        parser.error("--compare: give one for each --input, without --serve")
    if not arguments.model.is_file():
        found = "is not a file" if arguments.model.exists() else "no such file"
        parser.error(f"--model {arguments.model}: {found}")
    if arguments.output is not None and arguments.output.exists() and not arguments.output.is_dir():
        parser.error(f"--output {arguments.output}: is not a folder")
    if arguments.report is not None and (arguments.report.is_dir() or not arguments.report.parent.is_dir()):
        found = "is a folder" if arguments.report.is_dir() else "its folder does not exist"
        parser.error(f"--report {arguments.report}: {found}")
    return arguments
