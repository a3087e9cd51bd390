"""Print the figures: ``python -m tests.benchmarks [NAME…]``."""

from __future__ import annotations

import argparse
import importlib
import platform
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
    "integer": "integer",
}


def main() -> None:
    """Run the named measurements, all by default."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASUREMENTS)}; default: all"
    )
    parser.add_argument("--shared", help="folder with images/icdar2015 and images/paddleocr_doc")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in MEASUREMENTS]
    if unknown:
        parser.error(f"{unknown[0]!r} is none of {', '.join(MEASUREMENTS)}")
    material = find_material(arguments.shared)
    print(f"# {platform.processor() or platform.machine()}, Python {platform.python_version()}")
    for name in arguments.names or MEASUREMENTS:
        start = time.perf_counter()
        importlib.import_module(f"tests.benchmarks.{MEASUREMENTS[name]}").measure(material)
        print(f"  [{name}: {time.perf_counter() - start:.0f} s]", flush=True)


if __name__ == "__main__":
    main()
