"""The AAR as Android's tools take it, and the plain folders."""

from __future__ import annotations

import json
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

from deploy_tools.release.targets.android import package_name
from deploy_tools.release.trust.verify import check_contents
from edge.bundle.bundle import load_bundle
from tests.deploy_tools.native.made_elf import AARCH64, ARM, made_elf
from tests.release_kit.android_app import FRAMEWORK, need_android, run, sign_app
from tests.release_kit.package_run import PackageRun

pytestmark = pytest.mark.embedded
OUT = Path("out/made-1.0")
AAR = OUT / "made-1.0-android.aar"
ASSETS = OUT / "made-1.0-android-assets.tar.gz"
NAMESPACE = "{http://schemas.android.com/apk/res/android}"
JAR = b"PK\5\6" + bytes(18)
"""The smallest jar there is."""


def library(
    folder: Path, machine: int, *, needed: Sequence[str] = ("libc.so", "liblog.so"), jar: bytes | None = JAR
) -> Path:
    """A folder such as Paddle-Lite publishes for Android."""
    name = "java/so/libpaddle_lite_jni.so" if jar is not None else "cxx/lib/libpaddle_light_api_shared.so"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_bytes(made_elf(machine, needed=needed, android_api=21))
    if jar is not None:
        (folder / "java/jar").mkdir()
        (folder / "java/jar/PaddlePredictor.jar").write_bytes(jar)
    return folder


@pytest.fixture
def aar(package: PackageRun, passed: Mapping[str, Path], tmp_path: Path) -> Path:
    """An AAR with libraries for both ABIs."""
    libraries = [library(tmp_path / "v8", AARCH64), library(tmp_path / "v7", ARM)]
    options = [word for one in libraries for word in ("--android-library", one)]
    package(passed["arm"], "--target", "android", *options)
    return AAR


def test_everything_an_aar_has(aar: Path, passed: Mapping[str, Path], tmp_path: Path) -> None:
    with zipfile.ZipFile(aar) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        archive.extractall(tmp_path / "aar")
    for name in ("AndroidManifest.xml", "classes.jar", "R.txt", "proguard.txt", "libs/PaddlePredictor.jar"):
        assert name in names
    assert {name for name in names if name.startswith("jni/")} == {
        *(f"jni/{abi}/libpaddle_lite_jni.so" for abi in ("arm64-v8a", "armeabi-v7a")),
    }
    root = ElementTree.parse(tmp_path / "aar/AndroidManifest.xml").getroot()
    assert root.get("package") == package_name("made") == "ppocr.edge.release.r_made"
    assert [use.get(f"{NAMESPACE}minSdkVersion") for use in root.iter("uses-sdk")] == ["21"]
    assert "com.baidu.paddle.lite.**" in (tmp_path / "aar/proguard.txt").read_text()
    with zipfile.ZipFile(tmp_path / "aar/classes.jar") as classes:
        assert classes.namelist() == ["META-INF/MANIFEST.MF"]
    assert (tmp_path / "aar/libs/PaddlePredictor.jar").read_bytes() == JAR
    assets = tmp_path / "aar/assets/ppocr"
    own = json.loads((assets / "manifest.json").read_bytes())
    assert load_bundle(assets / own["models"][0]["folder"]).nb.sha256 == load_bundle(passed["arm"]).nb.sha256


def test_plain_folders(aar: Path, tmp_path: Path) -> None:
    assert aar.is_file()
    with tarfile.open(ASSETS) as archive:
        archive.extractall(tmp_path / "plain", filter="data")
    top = tmp_path / "plain/made-1.0"
    assert {path.name for path in top.iterdir()} == {
        *("assets", "jniLibs", "libs", "manifest.json", "proguard-rules.pro", "THIRD_PARTY_NOTICES.md"),
    }
    own = json.loads((top / "manifest.json").read_bytes())
    assert own["target"] == "android-assets"
    load_bundle(top / own["models"][0]["folder"])
    assert (top / "jniLibs/arm64-v8a/libpaddle_lite_jni.so").is_file()


def test_the_release_fits_together(aar: Path) -> None:
    assert aar.is_file()
    assert check_contents(OUT, (OUT / "SHA256SUMS").read_bytes()).targets == ("android-assets", "android")


def test_without_libraries_there_are_models_alone(package: PackageRun, passed: Mapping[str, Path]) -> None:
    package(passed["arm"], "--target", "android")
    with zipfile.ZipFile(AAR) as archive:
        assert not [name for name in archive.namelist() if name.startswith(("jni/", "libs/"))]
    assert "Paddle-Lite" not in (OUT / "THIRD_PARTY_NOTICES.md").read_text().partition("## Apache")[
        0
    ].replace("Paddle-Lite's opt", "")


def build_apk(aar: Path, folder: Path) -> Path:
    """An app without code of its own around an AAR, as Gradle would put it together."""
    with zipfile.ZipFile(aar) as archive:
        archive.extractall(folder)
    manifest = f"""<manifest xmlns:android="http://schemas.android.com/apk/res/android"
        package="com.example.app" android:versionCode="1" android:versionName="1">
        <uses-sdk android:minSdkVersion="21" android:targetSdkVersion="29" />
        <application android:label="{aar.stem}" android:hasCode="false" /></manifest>"""
    (folder / "app").mkdir()
    (folder / "app/AndroidManifest.xml").write_text(manifest)
    own = ("-M", "app/AndroidManifest.xml", "-A", "assets", "-I", FRAMEWORK)
    run("aapt", "package", "-f", *own, "-F", "app.apk", folder=folder)
    (folder / "jni").rename(folder / "lib")
    natives = [str(path.relative_to(folder)) for path in sorted((folder / "lib").rglob("*.so"))]
    run("aapt", "add", "app.apk", *natives, folder=folder)
    return folder / "app.apk"


def test_aapt_takes_its_manifest_and_its_assets(
    aar: Path, passed: Mapping[str, Path], tmp_path: Path
) -> None:
    need_android("aapt")
    folder = tmp_path / "apk"
    apk = build_apk(aar, folder)
    run("aapt", "package", "-f", "-M", "AndroidManifest.xml", "-I", FRAMEWORK, "-F", "own.apk", folder=folder)
    badging = run("aapt", "dump", "badging", "own.apk", folder=folder)
    assert "package: name='ppocr.edge.release.r_made'" in badging
    assert "sdkVersion:'21'" in badging
    badging = run("aapt", "dump", "badging", "app.apk", folder=folder)
    assert "native-code: 'arm64-v8a' 'armeabi-v7a'" in badging
    listed = run("aapt", "list", "app.apk", folder=folder).split()
    assert "assets/ppocr/models/cls/model.nb" in listed
    with zipfile.ZipFile(apk) as archive:
        found = archive.read("assets/ppocr/models/cls/model.nb")
    assert found == (passed["arm"] / "model.nb").read_bytes()


def test_an_app_with_it_is_aligned_signed_and_verified(aar: Path, tmp_path: Path) -> None:
    need_android("aapt", "zipalign", "apksigner")
    folder = tmp_path / "apk"
    build_apk(aar, folder)
    sign_app(folder)


def test_the_shared_cpp_library_comes_along(
    package: PackageRun, passed: Mapping[str, Path], tmp_path: Path
) -> None:
    folder = library(tmp_path / "v8", AARCH64, needed=("libc.so", "libc++_shared.so"))
    options = ("--target", "android", "--android-library", folder)
    package(passed["arm"], *options, code=2)
    assert "needs libc++_shared.so; put the NDK's for arm64-v8a at" in package.err
    (folder / "java/so/libc++_shared.so").write_bytes(b"the NDK's")
    package(passed["arm"], *options)
    with zipfile.ZipFile(AAR) as archive:
        assert archive.read("jni/arm64-v8a/libc++_shared.so") == b"the NDK's"
    assert "LLVM's C++ library" in (OUT / "THIRD_PARTY_NOTICES.md").read_text()


def test_a_library_without_java(package: PackageRun, passed: Mapping[str, Path], tmp_path: Path) -> None:
    package(
        passed["arm"],
        *("--target", "android", "--android-library", library(tmp_path / "v8", AARCH64, jar=None)),
    )
    with zipfile.ZipFile(AAR) as archive:
        assert "jni/arm64-v8a/libpaddle_light_api_shared.so" in archive.namelist()
        assert "libs/PaddlePredictor.jar" not in archive.namelist()


def test_libraries_that_do_not_go_together(
    package: PackageRun, passed: Mapping[str, Path], tmp_path: Path
) -> None:
    v8, v7 = library(tmp_path / "v8", AARCH64), library(tmp_path / "v7", ARM, jar=b"another")
    again, linux = library(tmp_path / "again", AARCH64), library(tmp_path / "linux", AARCH64)
    content = made_elf(AARCH64, needed=("libc.so.6", "ld-linux-aarch64.so.1"))
    (linux / "java/so/libpaddle_lite_jni.so").write_bytes(content)
    lone = library(tmp_path / "lone", AARCH64)
    (lone / "java/jar/PaddlePredictor.jar").unlink()
    for folders, said in (
        ((v8, v7), "has another PaddlePredictor.jar than"),
        ((v8, again), "is a second one for arm64-v8a"),
        ((lone,), "has no java/jar/PaddlePredictor.jar"),
        ((linux,), "its libpaddle_lite_jni.so is a shared library for ARM (64 bit) Linux"),
    ):
        options = [word for folder in folders for word in ("--android-library", folder)]
        package(passed["arm"], "--target", "android", *options, code=2)
        assert said in package.err
        assert not Path("out").exists()


@pytest.mark.parametrize("name", ["made", "1-2.3", "Ünï", "über app", "a" * 60])
def test_package_names_are_such_as_java_takes(name: str) -> None:
    parts = package_name(name).split(".")
    assert all(part.isascii() and part.isidentifier() and part == part.lower() for part in parts)
