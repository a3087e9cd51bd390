"""Print the figures: ``python -m tests.benchmarks [NAME…]``."""

from __future__ import annotations

import argparse
import importlib
import platform
import sys
import time

from tests.benchmarks.material import find_material

MEASUREMENTS = {
    "boxes": "boxes",
    "text": "text",
    "accuracy": "accuracy",
    "host-time": "host_time",
    "memory": "memory",
    "conversion": "conversion",
    "margin": "margin",
    "widths": "widths",
    "narrowing": "narrowing",
    "integer": "integer",
    "arm-time": "arm_time",
    "push": "push",
    "device-time": "device_time",
    "measure-overhead": "measure_overhead",
    "slim-killed": "slim_killed",
    "slim-quick": "slim_quick",
    "ssh-files": "ssh_files",
    "release": "release",
    "report": "report",
    "whole-flow": "whole_flow",
    "device-leaks": "device_leaks",
    "cluster": "cluster",
    "results": "results",
    "comparison": "comparison",
    "tampering": "tampering",
    "install": "install",
    "ship": "ship",
}


def main() -> int:
    """Run the named measurements, all by default; exit code 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASUREMENTS)}; default: all"
    )
    parser.add_argument("--shared", help="folder with images/icdar2015 and images/paddleocr_doc")
    parser.add_argument("--photographs", type=int, metavar="N", help="only the first N, for a trial")
    parser.add_argument("--runs", type=int, metavar="N", help="of device-leaks, instead of 300")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in MEASUREMENTS]
    if unknown:
        parser.error(f"{unknown[0]!r} is none of {', '.join(MEASUREMENTS)}")
    if arguments.photographs is not None and arguments.photographs < 1:
        parser.error("--photographs: give 1 or more")
    if arguments.runs is not None and arguments.runs < 2:
        parser.error("--runs: give 2 or more")
    material = find_material(arguments.shared, arguments.photographs, arguments.runs)
    print(f"# {platform.processor() or platform.machine()}, Python {platform.python_version()}")
    if material.limit is not None:
        print(f"# a trial: only the first {material.limit} photographs or pages")
    missed = []
    for name in arguments.names or MEASUREMENTS:
        start = time.perf_counter()
        if not importlib.import_module(f"tests.benchmarks.{MEASUREMENTS[name]}").measure(material):
            missed.append(name)
        print(f"  [{name}: {time.perf_counter() - start:.0f} s]", flush=True)
    if missed:
        print(f"\ntargets NOT MET: {', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
