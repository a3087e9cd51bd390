"""Folders of the toolkit, and paths as users write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.errors import InputError
from edge.folders import data_folder, expand_user, home_folder


def test_paths_as_shells_expand_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("PPOCR_EDGE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable, raising=False)
    assert expand_user("~/x") == tmp_path / "x"
    assert expand_user(Path("a/~b")) == Path("a/~b")
    assert home_folder() == tmp_path / ".cache" / "ppocr-edge"
    assert data_folder() == tmp_path / ".local" / "share" / "ppocr-edge"
    with pytest.raises(InputError, match="~no-such-user/x: there is no such user; write the whole path"):
        expand_user("~no-such-user/x")
