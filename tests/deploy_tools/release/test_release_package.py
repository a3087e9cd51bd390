"""``package``: what it makes, that it makes the same again, and what it leaves alone."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from deploy_tools.release.contents.manifest import read_release_manifest
from deploy_tools.release.gathering import gather
from deploy_tools.release.package import write_release
from deploy_tools.release.request import PackageRequest
from deploy_tools.release.trust.key_files import write_new_key
from deploy_tools.release.trust.verify import check_contents, verify_release
from deploy_tools.results.export_file import write_export
from deploy_tools.results.opening import open_results
from deploy_tools.results.record import RunRecord
from edge.bundle.bundle import load_bundle
from edge.errors import BundleError, ReleaseError
from tests.release_kit.elsewhere import package_elsewhere
from tests.release_kit.made_bundles import changed
from tests.release_kit.made_release import Tree, files_below
from tests.release_kit.package_run import PackageRun
from tests.results_kit.made import WHEN, made_measurement, made_run

pytestmark = pytest.mark.embedded
ALL = (
    "--target",
    "linux-arm64",
    "--target",
    "linux-armhf",
    "--target",
    "linux-x86_64",
    "--target",
    "android",
)
ARM = ("--target", "linux-arm64")
OUT = Path("out/made-1.0")


def contents(folder: Path = OUT) -> Tree:
    return files_below(folder)


def test_a_release_for_every_target(package: PackageRun, passed: Mapping[str, Path]) -> None:
    said = package(passed["arm"], passed["x86"], *ALL)
    assert "cls  ch_ppocr_mobile_v2_cls_infer  fp32 for arm  gates: passed" in said
    assert sorted(contents()) == [
        "SHA256SUMS",
        "THIRD_PARTY_NOTICES.md",
        "cards/ch_ppocr_mobile_v2_cls_infer.md",
        "made-1.0-android-assets.tar.gz",
        "made-1.0-android.aar",
        "made-1.0-linux-arm64.tar.gz",
        "made-1.0-linux-armhf.tar.gz",
        "made-1.0-linux-x86_64.tar.gz",
        "manifest.json",
        "sbom.cdx.json",
    ]
    manifest = read_release_manifest(OUT)
    assert manifest.targets == ("linux-arm64", "linux-armhf", "linux-x86_64", "android")
    assert (manifest.created, manifest.allow, manifest.exceptions) == ("1980-01-01T00:00:00Z", (), ())
    assert [model["target"] for model in manifest.models] == ["x86", "arm"]
    arm = manifest.models[1]
    assert (arm["gates"], arm["recipe"]["name"], arm["licence"]) == ("passed", "small_cls", "Apache-2.0")
    assert arm["accuracy"][0]["value"] == 97.25
    assert arm["source"]["slim"] == "small_cls"
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=OUT, check=True)
    verified = check_contents(OUT, (OUT / "SHA256SUMS").read_bytes())
    assert verified.targets == (*("android-assets", "android", "linux-arm64", "linux-armhf", "linux-x86_64"),)
    assert {model.target for model in verified.models} == {"arm", "x86"}


def test_the_bundles_of_an_archive_are_those_that_were_given(
    package: PackageRun, passed: Mapping[str, Path], tmp_path: Path
) -> None:
    package(passed["arm"], passed["x86"], *ALL)
    for target in ("linux-arm64", "linux-x86_64"):
        with tarfile.open(OUT / f"made-1.0-{target}.tar.gz") as archive:
            archive.extractall(tmp_path / target, filter="data")
        folder = tmp_path / target / "made-1.0"
        given = passed["x86" if "x86" in target else "arm"]
        assert load_bundle(folder / "models/cls").nb.sha256 == load_bundle(given).nb.sha256
        assert contents(folder / "models/cls") == contents(given)
        own = json.loads((folder / "manifest.json").read_bytes())
        assert own["models"][0]["tolerance"] == 0.001
        assert set(own["files"]) == set(contents(folder)) - {"manifest.json"}


def test_another_folder_umask_zone_and_year_give_the_same_bytes(
    package: PackageRun, passed: Mapping[str, Path], tmp_path: Path
) -> None:
    package(passed["arm"], passed["x86"], *ALL)
    targets = [word for name in ALL[::-2] for word in ("--target", name)]
    there = tmp_path / "some where/else"
    named = ("--name", "made", "--version", "1.0", "-o", there)
    package_elsewhere(passed["x86"], passed["arm"], *targets, *named)
    assert contents(there / "made-1.0") == contents()
    modes = {path.stat().st_mode & 0o777 for path in there.rglob("*") if path.is_file()}
    assert modes == {0o644}


def test_the_time_is_that_of_the_environment(
    package: PackageRun, passed: Mapping[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795678200")
    package(passed["arm"], *ARM)
    assert read_release_manifest(OUT).created == "2026-11-26T07:30:00Z"
    with tarfile.open(OUT / "made-1.0-linux-arm64.tar.gz") as archive:
        assert {member.mtime for member in archive} == {1795678200}
    assert json.loads((OUT / "sbom.cdx.json").read_bytes())["metadata"]["timestamp"].startswith(
        "2026-11-26T07:30:00"
    )
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    package(passed["arm"], *ARM, code=2)


def test_it_is_signed_and_verified(
    package: PackageRun, passed: Mapping[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PPOCR_EDGE_KEY_PASSWORD", "words of a test")
    public = write_new_key(tmp_path / "release.key", "words of a test")
    package(passed["arm"], *ARM, "--key", "release.key")
    verified = verify_release(OUT, [public], now=datetime.now(timezone.utc))
    assert (verified.key, verified.whole) == (public.id, True)
    before = contents()
    said = package(passed["arm"], *ARM, "--key", "release.key")
    assert "was there already, the same" in said
    assert contents() == before, "with its signature"


def test_a_release_that_is_there_is_signed_later(
    package: PackageRun, passed: Mapping[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package(passed["arm"], *ARM)
    before = contents()
    monkeypatch.setenv("PPOCR_EDGE_KEY_PASSWORD", "words of a test")
    public = write_new_key(tmp_path / "release.key", "words of a test")
    package(passed["arm"], *ARM, "--key", "release.key")
    verify_release(OUT, [public])
    after = contents()
    del after["SHA256SUMS.sig"]
    assert after == before


def test_a_wrong_password_makes_nothing(
    package: PackageRun, passed: Mapping[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PPOCR_EDGE_KEY_PASSWORD", "words of a test")
    write_new_key(tmp_path / "release.key", "words of a test")
    monkeypatch.setenv("PPOCR_EDGE_KEY_PASSWORD", "other words")
    package(passed["arm"], *ARM, "--key", "release.key", code=2)
    assert not Path("out").exists()


def test_another_release_of_the_same_version_is_refused(
    package: PackageRun, passed: Mapping[str, Path]
) -> None:
    package(passed["arm"], *ARM)
    before = contents()
    package(passed["arm"], *ARM, "--target", "android", code=2)
    assert "made-1.0: is there already, and another one: made-1.0-android" in package.err
    assert contents() == before
    package(passed["arm"], *ARM, "--target", "android", "--again")
    assert read_release_manifest(OUT).targets == ("linux-arm64", "android")
    assert [path.name for path in Path("out").iterdir()] == ["made-1.0"], "nothing is left beside it"


def test_what_is_no_release_is_not_touched(package: PackageRun, passed: Mapping[str, Path]) -> None:
    OUT.mkdir(parents=True)
    (OUT / "letter.txt").write_text("dear")
    package(passed["arm"], *ARM, "--again", code=2)
    assert "made-1.0: is in the way and is no release" in package.err
    assert contents() == {"letter.txt": b"dear"}
    OUT.rename("letters")
    OUT.symlink_to("../letters")
    package(passed["arm"], *ARM, "--again", code=2)
    assert "made-1.0: is in the way and is no release" in package.err
    assert contents(Path("letters")) == {"letter.txt": b"dear"}
    OUT.unlink()
    OUT.write_text("dear")
    package(passed["arm"], *ARM, "--again", code=2)
    assert "made-1.0: is in the way and is no release" in package.err
    assert OUT.read_text() == "dear"


def test_where_nothing_can_be_written(package: PackageRun, passed: Mapping[str, Path]) -> None:
    Path("out").symlink_to("nowhere")
    package(passed["arm"], *ARM, code=2)
    assert "made-1.0: cannot be written (File exists); choose another -o folder" in package.err
    assert not Path("nowhere").exists()


def test_a_bundle_that_changes_while_it_is_packed(passed: Mapping[str, Path], tmp_path: Path) -> None:
    for name in ("model.nb", "manifest.json"):
        bundle = Path(shutil.copytree(passed["arm"], tmp_path / name))
        gathered = gather(PackageRequest([bundle], ("linux-arm64",), "made", "1.0"))
        content = (bundle / name).read_bytes()
        (bundle / name).write_bytes(content + b" ")
        with pytest.raises(BundleError, match=f"{name}: changed while it was packed; pack again"):
            write_release(gathered, tmp_path / "out")
        (bundle / name).unlink()
        with pytest.raises(BundleError, match=f"{name}: cannot be read"):
            write_release(gathered, tmp_path / "out")
        assert not (tmp_path / "out").exists()


def test_check_finds_what_changed(package: PackageRun, passed: Mapping[str, Path]) -> None:
    package(passed["arm"], *ARM, "--target", "android")
    options = (*ARM, "--target", "android", "--check")
    assert "the same to the last byte" in package(passed["arm"], *options)
    before = contents()
    archive = OUT / "made-1.0-linux-arm64.tar.gz"
    damaged = bytearray(archive.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    archive.write_bytes(damaged)
    (OUT / "cards/ch_ppocr_mobile_v2_cls_infer.md").unlink()
    (OUT / "notes.txt").write_text("mine")
    values = json.loads(package(passed["arm"], *options, "--json", code=1))
    assert not values["same"]
    found = {one["name"]: one["found"] for one in values["differences"]}
    assert found.pop("made-1.0-linux-arm64.tar.gz").startswith("holds something else")
    assert found == {
        "cards/ch_ppocr_mobile_v2_cls_infer.md": "is missing",
        "notes.txt": "is there and should not be",
    }
    assert set(contents()) == (set(before) | {"notes.txt"}) - {"cards/ch_ppocr_mobile_v2_cls_infer.md"}


def test_check_finds_what_was_edited(package: PackageRun, passed: Mapping[str, Path]) -> None:
    options = (*ARM, "--target", "android")
    package(passed["arm"], *options)
    aar, archive = OUT / "made-1.0-android.aar", OUT / "made-1.0-linux-arm64.tar.gz"
    with zipfile.ZipFile(aar, "a") as opened:
        opened.writestr("assets/mine.txt", "mine")
    archive.write_bytes(archive.read_bytes()[:1000])
    (OUT / "manifest.json").write_text("{")
    values = json.loads(package(passed["arm"], *options, "--check", "--json", code=1))
    assert {one["name"]: one["found"] for one in values["differences"]} == {
        aar.name: "holds something else: assets/mine.txt",
        archive.name: "holds something else, or is damaged",
        "manifest.json": "differs, or is damaged",
    }


def test_check_tells_other_packing_from_other_content(
    package: PackageRun, passed: Mapping[str, Path]
) -> None:
    package(passed["arm"], *ARM)
    archive = OUT / "made-1.0-linux-arm64.tar.gz"
    archive.write_bytes(gzip.compress(gzip.decompress(archive.read_bytes()), 1, mtime=0))
    said = package(passed["arm"], *ARM, "--check", code=1)
    assert "made-1.0-linux-arm64.tar.gz holds the same, but was packed by another zlib or edited" in said


def test_json(package: PackageRun, passed: Mapping[str, Path]) -> None:
    values = json.loads(package(passed["arm"], *ARM, "--json"))
    assert (values["folder"], values["kept"], values["signed"]) == ("out/made-1.0", False, False)
    assert values["manifest"] == json.loads((OUT / "manifest.json").read_bytes())
    assert json.loads(package(passed["arm"], *ARM, "--json"))["kept"]
    assert json.loads(package(passed["arm"], *ARM, "--check", "--json")) == {
        "folder": "out/made-1.0",
        "same": True,
        "differences": [],
    }


def test_killed_at_any_moment_it_leaves_a_whole_release_or_none(
    package: PackageRun, passed: Mapping[str, Path], tmp_path: Path
) -> None:
    package(passed["arm"], passed["x86"], *ALL)
    whole = contents()
    words = [
        str(passed["arm"]),
        str(passed["x86"]),
        *ALL,
        "--name",
        "made",
        "--version",
        "1.0",
        "-o",
        "there",
    ]
    code = """
import os, sys
from pathlib import Path
left = [int(sys.argv[1])]
real = Path.write_bytes
def write_bytes(path, content):
    left[0] -= 1
    if left[0] < 0:
        real(path, content[: len(content) // 2])
        os.kill(os.getpid(), 9)
    return real(path, content)
Path.write_bytes = write_bytes
from deploy_tools.cli.main import main
sys.exit(main(["package", *sys.argv[2:]]))
"""
    for moment in (0, 4, 9, 99):  # 99: after the last file
        done = subprocess.run(
            [sys.executable, "-c", code, str(moment), *words], capture_output=True, check=False
        )
        assert done.returncode == (0 if moment == 99 else -9), done.stderr
        assert Path("there/made-1.0").exists() == (moment == 99)
    assert contents(Path("there/made-1.0")) == whole
    assert [path.name for path in Path("there").iterdir()] == ["made-1.0"], "what was left is swept"


def test_check_of_nothing_and_with_a_key(package: PackageRun, passed: Mapping[str, Path]) -> None:
    package(passed["arm"], *ARM, "--check", code=2)
    assert "made-1.0: is no release to check" in package.err
    package(passed["arm"], *ARM, "--check", "--again", code=2)
    assert "--check: writes nothing" in package.err
    assert "leave --again out" in package.err
    assert not Path("out").exists()


def test_figures_of_runs_go_along(package: PackageRun, passed: Mapping[str, Path]) -> None:
    sha256 = load_bundle(passed["arm"]).nb.sha256
    run = made_run()
    ours = replace(made_measurement(1), inputs={"cls": sha256})
    write_export("-o", Path("run.json"), [RunRecord(run, WHEN, (ours, made_measurement(2)))])
    package(passed["arm"], *ARM, "--run", "run.json")
    manifest = read_release_manifest(OUT)
    (latency,) = manifest.models[0]["latency"]
    assert (latency["run"], latency["device"], latency["threads"]) == (run.id, "pi 4", 4)
    assert 20 < latency["ms"]["p50"] < latency["ms"]["p90"] < latency["ms"]["p99"] < 60
    assert manifest.created == "2026-11-26T05:30:02Z", "when it was measured"
    assert manifest.libraries["measured"] == ["v2.13-rc"]
    assert f"`{run.id}`" in (OUT / "cards/ch_ppocr_mobile_v2_cls_infer.md").read_text()


def test_figures_of_a_stored_run_go_along(package: PackageRun, passed: Mapping[str, Path]) -> None:
    run = made_run(tags=("board",))
    ours = replace(made_measurement(1), inputs={"cls": load_bundle(passed["arm"]).nb.sha256})
    with open_results("results.db") as store:
        store.import_run(RunRecord(run, WHEN, (ours, made_measurement(2))))
    package(passed["arm"], *ARM, "--run", "board", "--results", "results.db")
    (latency,) = read_release_manifest(OUT).models[0]["latency"]
    assert (latency["run"], latency["device"]) == (run.id, "pi 4")
    package(passed["arm"], *ARM, "--run", "nosuch", "--results", "results.db", code=2)
    assert "nosuch" in package.err


def test_a_run_without_measurements(package: PackageRun, passed: Mapping[str, Path]) -> None:
    write_export("-o", Path("run.json"), [RunRecord(made_run(), WHEN, ())])
    package(passed["arm"], *ARM, "--run", "run.json", code=2)
    assert "--run run.json: holds no measurements" in package.err


def test_a_bundle_without_golden_tensors(
    package: PackageRun, passed: Mapping[str, Path], tmp_path: Path
) -> None:
    package(changed(passed["arm"], tmp_path / "b", golden=None), *ARM, code=2)
    assert "has no golden input and output to test itself with; convert it again" in package.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--target", "windows"], "--target windows: there is no such target"),
        (["--target", "linux-x86_64"], "was converted for arm, which suits none of linux-x86_64"),
        ([*ARM, "--target", "linux-x86_64"], "--target linux-x86_64: no bundle is for x86"),
        ([*ARM, "--run", "nosuch.json"], "nosuch.json"),
        ([*ARM, "--runner", "."], "--runner .: is no runner"),
        ([*ARM, "--lite-home", "here"], "--lite-home here: is not TARGET=FOLDER"),
        ([*ARM, "--lite-home", "android=."], "--lite-home android=.: is not TARGET=FOLDER"),
        ([*ARM, "--lite-home", "linux-armhf=."], "is for a target that is not asked for"),
        ([*ARM, "--android-library", "."], "--android-library: is for a target that is not asked for"),
        (["--target", "android", "--android-library", "."], "has neither java/so/libpaddle_lite_jni.so nor"),
        ([*ARM, "--password-file", "f"], "--password-file: is of a key, and none is given"),
        ([*ARM, "--key", "nosuch.key"], "nosuch.key"),
        ([*ARM, "."], "has no manifest.json"),
    ],
)
def test_mistakes_make_nothing(
    package: PackageRun, passed: Mapping[str, Path], words: list[str], said: str
) -> None:
    package(passed["arm"], *words, code=2)
    error = package.err
    assert said in error
    assert error.count("\n") == 1
    assert not Path("out").exists()


@pytest.mark.parametrize("version", ["../1", "", "1 0", "v/1", "-1", "x" * 65, "1.", "ä"])
def test_versions_that_are_no_part_of_a_name(
    package: PackageRun, passed: Mapping[str, Path], version: str
) -> None:
    package(passed["arm"], *ARM, version=version, code=2)
    assert not Path("out").exists()


def test_the_manifest_is_read_strictly(tmp_path: Path) -> None:
    for content in (b"{}", b"[]", b'{"format": 1}', b"\xff", hashlib.sha256(b"").digest()):
        (tmp_path / "manifest.json").write_bytes(content)
        with pytest.raises(ReleaseError, match=r"manifest\.json"):
            read_release_manifest(tmp_path)
    (tmp_path / "manifest.json").unlink()
    with pytest.raises(ReleaseError, match="cannot be read"):
        read_release_manifest(tmp_path)
