"""Runs a recipe of tiny steps in a process of its own, to be killed."""

from __future__ import annotations

import sys
from pathlib import Path

from slim.pipeline.run import slim_model
from tests.slim.pipeline.conftest import request_for

if __name__ == "__main__":
    recipe, out, train, evaluate = map(Path, sys.argv[1:])
    slim_model(request_for(recipe.read_text(), out, (train, evaluate)))
