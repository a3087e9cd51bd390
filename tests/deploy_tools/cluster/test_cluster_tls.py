"""A cluster with certificates: who has none of the same authority is let in nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from made_certificates import write_certificates

from deploy_tools.cli.main import main
from edge.bundle.bundle import Bundle
from tests.cluster_kit import Cluster

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]


def test_certificates(
    default_bundles: Mapping[str, Bundle], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, others = (write_certificates(tmp_path / name) for name in ("ours", "others"))
    cluster = Cluster(tmp_path / "cluster", options=ours, scheme="tls")
    words = ["measure", "latency", str(default_bundles["cls"].folder), "--no-save", "--device", "one"]
    words += ["--runs", "2", "--seconds", "0", "--warmup", "0", "--cool-down", "0"]
    try:
        cluster.start()
        assert cluster.address.startswith("tls://127.0.0.1:")
        cluster.workers({"lab1": {"one": cluster.device("one")}})
        assert main([*words, "--cluster", cluster.address, *ours]) == 0
        assert "10.0 ms" in capsys.readouterr().out
        assert main([*words, "--cluster", cluster.address, *others]) == 2
        assert "what answers there is no scheduler for us; start one with" in capsys.readouterr().err
        plain = cluster.address.replace("tls://", "tcp://")
        assert main([*words, "--cluster", plain]) == 2
        assert "what answers there is no scheduler for us" in capsys.readouterr().err
    finally:
        cluster.close()
    assert len(cluster.runners("one")) == 1
