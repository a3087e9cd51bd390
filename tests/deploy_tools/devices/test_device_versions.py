"""Which library takes what which opt wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy_tools.devices.versions import check_versions, version_in_library
from edge.errors import PredictorError


def check(written: str, library: str, *, force: bool = False) -> str:
    return check_versions("m", written, library, place="pi4", mend="name a newer one", force=force)


@pytest.mark.parametrize(("written", "library"), [("v2.13-rc", "v2.13-rc"), ("v2.13-rc", "")])
def test_nothing_to_say(written: str, library: str) -> None:
    assert check(written, library) == ""


@pytest.mark.parametrize(
    ("written", "library"),
    [("v2.10-rc", "v2.13"), ("v2.13-rc", "v2.13"), ("v2.13-rc", "044ba5b"), ("6010b5f", "v2.9")],
)
def test_a_remark(written: str, library: str) -> None:
    assert check(written, library) == f"opt {written} wrote the model, the library on pi4 is {library}"


@pytest.mark.parametrize(
    ("written", "library", "harm"),
    [
        ("v2.13-rc", "v2.12", "it may lack kernels"),
        ("v2.10", "v2.9", "it may lack kernels"),
        ("v2.13-rc", "v2.9.1", "computes garbage without a word"),
        ("v2.11", "v2.8-rc", "computes garbage without a word"),
    ],
)
def test_a_refusal(written: str, library: str, harm: str) -> None:
    with pytest.raises(PredictorError, match=f"{harm}.*; name a newer one; or add --force"):
        check(written, library)
    assert library in check(written, library, force=True)


@pytest.mark.parametrize(
    ("content", "version"),
    [
        (b"\0v2.9\x00306d09d1a\0", "v2.9"),
        (b"ELF\0x\0v2.13-rc\0\0v2.13-rc\0", "v2.13-rc"),
        (b"\0v2.9\0\0v2.10\0", ""),
        (b"\0044ba5b\0 v2.9 \0", ""),
        (b"", ""),
    ],
)
def test_what_a_library_says_of_itself(tmp_path: Path, content: bytes, version: str) -> None:
    (tmp_path / "library.so").write_bytes(content)
    assert version_in_library(tmp_path / "library.so") == version
