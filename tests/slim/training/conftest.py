"""A real network, a few rendered lines, and tasks made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from slim.data.synthetic import SyntheticLines
from slim.networks.network import build_network
from slim.networks.plan import published_plan
from slim.networks.stored import StoredNetwork, weights_of, write_stored
from slim.zoo.catalog import find_entry

LINES = 12


@pytest.fixture(scope="session")
def line_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Rendered text lines of different widths."""
    folder = tmp_path_factory.mktemp("lines")
    lines = SyntheticLines(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", count=LINES, seed=5
    )
    paths = []
    for index in range(LINES):
        paths.append(folder / f"{index}.png")
        lines[index].picture.save(paths[-1])
    return tuple(paths)


@pytest.fixture(scope="session")
def fresh_classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The angle classifier with fresh weights, stored."""
    folder = tmp_path_factory.mktemp("classifier")
    plan = published_plan(find_entry("ch_ppocr_mobile_v2.0_cls"))
    write_stored(StoredNetwork(plan, weights_of(build_network(plan, seed=3))), folder)
    return folder
