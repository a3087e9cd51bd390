"""``measure sustained --cluster`` as a process of its own."""

from __future__ import annotations

import sys

from edge.bundle.bundle import Bundle
from tests.cluster_kit import Cluster


def measure_words(cluster: Cluster, bundle: Bundle, *words: str) -> list[str]:
    """The command line."""
    command = [sys.executable, "-m", "deploy_tools.cli.main", "measure", "sustained", str(bundle.folder)]
    return [*command, "--cluster", cluster.address, *words]
