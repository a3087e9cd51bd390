"""What is taken for a file of results where a run or a file may be named."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy_tools.results.reference import is_file


@pytest.mark.parametrize(
    "reference",
    ["a.json", "A.JSON", "runs/a.json.gz", "r.txt", "r.log", "/tmp/none", "./a", "../a", "~/a", "-"],
)
def test_files_by_their_names(reference: str) -> None:
    assert is_file(reference)


@pytest.mark.parametrize(
    "reference", ["main", "last", "3f2a", "v1.2", "feature/faster", "x" * 5000, "a/" + "x" * 5000, "a/\0"]
)
def test_runs(reference: str) -> None:
    assert not is_file(reference)


def test_a_slash_names_a_file_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("main", "feature/faster"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert is_file("feature/faster")
    assert not is_file("main"), "no file hides a tag without a slash"
