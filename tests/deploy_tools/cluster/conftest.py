"""A cluster of processes of this host, shared by the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster_kit import Cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler; workers start when a test needs them."""
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        made.start()
        yield made
    finally:
        made.close()
