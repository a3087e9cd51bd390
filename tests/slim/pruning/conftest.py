"""Networks to prune."""

from __future__ import annotations

from pathlib import Path

import pytest

from slim.data.labels import LabelledLine
from slim.data.synthetic import SyntheticLines
from slim.networks.network import build_network
from slim.networks.plan import published_plan
from slim.networks.stored import StoredNetwork, weights_of, write_stored
from slim.pipeline.data import DataSet
from slim.pipeline.step import StepContext
from slim.zoo.catalog import find_entry


@pytest.fixture(scope="session")
def fresh_detector() -> StoredNetwork:
    """The mobile detector with fresh weights."""
    plan = published_plan(find_entry("ch_ppocr_mobile_v2.0_det"))
    return StoredNetwork(plan, weights_of(build_network(plan, seed=1)))


@pytest.fixture(scope="session")
def classifier_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The angle classifier with fresh weights, stored: small enough to run often."""
    folder = tmp_path_factory.mktemp("classifier")
    plan = published_plan(find_entry("ch_ppocr_mobile_v2.0_cls"))
    write_stored(StoredNetwork(plan, weights_of(build_network(plan, seed=1))), folder)
    return folder


@pytest.fixture
def context(classifier_folder: Path, tmp_path: Path) -> StepContext:
    """Of a step that prunes the classifier, with one line to look at."""
    line = tmp_path / "line.png"
    SyntheticLines("abcdefghijklmnopqrstuvwxyz", count=1, seed=1)[0].picture.save(line)
    data = DataSet("lines", False, (), (LabelledLine(line, ""),), "0" * 64, synthetic=True)
    return StepContext(
        entry=find_entry("ch_ppocr_mobile_v2.0_cls"),
        dictionary=None,
        original=classifier_folder,
        train=(data,),
        seed=3,
        threads=1,
        quick=True,
        progress=lambda *_: None,
    )
