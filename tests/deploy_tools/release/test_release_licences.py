"""Licences of models of the user's own: in card, notices, bill of materials and manifest."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy_tools.release.contents.licence_expression import licence_expression
from tests.release_kit.made_bundles import changed
from tests.release_kit.package_run import PackageRun

pytestmark = pytest.mark.embedded
OUT = Path("out/made-1.0")
TARGETS = ("--target", "linux-arm64", "--target", "linux-x86_64", "--allow", "no-gates")


@pytest.fixture
def own(classifiers: Mapping[str, Path], tmp_path: Path) -> list[Path]:
    """Two models of the user's own."""
    return [
        changed(classifiers[target], tmp_path / target, name=name, source={"folder": name})
        for target, name in (("arm", "mine"), ("x86", "mine=2"))
    ]


def licences() -> dict[str, str]:
    """By model, as the manifest says."""
    manifest = json.loads((OUT / "manifest.json").read_bytes())
    return {model["name"]: model["licence"] for model in manifest["models"]}


def in_the_bill() -> dict[str, list[dict[str, object]]]:
    text = (OUT / "sbom.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    return {one["name"]: one.get("licenses", []) for one in json.loads(text)["components"]}


def test_one_for_all(package: PackageRun, own: list[Path]) -> None:
    package(*own, *TARGETS, "--licence", "mit")
    assert licences() == {"mine": "MIT", "mine=2": "MIT"}
    assert in_the_bill() == {name: [{"license": {"id": "MIT"}}] for name in licences()}
    assert "Licence: MIT." in (OUT / "cards/mine.md").read_text()
    assert "- mine: licensed under MIT\n" in (OUT / "THIRD_PARTY_NOTICES.md").read_text()
    assert "has no licence" not in package.err


def test_each_its_own(package: PackageRun, own: list[Path]) -> None:
    package(*own, *TARGETS, "--licence", "mine=LicenseRef-Acme", "--licence", "mine=2=Apache-2.0 or MIT")
    assert licences() == {"mine": "LicenseRef-Acme", "mine=2": "Apache-2.0 OR MIT"}
    assert in_the_bill() == {name: [{"expression": one}] for name, one in licences().items()}


def test_one_for_the_others(package: PackageRun, own: list[Path]) -> None:
    package(*own, *TARGETS, "--licence", "MIT", "--licence", "mine=Apache-2.0")
    assert licences() == {"mine": "Apache-2.0", "mine=2": "MIT"}
    assert "licensed under Apache-2.0 (below)" in (OUT / "THIRD_PARTY_NOTICES.md").read_text()


def test_nobody_says(package: PackageRun, own: list[Path]) -> None:
    package(*own, *TARGETS, "--licence", "mine=MIT")
    assert licences() == {"mine": "MIT", "mine=2": "NOASSERTION"}
    assert "mine=2 has no licence: nobody knows who may use it" in package.err
    assert "Licence: none is named." in (OUT / "cards/mine-2.md").read_text()
    assert in_the_bill()["mine=2"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mine=Acme"], "--licence mine=Acme: names Acme, which SPDX does not list; write one of SPDX's"),
        (["mine="], "is no SPDX licence expression"),
        (["MIT AND"], "is no SPDX licence expression"),
        (["MIT; rm"], "is no SPDX licence expression"),
        (["M" * 500], "is no SPDX licence expression"),
        (["yours=MIT"], "names no model of this release; models of your own are: mine, mine=2"),
        (["mine=MIT", "mine=Apache-2.0"], "is a second licence of mine; join them: 'MIT AND …'"),
        (["MIT", "MIT"], "is a second licence of all models"),
    ],
)
def test_licences_that_are_none(package: PackageRun, own: list[Path], words: list[str], said: str) -> None:
    package(*own, *TARGETS, *(part for word in words for part in ("--licence", word)), code=2)
    assert said in package.err
    assert package.err.count("\n") == 1
    assert not Path("out").exists()


@pytest.mark.parametrize("prefix", ["", "ch_ppocr_mobile_v2_cls_infer="])
def test_published_models_have_theirs(package: PackageRun, passed: Mapping[str, Path], prefix: str) -> None:
    package(passed["arm"], "--target", "linux-arm64", "--licence", f"{prefix}MIT", code=2)
    assert "PaddleOCR's, under Apache-2.0; leave it out" in package.err


def test_expressions_are_written_as_spdx_does() -> None:
    for text, written in (
        ("gpl-2.0+", "GPL-2.0-or-later"),
        ("(MIT or apache-2.0) and BSD-3-Clause", "(MIT OR Apache-2.0) AND BSD-3-Clause"),
        ("apache-2.0 with llvm-exception", "Apache-2.0 WITH LLVM-exception"),
        ("LicenseRef-My.Own-1 AND mit", "LicenseRef-My.Own-1 AND MIT"),
    ):
        assert licence_expression(text) == written
    for text in ("NOASSERTION", "LicenseRef-", "LicenseRef-ä", "MIT\n"):
        with pytest.raises(ValueError, match="SPDX"):
            licence_expression(text)


def test_notices_of_ones_own(package: PackageRun, own: list[Path], tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_bytes("© Acme — all rights\r\n```\r\nreserved\r\n\r\n".encode())
    (tmp_path / "two.txt").write_text("Trained on pictures of our own.")
    package(*own, *TARGETS, "--licence", "MIT", "--notice", "one.txt", "--notice", "two.txt")
    text = (OUT / "THIRD_PARTY_NOTICES.md").read_text()
    assert "````\n© Acme — all rights\n```\nreserved\n````\n" in text
    assert "```\nTrained on pictures of our own.\n```\n" in text
    with tarfile.open(OUT / "made-1.0-linux-arm64.tar.gz") as archive:
        packed = archive.extractfile("made-1.0/THIRD_PARTY_NOTICES.md")
        assert packed is not None
        assert "© Acme" in packed.read().decode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read (No such file"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b" \n\n", "is empty"),
        (b"a\x1b[2J", "has the character '\\x1b' in it"),
        (b"a" * (1 << 20) + b"b", "more than the 1048576 that are read"),
    ],
)
def test_notices_that_are_none(
    package: PackageRun, own: list[Path], tmp_path: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "n.txt").write_bytes(content)
    package(*own, *TARGETS, "--notice", "n.txt", code=2)
    assert "--notice n.txt: " in package.err
    assert said in package.err
    assert package.err.count("\n") == 1
    assert not Path("out").exists()
