"""``python -m slim.reference``: serve one inference model with Paddle over standard input and output."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from edge.runner.child import claim_stdout, end_at_once_on_ctrl_c, end_with, forbid_core_files
from edge.runner.error import RunnerError
from slim.reference.predictor import PREFIX, REFUSED


def main() -> int:
    """Load the model and answer requests until standard input ends."""
    end_at_once_on_ctrl_c()
    parser = argparse.ArgumentParser(prog="slim.reference", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder of the inference model")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--lifeline", type=int, help="end when this pipe's other end closes")
    arguments = parser.parse_args()
    forbid_core_files()
    if arguments.lifeline is not None:
        end_with(arguments.lifeline)
    stdout = claim_stdout()
    from edge.runner.serve import serve
    from slim.reference.engine import PaddleEngine

    try:
        serve(PaddleEngine(arguments.model, threads=arguments.threads), stdout)
    except RunnerError as error:
        print(f"{PREFIX}{error}", file=sys.stderr)  # noqa: T201
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
