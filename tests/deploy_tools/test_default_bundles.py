"""Bundles that are there without being named: kept while they are right, made again when they are not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from deploy_tools import default_bundles as module
from deploy_tools.default_bundles import default_bundle
from edge.bundle.bundle import Bundle, load_bundle
from edge.errors import BundleError

pytestmark = pytest.mark.embedded
NAME = "ch_ppocr_mobile_v2.0_cls-x86"


@pytest.fixture
def home(default_bundles: Mapping[str, Bundle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, with the classifier's bundle in it."""
    shutil.copytree(default_bundles["cls"].folder, tmp_path / "bundles" / NAME)
    monkeypatch.setenv("PPOCR_EDGE_HOME", str(tmp_path))
    return tmp_path


def test_a_whole_bundle_is_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "write_bundle", None)  # would fail if it were called
    assert default_bundle("cls").folder == home / "bundles" / NAME
    assert default_bundle("cls", parent=home / "bundles").nb.main_target == "x86"


def _change(name: str, value: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        manifest = folder / "manifest.json"
        manifest.write_text(json.dumps({**json.loads(manifest.read_text()), name: value}))

    return change


def _make_a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("x")


CHANGES: dict[str, Callable[[Path], object]] = {
    "damaged": lambda folder: (folder / "model.nb").write_bytes(b"x"),
    "without manifest": lambda folder: (folder / "manifest.json").unlink(),
    "a file": _make_a_file,
    "of a later format": _change("format", 99),
    "of another model": _change("source", {"zoo": "another"}),
    "with other parameters": _change("parameters", {"threshold": 0.5}),
    "of another version": _change("versions", {"ppocr-edge": "0.0", "paddlelite": "2.9"}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_not_right_is_asked_for_again(home: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """In the toolkit's own folder anything may be replaced."""
    asked: list[bool] = []
    monkeypatch.setattr(module, "write_bundle", lambda *_, replace_anything: asked.append(replace_anything))
    CHANGES[name](home / "bundles" / NAME)
    default_bundle("cls")
    default_bundle("cls", parent=home / "bundles")
    assert asked == [True, False]


def test_made_again_in_place_of_anything(home: Path) -> None:
    folder = home / "bundles" / NAME
    _make_a_file(folder)
    bundle = default_bundle("cls")
    assert load_bundle(folder) == bundle
    assert [path.name for path in folder.parent.iterdir()] == [NAME]


def test_in_a_folder_of_the_users_nothing_else_is_replaced(home: Path) -> None:
    folder = home / "bundles" / NAME
    (folder / "manifest.json").unlink()
    with pytest.raises(BundleError, match="is in the way and is not a bundle"):
        default_bundle("cls", parent=home / "bundles")
    assert (folder / "model.nb").is_file()
