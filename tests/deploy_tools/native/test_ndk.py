"""Android's NDK: found, refused with the reason, and what its toolchain file is given.

The folders are the tests' own, as no NDK can be had here: their toolchain file writes down what it was given,
and ends there. What the real one does with it is described in docs/native.md.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy_tools.native.build import build_runner
from deploy_tools.native.check import check_build
from deploy_tools.native.lite_home import HEADERS, LIBRARY, find_lite_home
from deploy_tools.native.ndk import TOOLCHAIN_FILE, VARIABLES, Ndk, find_ndk
from deploy_tools.native.target import TARGETS
from deploy_tools.native.toolchain import find_toolchain
from edge.errors import BuildError, InputError
from tests.deploy_tools.native.made_elf import AARCH64, ARM, made_elf

COMPILER = "toolchains/llvm/prebuilt/linux-x86_64/bin/clang++"
SYSROOT_LIBRARIES = "toolchains/llvm/prebuilt/linux-x86_64/sysroot/usr/lib"
SHARED_STL = ("liblog.so", "libc++_shared.so", "libc.so")
STATIC_STL = ("liblog.so", "libdl.so", "libc.so")
ARM64, ARMV7 = TARGETS["android-arm64"], TARGETS["android-armv7"]


@pytest.fixture(autouse=True)
def _no_ndk_of_this_host(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def ndk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An NDK as far as its files go, named by the environment."""
    folder = tmp_path / "sdk" / "ndk" / "25.2.9519653"
    files = {
        "source.properties": "Pkg.Desc = Android NDK\nPkg.Revision = 25.2.9519653\n",
        "meta/platforms.json": json.dumps({"min": 19, "max": 33, "aliases": {"20": 19}}),
        TOOLCHAIN_FILE: f"""
            file(WRITE "{tmp_path}/given" "${{ANDROID_ABI}} ${{ANDROID_PLATFORM}} ${{ANDROID_STL}}")
            message(FATAL_ERROR "that was all")
        """,
        COMPILER: "#!/bin/sh\nexit 1\n",
        f"{SYSROOT_LIBRARIES}/aarch64-linux-android/libc++_shared.so": "for 64 bits",
        f"{SYSROOT_LIBRARIES}/arm-linux-androideabi/libc++_shared.so": "for 32 bits",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / COMPILER).chmod(0o755)
    monkeypatch.setenv("ANDROID_NDK_ROOT", str(folder))
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Callable[[bytes], Path]:
    """``home(library)``: a library folder."""

    def make(library: bytes) -> Path:
        for name in ("lib", "include"):
            (tmp_path / "lite" / name).mkdir(parents=True, exist_ok=True)
        for name in HEADERS:
            (tmp_path / "lite" / "include" / name).write_text("")
        (tmp_path / "lite" / "lib" / LIBRARY).write_bytes(library)
        return tmp_path / "lite"

    return make


def test_found_and_named_as_people_name_it(ndk: Path) -> None:
    found = find_ndk()
    assert (found.name, found.revision, found.platforms) == ("NDK r25c", "25.2.9519653", (19, 33))
    assert found.subject == f"ANDROID_NDK_ROOT={ndk}"
    assert found.compiler == ndk / COMPILER
    assert Ndk(ndk, "ANDROID_NDK", "26.0.1", (1, 2), ndk).name == "NDK r26"


def test_the_first_variable_counts(ndk: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANDROID_NDK_HOME", str(tmp_path / "no"))
    with pytest.raises(BuildError, match=r"ANDROID_NDK_HOME=.*: no such folder"):
        find_ndk()
    monkeypatch.setenv("ANDROID_NDK_HOME", "")
    assert find_ndk().folder == ndk


def test_none_is_named() -> None:
    with pytest.raises(BuildError) as caught:
        find_ndk()
    assert caught.value.one_line().startswith(
        "Android NDK: none is named: ANDROID_NDK_HOME, ANDROID_NDK_ROOT, ANDROID_NDK are not set; unpack an "
    )


def _replace(ndk: Path, name: str, text: str | None) -> None:
    (ndk / name).unlink()
    if text is not None:
        (ndk / name).write_text(text)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("source.properties", "Pkg.Revision = 17.2.4988734\n", "is NDK 17.2.4988734, older than r18"),
        ("source.properties", None, "is no Android NDK"),
        ("source.properties", "hello", "is no Android NDK"),
        (TOOLCHAIN_FILE, None, f"has no {TOOLCHAIN_FILE}; unpack it again"),
        (COMPILER, None, f"has no {COMPILER}; unpack it again"),
        (COMPILER, "", "may not be executed; unpack it again with a program that keeps permissions"),
    ],
)
def test_an_ndk_that_does_not_serve(ndk: Path, name: str, text: str | None, message: str) -> None:
    _replace(ndk, name, text)
    with pytest.raises(BuildError, match="ANDROID_NDK_ROOT=") as caught:
        find_ndk()
    assert message in caught.value.one_line()


def test_an_ndk_for_another_host(ndk: Path) -> None:
    host = ndk / "toolchains/llvm/prebuilt/linux-x86_64"
    host.rename(host.with_name("darwin-x86_64"))
    with pytest.raises(BuildError, match="is an NDK for darwin-x86_64; unpack an Android NDK for Linux"):
        find_ndk()


def test_a_folder_above_or_below(ndk: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for folder, what in (
        (ndk.parents[1], "is a folder with an NDK in it, not the NDK itself"),
        (ndk.parent, "is a folder with an NDK in it, not the NDK itself"),
        (ndk / "build" / "cmake", "is a part of an NDK"),
    ):
        monkeypatch.setenv("ANDROID_NDK_ROOT", str(folder))
        with pytest.raises(BuildError) as caught:
            find_ndk()
        assert caught.value.found == what
        assert caught.value.remedy == f"export ANDROID_NDK_ROOT={ndk}"
    sdk = ndk.parents[1]
    (sdk / "platform-tools").mkdir()
    monkeypatch.setenv("ANDROID_NDK_ROOT", str(sdk))
    with pytest.raises(
        BuildError, match=f"is an Android SDK, not the NDK itself; export ANDROID_NDK_ROOT={ndk}"
    ):
        find_ndk()
    shutil.rmtree(sdk / "ndk")
    with pytest.raises(BuildError, match="is an Android SDK, without an NDK; unpack"):
        find_ndk()


@pytest.mark.parametrize(
    ("library", "target", "platform", "given"),
    [
        (made_elf(AARCH64, needed=SHARED_STL), ARM64, None, "arm64-v8a android-21 c++_shared"),
        (
            made_elf(AARCH64, needed=STATIC_STL, android_api=16),
            ARM64,
            None,
            "arm64-v8a android-21 c++_static",
        ),
        (
            made_elf(AARCH64, needed=STATIC_STL, android_api=23),
            ARM64,
            None,
            "arm64-v8a android-23 c++_static",
        ),
        (made_elf(AARCH64, needed=STATIC_STL), ARM64, 29, "arm64-v8a android-29 c++_static"),
        (made_elf(ARM, needed=SHARED_STL, android_api=16), ARMV7, 19, "armeabi-v7a android-19 c++_shared"),
    ],
)
def test_what_the_toolchain_file_is_given(
    ndk: Path,
    home: Callable[[bytes], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    library: bytes,
    target: object,
    platform: int | None,
    given: str,
) -> None:
    if shutil.which("cmake") is None or shutil.which("make") is None:
        pytest.skip("no cmake or make here (apt-get install cmake make)")
    monkeypatch.setenv("PPOCR_EDGE_HOME", str(tmp_path / "own"))
    assert target in (ARM64, ARMV7)
    with pytest.raises(BuildError, match="cmake failed: that was all"):
        build_runner(home(library), ARM64 if target is ARM64 else ARMV7, platform=platform)
    assert (tmp_path / "given").read_text() == given
    assert list((tmp_path / "own").rglob("*")) == []


def test_the_shared_stl_lies_beside_the_runner(ndk: Path, home: Callable[[bytes], Path]) -> None:
    lite = find_lite_home(home(made_elf(ARM, needed=SHARED_STL)), ARMV7)
    toolchain = find_toolchain(ARMV7, lite, None)
    assert [path.read_text() for path in toolchain.beside] == ["for 32 bits"]
    assert toolchain.name == "NDK r25c (25.2.9519653), android-21, c++_shared"
    place = ndk / SYSROOT_LIBRARIES / "arm-linux-androideabi" / "libc++_shared.so"
    older = ndk / "sources/cxx-stl/llvm-libc++/libs/armeabi-v7a"
    older.mkdir(parents=True)
    place.rename(older / place.name)
    assert find_toolchain(ARMV7, lite, None).beside == (older / place.name,)
    shutil.rmtree(older)
    with pytest.raises(BuildError, match=r"has no libc\+\+_shared\.so for armeabi-v7a; unpack it again"):
        find_toolchain(ARMV7, lite, None)
    alone = find_lite_home(home(made_elf(ARM, needed=STATIC_STL)), ARMV7)
    assert find_toolchain(ARMV7, alone, None).beside == ()


@pytest.mark.usefixtures("ndk")
@pytest.mark.parametrize(
    ("level", "message"),
    [
        (18, "--android-platform 18: NDK r25c builds for 19 to 33; name one of them"),
        (34, "--android-platform 34: NDK r25c builds for 19 to 33"),
        (22, "--android-platform 22: the library is for 23 and newer; leave the option away, or raise it"),
    ],
)
def test_levels_that_do_not_suit(home: Callable[[bytes], Path], level: int, message: str) -> None:
    with pytest.raises(InputError) as caught:
        build_runner(home(made_elf(AARCH64, needed=STATIC_STL, android_api=23)), ARM64, platform=level)
    assert caught.value.one_line().startswith(message)


def test_a_level_for_what_is_no_android(home: Callable[[bytes], Path]) -> None:
    linux = TARGETS["linux-arm64"]
    lite = find_lite_home(home(made_elf(AARCH64, needed=["libc.so.6"])), linux)
    with pytest.raises(InputError, match="--android-platform 24: linux-arm64 is no Android"):
        find_toolchain(linux, lite, 24)


def test_check_tells_of_the_ndk(ndk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = check_build(ARM64, None, "--lite-home")
    assert (first.name, first.found, first.ok) == ("Android NDK", f"{ndk}, NDK r25c (25.2.9519653)", True)
    assert [finding.name for finding in others] == ["cmake", "make", "Paddle-Lite"]
    monkeypatch.delenv("ANDROID_NDK_ROOT")
    first = check_build(ARM64, None, "--lite-home")[0]
    assert not first.ok
    assert first.needed
    assert "unpack an Android NDK for Linux, r18 or newer" in first.remedy
