"""``measure sustained --cluster`` as a process of its own."""

from __future__ import annotations

from edge.bundle.bundle import Bundle
from tests.cluster_kit import Cluster
from tests.e2e.command import command


def measure_words(cluster: Cluster, bundle: Bundle, *words: str) -> list[str]:
    """The command line."""
    return command("measure", "sustained", bundle.folder, "--cluster", cluster.address, *words)
