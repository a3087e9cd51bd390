from __future__ import annotations

import json

import pytest

from slim.pipeline.folders import hashes_of
from slim.pipeline.run import slim_model
from tests.slim.pipeline.conftest import Asking

pytestmark = pytest.mark.embedded


def test_a_recipe_gives_a_model_with_a_manifest(ask: Asking) -> None:
    outcome = slim_model(ask())
    assert not outcome.kept
    assert not outcome.failed
    manifest = json.loads((outcome.out / "manifest.json").read_text())
    print(json.dumps(manifest, indent=1))
    print(sorted(p.name for p in outcome.out.iterdir()))
