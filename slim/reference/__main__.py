"""``python -m slim.reference``: serve one inference model with Paddle over standard input and output."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from edge.runner.serve import claim_stdout, forbid_core_files, serve


def main() -> int:
    """Load the model and answer requests until standard input ends."""
    parser = argparse.ArgumentParser(prog="slim.reference", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder of the inference model")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    forbid_core_files()
    stdout = claim_stdout()
    from slim.reference.engine import PaddleEngine

    serve(PaddleEngine(arguments.model, threads=arguments.threads), stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
