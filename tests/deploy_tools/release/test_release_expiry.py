"""``package --key``: until when the signature holds, and what becomes of one that is there already."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

import pytest

from deploy_tools.release.trust.key_files import write_new_key
from deploy_tools.release.trust.keys import PublicKey
from deploy_tools.release.trust.verify import verify_release
from edge.errors import ReleaseError
from tests.release_kit.package_run import PackageRun

pytestmark = pytest.mark.embedded
ARM = ("--target", "linux-arm64")
OUT = Path("out/made-1.0")
PASSWORD = "words of a test"
KEY = ("--key", "release.key")


@pytest.fixture
def key(tmp_path: Path, package: PackageRun, monkeypatch: pytest.MonkeyPatch) -> PublicKey:
    """Its private half is ``release.key``."""
    monkeypatch.setenv("PPOCR_EDGE_KEY_PASSWORD", PASSWORD)
    return write_new_key(tmp_path / "release.key", PASSWORD)


def signature() -> bytes:
    return (OUT / "SHA256SUMS.sig").read_bytes()


def test_until_a_day(package: PackageRun, passed: Mapping[str, Path], key: PublicKey) -> None:
    said = package(passed["arm"], *ARM, *KEY, "--expires", "2095-06-30")
    assert said.endswith(f"signed by key {key.id}, until 2095-06-30\n")
    now = datetime(2095, 6, 30, 20, tzinfo=timezone.utc)
    assert str(verify_release(OUT, [key], now=now).expires) == "2095-06-30 23:59:59+00:00"
    with pytest.raises(ReleaseError, match="expired at 2095-06-30T23:59:59Z"):
        verify_release(OUT, [key], now=now.replace(month=7, day=1))


def test_a_span_begins_when_it_is_signed(
    package: PackageRun, passed: Mapping[str, Path], key: PublicKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795678200")
    values = json.loads(package(passed["arm"], *ARM, *KEY, "--expires", "90d", "--json"))
    assert (values["signed"], values["key"], values["expires"]) == (True, key.id, "2027-02-24")
    before = signature()
    package(passed["arm"], *ARM, *KEY, "--expires", "90d", "--again")
    assert signature() == before, "the same bytes again"


def test_for_ever(package: PackageRun, passed: Mapping[str, Path], key: PublicKey) -> None:
    assert package(passed["arm"], *ARM, *KEY).endswith(f"signed by key {key.id}, for ever\n")


def test_a_signature_that_is_there_is_kept_and_told_of(
    package: PackageRun, passed: Mapping[str, Path], key: PublicKey
) -> None:
    package(passed["arm"], *ARM, *KEY)
    before = signature()
    assert "for ever" in package(passed["arm"], *ARM, *KEY, "--expires", "2095-06-30")
    assert "it was signed already, and that signature was kept; --again makes a new one" in package.err
    assert signature() == before
    package(passed["arm"], *ARM, *KEY)
    assert "signed already" not in package.err, "it is the one that was asked for"
    assert "until 2095-06-30" in package(passed["arm"], *ARM, *KEY, "--expires", "2095-06-30", "--again")
    assert verify_release(OUT, [key]).expires is not None
    assert [path.name for path in Path("out").iterdir()] == ["made-1.0"]


def test_the_signature_of_another_is_told_of(
    package: PackageRun, passed: Mapping[str, Path], key: PublicKey, tmp_path: Path
) -> None:
    write_new_key(tmp_path / "other.key", PASSWORD)
    package(passed["arm"], *ARM, *KEY)
    assert f"signed by key {key.id}" in package(passed["arm"], *ARM, "--key", "other.key")
    assert "signed already" in package.err


def test_a_damaged_signature(package: PackageRun, passed: Mapping[str, Path], key: PublicKey) -> None:
    package(passed["arm"], *ARM, *KEY)
    (OUT / "SHA256SUMS.sig").write_bytes(b"{}")
    for words in ((), KEY):
        package(passed["arm"], *ARM, *words, code=2)
        assert "SHA256SUMS.sig: is damaged" in package.err
        assert "add --again and --key" in package.err
    package(passed["arm"], *ARM, *KEY, "--again")
    verify_release(OUT, [key])


def test_a_key_that_ends_first(
    package: PackageRun, passed: Mapping[str, Path], tmp_path: Path, key: PublicKey
) -> None:
    end = datetime(2094, 1, 1, 23, 59, 59, tzinfo=timezone.utc)
    write_new_key(tmp_path / "short.key", PASSWORD, end)
    package(passed["arm"], *ARM, "--key", "short.key", "--expires", "2095-06-30")
    assert "the key ends first: nothing that it signed is trusted after 2094-01-01" in package.err
    said = package(passed["arm"], *ARM, "--key", "short.key", "--again")
    assert said.endswith(", until 2094-01-01, the last day of the key\n")
    assert "the key ends first" not in package.err, "no other day was asked for"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--expires", "2y"], "--expires: is of a signature, and none is made; add --key"),
        ([*KEY, "--expires", "soon"], "--expires: 'soon' is neither a day such as"),
        ([*KEY, "--expires", "2020-01-01"], "--expires: '2020-01-01' is over already"),
        ([*KEY, "--expires", "99999y"], "--expires: '99999y' is too far away"),
        ([*KEY, "--expires", ""], "--expires: '' is neither"),
    ],
)
def test_ends_that_are_none(
    package: PackageRun, passed: Mapping[str, Path], key: PublicKey, words: list[str], said: str
) -> None:
    package(passed["arm"], *ARM, *words, code=2)
    assert said in package.err
    assert package.err.count("\n") == 1
    assert not Path("out").exists()
