"""``python -m edge.runner``: command line of the on-device runner."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from edge.runner.serve import claim_stdout, forbid_core_files

DESCRIPTION = """\
Load one Paddle-Lite .nb model and run it on .npy inputs, or serve requests.

One-shot: every --input is one run's input (models with one input tensor). Each is run --warmup times, then
--repeats times; the report on standard output (or --report FILE) keeps every sample.

Report (JSON, times in milliseconds, memory in MB of 10**6 bytes):
  runner, library, library_version, model, threads, power_mode, load_ms, peak_rss_mb,
  cases: [{input, shape, warmup_ms: [first run first], samples_ms: [...], outputs: [{file, shape, dtype}]}]

Exit code: 0, 2 for a bad option or input, 134 when Paddle-Lite aborts.
"""

EXAMPLES = """\
examples:
  python -m edge.runner --model det.nb --input page.npy --output out/
  python -m edge.runner --model rec.nb --input a.npy --input b.npy --warmup 3 --repeats 20 --report r.json
"""


class _Parser(argparse.ArgumentParser):
    """One line for a wrong option, as everywhere in this toolkit."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"runner: {message} (see --help)\n")


def _count(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.lstrip("-").isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
        return int(text)

    return parse


def parse_arguments(words: list[str]) -> argparse.Namespace:
    """Read the command line; ends with exit code 2 and one line where it is wrong."""
    parser = _Parser(
        prog="runner",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", type=Path, required=True, metavar="FILE", help="the .nb model")
    parser.add_argument(
        "--input", type=Path, action="append", default=[], metavar="FILE", help=".npy input; repeatable"
    )
    parser.add_argument(
        "--warmup", type=_count(0), default=1, metavar="N", help="runs before measuring (default 1)"
    )
    parser.add_argument("--repeats", type=_count(1), default=1, metavar="N", help="measured runs (default 1)")
    parser.add_argument("--output", type=Path, metavar="DIR", help="write outputs as DIR/<case>_<output>.npy")
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="write the report here, not to standard output"
    )
    parser.add_argument("--threads", type=_count(1), default=1, metavar="N", help="threads (x86: always 1)")
    parser.add_argument(
        "--power-mode",
        choices=["high", "low", "full", "none", "rand-high", "rand-low"],
        default="none",
        help="core binding; ARM only (default none)",
    )
    parser.add_argument(
        "--max-predictors", type=_count(1), default=4, metavar="N", help="input sizes kept loaded"
    )
    parser.add_argument(
        "--memory-limit", type=_count(1), default=1500, metavar="MB", help="give up predictors past it"
    )
    parser.add_argument("--serve", action="store_true", help="answer requests on standard input and output")
    arguments = parser.parse_args(words)
    if not arguments.serve and not arguments.input:
        parser.error("nothing to do: give --input or --serve")
    if not arguments.model.is_file():
        parser.error(f"--model {arguments.model}: no such file")
    return arguments


def main() -> int:
    """Run the program."""
    arguments = parse_arguments(sys.argv[1:])
    forbid_core_files()
    # one thread keeps results and timings the same from run to run; the x86 build gains nothing from more
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    stdout = claim_stdout()
    from edge.runner.lite import LiteEngine
    from edge.runner.once import run_once
    from edge.runner.serve import serve

    engine = LiteEngine(
        arguments.model, max_predictors=arguments.max_predictors, memory_limit_mb=arguments.memory_limit
    )
    if arguments.serve:
        serve(engine, stdout)
        return 0
    return run_once(engine, arguments, stdout)


if __name__ == "__main__":
    sys.exit(main())
