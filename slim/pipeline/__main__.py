"""``python -m slim.pipeline``: do one piece of work for the engine, in a process of its own.

Paddle numbers what it makes, and keeps its memory and its random state, for the life of a process. So that a
resumed run gives the same bytes as one that was never interrupted, every step begins in a new process.
"""

from __future__ import annotations

import argparse
import os
import sys


def main() -> int:
    """Receive a call, make it, send its progress and its result."""
    parser = argparse.ArgumentParser(prog="slim.pipeline", description=__doc__)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--lifeline", type=int, required=True, help="end when this pipe's other end closes")
    arguments = parser.parse_args()
    # read by the libraries when they are loaded, so before anything that loads one is imported
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = str(arguments.threads)
    from edge.runner.child import claim_stdout, end_at_once_on_ctrl_c, end_with, forbid_core_files
    from slim.pipeline.work import serve_one_call

    end_at_once_on_ctrl_c()
    forbid_core_files()
    end_with(arguments.lifeline)
    return serve_one_call(claim_stdout())


if __name__ == "__main__":
    sys.exit(main())
