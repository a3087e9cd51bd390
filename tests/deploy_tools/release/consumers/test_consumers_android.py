"""``docs/consumers/android.md``: compiled against an AAR, run on the host's Java, and put into an app.

Android's classes and Paddle-Lite's Java API are stand-ins with the signatures of the real ones; the models
are computed by the x86 library.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deploy_tools.release.gathering import gather
from deploy_tools.release.package import write_release
from deploy_tools.release.request import PackageRequest
from edge.ocr.ctc import decode
from tests.deploy_tools.native.made_elf import AARCH64, made_elf
from tests.deploy_tools.release.consumers.conftest import Sample
from tests.release_kit.android_app import FRAMEWORK, need_android, sign_app
from tests.release_kit.snippets import snippets, write_snippets
from tests.release_kit.stand_ins import (
    JSON,
    build,
    build_android_classes,
    build_classes,
    build_lite_jar,
    need,
    runner_environment,
)

pytestmark = pytest.mark.embedded
KOTLIN_LIBRARY = Path("/usr/share/java/kotlin-stdlib.jar")
PAGE = "consumers/android.md"
SOURCES = Path("app/src/main/java")
Start = Callable[..., "list[str]"]
HEADLESS = ("java", "-Djava.awt.headless=true")


@pytest.fixture(scope="module")
def aar(passed: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An AAR with the stand-in for Paddle-Lite's Java API, unpacked."""
    folder = tmp_path_factory.mktemp("aar")
    library = folder / "library"
    for name, content in (
        ("java/so/libpaddle_lite_jni.so", made_elf(AARCH64, needed=("libc.so", "liblog.so"), android_api=21)),
        ("java/jar/PaddlePredictor.jar", build_lite_jar(folder).read_bytes()),
    ):
        (library / name).parent.mkdir(parents=True)
        (library / name).write_bytes(content)
    request = PackageRequest([passed["arm"]], ("android",), "made", "1.0", android_libraries=[library])
    written = write_release(gather(request), folder)
    with zipfile.ZipFile(written.folder / "made-1.0-android.aar") as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


@pytest.fixture(scope="module")
def libraries(aar: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What the programs are compiled against, and run with."""
    need(f"{JSON}:libandroid-json-java")
    android = build_android_classes(tmp_path_factory.mktemp("android"))
    return [android, aar / "libs/PaddlePredictor.jar", JSON]


@pytest.fixture
def phone(unpacked: Path, sample: Sample, tmp_path: Path) -> Path:
    """An installed app's folder. What an AAR for this host would hold is the archive for this host."""
    assets = tmp_path / "phone/assets"
    shutil.copytree(unpacked / "models", assets / "ppocr/models")
    shutil.copy(unpacked / "manifest.json", assets / "ppocr")
    shutil.copy(sample.page, assets / "page.png")
    return tmp_path / "phone"


@pytest.fixture
def start(phone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """``start(classes, …)`` runs the app's activity: what is on its screen."""
    for name, value in runner_environment(tmp_path).items():
        monkeypatch.setenv(name, value)

    def run(*path: Path) -> list[str]:
        options = (f"-Dapp={phone}", f"-Djava.io.tmpdir={tmp_path}", "-cp", ":".join(map(str, path)))
        activity = ("android.app.Activity", "com.example.reader.MainActivity")
        return build(*HEADLESS, *options, *activity, folder=tmp_path).strip().splitlines()

    return run


def java_classes(libraries: list[Path], folder: Path) -> Path:
    """The page's Java, compiled as for Android 5."""
    write_snippets(PAGE, folder)
    return build_classes(folder / SOURCES, folder / "classes", libraries, "--release", "8", "-Xlint:-options")


def test_java(libraries: list[Path], start: Start, phone: Path, sample: Sample, tmp_path: Path) -> None:
    classes = java_classes(libraries, tmp_path / "project")
    assert start(classes, *libraries) == sample.read
    manifest = phone / "files/ppocr/manifest.json"
    assert manifest.read_bytes() == (phone / "assets/ppocr/manifest.json").read_bytes()
    # what an interrupted copy leaves is copied again, what is whole is not
    Image.new("RGB", (64, 64)).save(phone / "assets/page.png")
    manifest.write_text("{}")
    model = phone / "files/ppocr/models/det/model.nb"
    model.write_bytes(b"half")
    assert start(classes, *libraries) == []
    assert model.read_bytes() == (phone / "assets/ppocr/models/det/model.nb").read_bytes()
    model.unlink()
    assert start(classes, *libraries) == [
        f"java.io.IOException: {model.parent}: Paddle-Lite cannot open this model"
    ]


def test_kotlin(libraries: list[Path], start: Start, sample: Sample, tmp_path: Path) -> None:
    need("kotlinc:kotlin")
    project = write_snippets(PAGE, tmp_path / "project")
    options = ("-jvm-target", "1.8", "-cp", ":".join(map(str, libraries)), "-d", "classes.jar")
    build("kotlinc", *options, *sorted((project / SOURCES).rglob("*.kt")), folder=project)
    assert start(project / "classes.jar", KOTLIN_LIBRARY, *libraries) == sample.read


DECODE = """
package com.example.reader;

import java.nio.*;
import java.nio.file.*;
import java.util.*;

public final class Decode {
    public static void main(String[] words) throws Exception {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Paths.get(words[0])));
        float[] values = new float[bytes.remaining() / 4];
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        LineReader.Line line = LineReader.decode(values, Arrays.asList("", "a", "b", "c"));
        System.out.println(line.text + " " + line.score);
    }
}
"""


def test_decoding_alone(libraries: list[Path], tmp_path: Path) -> None:
    """Repeats, blanks between equals, blanks at both ends, nothing at all."""
    from edge.ocr.charset import character_set

    project = write_snippets(PAGE, tmp_path / "project")
    (project / SOURCES / "com/example/reader/Decode.java").write_text(DECODE)
    classes = build_classes(project / SOURCES, project / "classes", libraries)
    path = ":".join(map(str, [classes, *libraries]))
    for best in ([0, 1, 1, 0, 1, 2, 3, 3, 0, 0], [1, 2, 2, 1], [0, 0], [3]):
        steps = np.full((len(best), 4), 0.05, np.float32)
        steps[np.arange(len(best)), best] = np.linspace(0.5, 0.9, len(best), dtype=np.float32)
        steps.tofile(tmp_path / "steps")
        (ours,) = decode(steps[None], character_set("abc"), 1)
        said = build("java", "-cp", path, "com.example.reader.Decode", tmp_path / "steps", folder=tmp_path)
        text, score = said.rstrip("\n").split(" ")
        assert (text, float(score)) == (ours.text, pytest.approx(ours.score, abs=1e-6))


def test_an_app(aar: Path, sample: Sample, tmp_path: Path) -> None:
    """The project's manifest with the AAR's assets and libraries, as Gradle would put them together."""
    need_android("aapt", "zipalign", "apksigner")
    project = write_snippets(PAGE, tmp_path / "project")
    main = project / "app/src/main"
    gradle = snippets(PAGE)["app/build.gradle"]
    # what Gradle writes into the manifest
    package, oldest, meant = (
        re.findall(rf'{name} "?([\w.]+)', gradle)[0] for name in ("namespace", "minSdk", "targetSdk")
    )
    head = f'<manifest package="{package}"'
    sdk = f'<uses-sdk android:minSdkVersion="{oldest}" android:targetSdkVersion="{meant}" />'
    manifest = (main / "AndroidManifest.xml").read_text()
    manifest = manifest.replace("<manifest", head, 1).replace("<application", f"{sdk}<application", 1)
    (main / "AndroidManifest.xml").write_text(manifest)
    shutil.copytree(aar / "assets", main / "assets")
    shutil.copy(sample.page, main / "assets")
    options = ("-M", main / "AndroidManifest.xml", "-A", main / "assets", "-I", FRAMEWORK)
    build("aapt", "package", "-f", *options, "-F", project / "app.apk", folder=project)
    shutil.copytree(aar / "jni", project / "lib")
    build("aapt", "add", "app.apk", "lib/arm64-v8a/libpaddle_lite_jni.so", folder=project)
    sign_app(project)
    badging = build("aapt", "dump", "badging", "signed.apk", folder=project)
    assert "package: name='com.example.reader'" in badging
    assert "launchable-activity: name='com.example.reader.MainActivity'" in badging
    assert "native-code: 'arm64-v8a'" in badging
    listed = build("aapt", "list", "signed.apk", folder=project).split()
    assert {"assets/page.png", "assets/ppocr/models/cls/model.nb"} <= set(listed)
