"""Telling model files from what is served in their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.errors import SourceError
from slim.zoo.entry import Kind
from slim.zoo.kind_files import check_content, missing, wanted

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0000\nsize 9\n"
PAGE = b"\n <!doctype html><html>"


@pytest.mark.parametrize(
    ("kind", "name", "belongs"),
    [
        (Kind.INFERENCE, "inference.pdmodel", True),
        (Kind.SLIM_INFERENCE, "inference.pdiparams", True),
        (Kind.INFERENCE, "inference.pdiparams.info", False),
        (Kind.INFERENCE, "Inference.pdmodel", False),
        (Kind.TRAINED, "best_accuracy.pdparams", True),
        (Kind.PRETRAINED, "student.pdparams", True),
        (Kind.SLIM_TRAINED, "best_accuracy.pdopt", False),
        (Kind.TRAINED, "._best_accuracy.pdparams", False),
        (Kind.TRAINED, ".pdparams", False),
        (Kind.TRAINED, "a b.pdparams", False),
        (Kind.NB, "det.nb", True),
        (Kind.NB, "det.nb.txt", False),
    ],
)
def test_which_files_belong_to_a_kind(kind: Kind, name: str, belongs: bool) -> None:
    assert wanted(kind, name) is belongs


def test_what_is_missing_is_named() -> None:
    assert missing(Kind.INFERENCE, {"inference.pdmodel", "inference.pdiparams", "other"}) == ""
    assert missing(Kind.INFERENCE, {"inference.pdmodel"}) == "inference.pdiparams"
    assert missing(Kind.TRAINED, set()) == ".pdparams checkpoint"
    assert missing(Kind.NB, {"x.nb"}) == ""


@pytest.mark.parametrize(
    "name", ["inference.pdmodel", "inference.pdiparams", "best_accuracy.pdparams", "model.nb"]
)
@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "is empty"),
        (POINTER, "is a Git LFS pointer"),
        (PAGE, "is a web page"),
        (b"\x7fELF\x02\x01\x01\x00" + bytes(100), "starts with 7f 45 4c 46"),
    ],
    ids=["empty", "pointer", "page", "program"],
)
def test_something_else_under_a_models_name(tmp_path: Path, name: str, content: bytes, found: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError) as caught:
        check_content(tmp_path / name, "the source")
    assert caught.value.found.startswith(f"{name} {found}")


@pytest.mark.shared
def test_swapped_files_are_noticed(shared_dir: Path, tmp_path: Path) -> None:
    """A real file of one kind under the name of another."""
    nb = next((shared_dir / "mirror" / "dygraph_v2.0" / "lite").glob("*.nb")).read_bytes()
    for name in ("inference.pdmodel", "inference.pdiparams", "best_accuracy.pdparams"):
        (tmp_path / name).write_bytes(nb)
        with pytest.raises(SourceError):
            check_content(tmp_path / name, "the source")
    (tmp_path / "cut.nb").write_bytes(nb[: len(nb) // 10])
    with pytest.raises(SourceError, match="truncated"):
        check_content(tmp_path / "cut.nb", "the source")
    (tmp_path / "whole.nb").write_bytes(nb)
    check_content(tmp_path / "whole.nb", "the source")
