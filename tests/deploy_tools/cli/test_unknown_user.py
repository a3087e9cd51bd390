"""Paths that begin with ``~`` and the name of nobody, wherever a command takes a path."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy_tools.cli.main import main


@pytest.mark.parametrize(
    "words",
    [
        ["devices", "list", "--inventory", "~no-such-user/x"],
        ["devices", "add", "pi4", "--this-host", "--lite-home", "~no-such-user/x"],
        ["devices", "add", "pi4", "--ssh", "pi4", "--identity", "~no-such-user/x"],
        ["results", "list", "--results", "~no-such-user/x"],
        ["models", "pull", "ch_PP-OCRv4_det", "--source", "~no-such-user/x"],
    ],
    ids=" ".join,
)
def test_somebody_unknown_ends_in_one_line(
    words: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PPOCR_EDGE_INVENTORY", str(tmp_path / "devices.yml"))
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "ppocr-edge: ~no-such-user/x: there is no such user; write the whole path\n"
