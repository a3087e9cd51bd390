"""``ppocr-edge`` with tiny steps in the place of the real ones."""

from __future__ import annotations

import sys

from deploy_tools.cli.main import main
from slim.pipeline import kinds

kinds.KINDS.update(
    {
        "prune": "tests.slim.pipeline.tiny_steps:parse_count",
        "weights": "tests.slim.pipeline.tiny_steps:parse_noise",
        "distil": "tests.slim.pipeline.tiny_steps:parse_failing",
    }
)

if __name__ == "__main__":
    sys.exit(main())
