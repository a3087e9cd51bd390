"""Models of one's own that are taken as they are: looked at before hours go into those beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy_tools.cli.main import main

OWN = """\
ship: 1
name: own
version: 1.0
targets: [linux-arm64]
models:
  rec: {model: own}
allow: [no-gates]
"""


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        (
            "model: own",
            "ship.yml: models.rec: is own, a recognizer whose characters are not known; write "
            "'dictionary: FILE' beside it, one character a line",
        ),
        ("model: own, dictionary: nope.txt", "nope.txt: cannot be read (No such file or directory); "),
        ("model: own, dictionary: none.txt", "none.txt: is an empty dictionary; "),
        ("model: empty, dictionary: keys.txt", "empty/inference.pdmodel: is missing; "),
    ],
)
def test_it_is_refused_at_the_beginning(
    written: str,
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("own", "empty"):
        Path(name).mkdir()
    for name in ("inference.pdmodel", "inference.pdiparams"):
        Path("own", name).write_bytes(b"\x0a\x03abc\x22\x00")
    Path("keys.txt").write_text("a\nb\n")
    Path("none.txt").touch()
    Path("ship.yml").write_text(OWN.replace("model: own", written))
    assert main(["ship", "ship.yml", "-o", "out", "--dry-run"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"ppocr-edge: {complaint}")
    Path("ship.yml").write_text(OWN.replace("model: own", "model: own, dictionary: keys.txt"))
    assert main(["ship", "ship.yml", "-o", "out", "--dry-run"]) == 0
    assert "slim" not in capsys.readouterr().out
    assert not Path("out").exists()
