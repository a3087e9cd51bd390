"""A process that measures: ``python -m tests.results_kit.writer WHERE RUNS MEASUREMENTS DEVICE [PROCESSES]``.

Prints a line for everything that the store says it keeps, as soon as it does. Of several processes each has a
store, and a device, of its own.
"""

from __future__ import annotations

import os
import sys
import traceback

from deploy_tools.results.opening import open_results
from tests.results_kit.made import made_measurement, made_run


def main(where: str, runs: int, measurements: int, device: str) -> None:
    """Keep so many runs of so many measurements each."""
    with open_results(where) as store:
        for minute in range(runs):
            run = made_run(minute)
            store.begin(run)
            print("began", run.id, flush=True)
            for number in range(measurements):
                measurement = made_measurement(number, device=device)
                store.add(run.id, measurement)
                print("added", run.id, measurement.case.key, flush=True)
            store.finish(run.id)
            print("finished", run.id, flush=True)


def at_once(processes: int, where: str, runs: int, measurements: int, device: str) -> int:
    """The same in several processes at once, which start alike; returns how many of them failed."""
    for number in range(processes):
        if os.fork() == 0:
            code = 1
            try:
                main(where, runs, measurements, f"{device} {number}")
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
    return sum(os.wait()[1] != 0 for _ in range(processes))


if __name__ == "__main__":
    words = (sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    if len(sys.argv) > 5:
        sys.exit(at_once(int(sys.argv[5]), *words))
    main(*words)
