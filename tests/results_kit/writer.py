"""A process that measures: ``python -m tests.results_kit.writer WHERE RUNS MEASUREMENTS DEVICE``.

Prints a line for everything that the store says it keeps, as soon as it does.
"""

from __future__ import annotations

import sys

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


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
