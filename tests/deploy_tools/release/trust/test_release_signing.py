"""Signing a release that fits together, and no other; looking at a part of one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from deploy_tools.release.trust.sign import sign_release
from deploy_tools.release.trust.signature import SIGNATURE_NAME
from deploy_tools.release.trust.verify import verify_release
from edge.errors import InputError, PpocrEdgeError, ReleaseError
from tests.release_kit.attacks import ATTACKS
from tests.release_kit.made_release import NOW, SIGNED, TOP, Tampered, made_key

pytestmark = pytest.mark.embedded


def test_a_release_is_signed(made: Tampered) -> None:
    (made.folder / SIGNATURE_NAME).unlink()
    signature = sign_release(made.folder, made.key, signed=SIGNED, expires=NOW)
    found = verify_release(made.folder, [made_key(2).public, made.key.public], now=NOW)
    assert (found.key, found.signed, found.expires) == (signature.key, SIGNED, NOW)
    assert (made.folder / SIGNATURE_NAME).stat().st_mode & 0o777 == 0o644
    with pytest.raises(ReleaseError, match="is there already"):
        sign_release(made.folder, made.key)


def test_the_time_of_a_reproducible_build(made: Tampered, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (made.folder / SIGNATURE_NAME).read_bytes()
    (made.folder / SIGNATURE_NAME).unlink()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(SIGNED.timestamp())))
    sign_release(made.folder, made.key)
    assert (made.folder / SIGNATURE_NAME).read_bytes() == before


def test_when_nothing_is_signed(made: Tampered) -> None:
    (made.folder / SIGNATURE_NAME).unlink()
    with pytest.raises(InputError, match="expired at 2026-12-01"):
        sign_release(made.folder, made_key(expires=NOW), signed=NOW + timedelta(seconds=1))
    with pytest.raises(InputError, match="would expire"):
        sign_release(made.folder, made.key, signed=NOW, expires=NOW)
    assert not (made.folder / SIGNATURE_NAME).exists()


@pytest.mark.parametrize(
    "name",
    [
        "removed file",
        "added file",
        "symlink to the same content",
        "swapped model",
        "swapped model listed inside too",
        "member that leads out",
        "tar bomb",
    ],
)
def test_what_does_not_fit_together_is_not_signed(name: str, made: Tampered) -> None:
    ATTACKS[name].work(made)
    (made.folder / SIGNATURE_NAME).unlink()
    with pytest.raises(ReleaseError) as refused:
        sign_release(made.folder, made.key, signed=SIGNED)
    assert ATTACKS[name].said_of(made) in refused.value.found
    assert not (made.folder / SIGNATURE_NAME).exists()


def test_one_target_of_a_release(made: Tampered) -> None:
    made.aar.write_bytes(b"another")  # not looked at
    (made.folder / "sbom.cdx.json").unlink()
    keys = [made.key.public]
    for only in ("linux-arm64", made.tar.name):
        found = verify_release(made.folder, keys, only=[only], now=NOW)
        assert (found.targets, found.whole) == (("linux-arm64",), False)
        assert sorted(found.files) == [made.tar.name, "manifest.json"]
    with pytest.raises(ReleaseError, match=r"android.aar: is not the file that SHA256SUMS lists"):
        verify_release(made.folder, keys, only=["android"], now=NOW)
    with pytest.raises(
        ReleaseError, match=f"lists no 'linux-armhf'; it lists {TOP}-android.aar, {TOP}-linux"
    ):
        verify_release(made.folder, keys, only=["linux-armhf"], now=NOW)


def test_an_archive_alone(made: Tampered, tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "other.jpg").write_bytes(b"")
    for name in (made.tar.name, "SHA256SUMS", "SHA256SUMS.sig"):
        shutil.copyfile(made.folder / name, folder / name)
    archive = folder / made.tar.name
    found = verify_release(archive, [made.key.public], now=NOW)
    assert (found.name, found.version, found.targets) == ("made", "1.0.0", ("linux-arm64",))
    assert list(found.files) == [made.tar.name]
    with pytest.raises(ReleaseError, match="is by key"):
        verify_release(archive, [made_key(2).public], now=NOW)
    content = bytearray(archive.read_bytes())
    content[1000] ^= 1
    archive.write_bytes(content)
    with pytest.raises(ReleaseError, match="is not the file that SHA256SUMS lists"):
        verify_release(archive, [made.key.public], now=NOW)


@pytest.mark.parametrize(
    "name",
    [
        "swapped model listed and signed again",
        "swapped bytes of a model",
        "archive of another target",
        "member that leads out",
        "member that no manifest lists",
        "tar bomb",
    ],
)
def test_attacks_on_an_archive_alone(name: str, made: Tampered) -> None:
    ATTACKS[name].work(made)
    (made.folder / "manifest.json").unlink()
    with pytest.raises(ReleaseError) as refused:
        verify_release(made.tar, [made.key.public], now=NOW)
    assert refused.value.subject == str(made.tar)
    assert ATTACKS[name].said_of(made) in refused.value.found


def test_what_is_no_release(made: Tampered, tmp_path: Path) -> None:
    keys = [made.key.public]
    (tmp_path / "empty").mkdir()
    (tmp_path / "lone.tar.gz").write_bytes(b"")
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: verify_release(tmp_path / "none", keys), "none: no such file or folder"),
        (lambda: verify_release(tmp_path / "empty", keys), "is no release: it has no SHA256SUMS"),
        (lambda: verify_release(made.folder.parent, keys), f"folder of a release, such as {made.folder}"),
        (lambda: verify_release(tmp_path / "lone.tar.gz", keys), "has no SHA256SUMS beside it"),
        (lambda: verify_release(made.tar, keys, only=["x"]), "--only: goes with the folder"),
        (lambda: verify_release(made.folder, []), r"is not trusted \(given: none\)"),
    ]
    for call, message in cases:
        with pytest.raises(PpocrEdgeError, match=message):
            call()


def test_it_is_told_what_is_looked_at(made: Tampered) -> None:
    names: list[str] = []
    verify_release(made.folder, [made.key.public], now=NOW, step=names.append)
    assert names[0] == "manifest.json"
    assert sorted(names) == sorted(made.contents())


def test_sha256sum_reads_the_sums(made: Tampered) -> None:
    import subprocess

    words = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    assert subprocess.run(words, cwd=made.folder, capture_output=True, text=True, check=True).stderr == ""
