"""Networks to prune."""

from __future__ import annotations

from pathlib import Path

import pytest

from slim.networks.network import build_network
from slim.networks.plan import published_plan
from slim.networks.stored import StoredNetwork, weights_of, write_stored
from slim.pipeline.step import StepContext
from slim.zoo.catalog import find_entry
from tests.step_kit import CLASSIFIER, classifier_context, drawn_lines


@pytest.fixture(scope="session")
def fresh_detector() -> StoredNetwork:
    """The mobile detector with fresh weights."""
    plan = published_plan(find_entry("ch_ppocr_mobile_v2.0_det"))
    return StoredNetwork(plan, weights_of(build_network(plan, seed=1)))


@pytest.fixture(scope="session")
def classifier_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The angle classifier with fresh weights, stored: small enough to run often."""
    folder = tmp_path_factory.mktemp("classifier")
    plan = published_plan(find_entry(CLASSIFIER))
    write_stored(StoredNetwork(plan, weights_of(build_network(plan, seed=1))), folder)
    return folder


@pytest.fixture
def context(classifier_folder: Path, tmp_path: Path) -> StepContext:
    """Of a step that prunes the classifier, with one line to look at."""
    return classifier_context(classifier_folder, drawn_lines(tmp_path, 1), quick=True)
