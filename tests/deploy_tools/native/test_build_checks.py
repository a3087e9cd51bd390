"""What is found out about a library folder before a compiler is started; needs neither."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy_tools.native.build import build_runner, copy_runner
from deploy_tools.native.built import BuiltRunner, read_runner, write_manifest
from deploy_tools.native.check import check_build
from deploy_tools.native.elf import read_elf
from deploy_tools.native.lite_home import HEADERS, LIBRARY, find_lite_home
from deploy_tools.native.ndk import STL_LIBRARY
from deploy_tools.native.target import TARGETS, find_target
from deploy_tools.native.tools import build_tools, require, version_of
from edge.errors import BuildError, InputError

ARM64, X86 = TARGETS["linux-arm64"], TARGETS["linux-x86_64"]
AARCH64, ARM, X86_64 = 183, 40, 62


def elf(machine: int, *, bits: int = 64, kind: int = 3, order: str = "<") -> bytes:
    """The beginning of an ELF file."""
    identity = b"\x7fELF" + bytes([bits // 32, 1 if order == "<" else 2, 1]) + bytes(9)
    return identity + struct.pack(f"{order}HHI", kind, machine, 1) + bytes(40)


Home = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """``home(library bytes, inside="cxx")``: a library folder with both headers."""

    def make(library: bytes = elf(AARCH64), inside: str = "") -> Path:
        folder = tmp_path / "lite"
        (folder / inside / "lib").mkdir(parents=True)
        (folder / inside / "include").mkdir()
        for name in HEADERS:
            (folder / inside / "include" / name).write_text("")
        (folder / inside / "lib" / LIBRARY).write_bytes(library)
        return folder

    return make


@pytest.mark.parametrize("inside", ["", "cxx"])
def test_both_layouts(home: Home, inside: str) -> None:
    folder = home(inside=inside)
    lite = find_lite_home(folder, ARM64)
    assert lite.include == folder / inside / "include"
    assert lite.library == folder / inside / "lib" / LIBRARY


@pytest.mark.parametrize(
    ("library", "message"),
    [
        (elf(X86_64), "is for x86-64, linux-arm64 is ARM (64 bit)"),
        (elf(ARM, bits=32), "is for ARM (32 bit), linux-arm64 is ARM (64 bit)"),
        (elf(AARCH64, bits=32), "is for ARM (64 bit), linux-arm64 is"),  # the ABI of 32-bit pointers
        (elf(21, order=">"), "is for machine 21"),
        (elf(AARCH64, kind=2), "is no shared library but a program"),
        (b"!<arch>\nname/   0     " + elf(AARCH64, kind=1), "is no shared library but an archive"),
        (b"", "is no library (not an ELF file)"),
        (b"\x7fELF\x02\x01", "is no library (not an ELF file)"),
        (b"MZ" + bytes(100), "is no library (not an ELF file)"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a Git LFS pointer, not the file"),
    ],
)
def test_a_library_for_something_else(home: Home, library: bytes, message: str) -> None:
    folder = home(library)
    with pytest.raises(InputError) as caught:
        find_lite_home(folder, ARM64)
    assert caught.value.subject == str(folder / "lib" / LIBRARY)
    assert message in caught.value.found


def test_libraries_of_this_host_are_known_for_what_they_are() -> None:
    program = shutil.which("git")
    assert program is not None
    found = read_elf(Path(program))
    assert (found.bits, found.machine) == (64, X86_64)


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("", "no such folder"),
        ("lib", "has neither lib nor cxx/lib"),
        (f"lib/{LIBRARY}", f"has no lib/{LIBRARY}"),
        ("include", "has no include/paddle_api.h"),
        ("include/paddle_place.h", "has no include/paddle_place.h"),
    ],
)
def test_a_folder_that_lacks_something(home: Home, missing: str, message: str) -> None:
    folder = home()
    gone = folder / missing
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    with pytest.raises(InputError) as caught:
        build_runner(folder, ARM64)
    assert caught.value.subject == f"--lite-home {folder}"
    assert message in caught.value.found


def test_a_file_instead_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "lite").write_text("")
    with pytest.raises(InputError, match="is not a folder"):
        find_lite_home(tmp_path / "lite", ARM64)


@pytest.mark.parametrize("other", ["libpaddle_api_light_bundled.a", "libpaddle_full_api_shared.so"])
def test_only_another_library(home: Home, other: str) -> None:
    folder = home()
    (folder / "lib" / LIBRARY).rename(folder / "lib" / other)
    with pytest.raises(InputError, match=f"has no {LIBRARY}, only the .* {other}"):
        find_lite_home(folder, ARM64)


def test_unknown_targets() -> None:
    with pytest.raises(InputError, match=r"there is no such target; use linux-arm64, .* or linux-x86_64"):
        find_target("linux-mips")


def test_missing_tools_are_named_with_their_packages(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    tools = build_tools(ARM64)
    assert [tool.path for tool in tools] == [None] * 3
    assert version_of(tools[0]) == ""
    with pytest.raises(BuildError) as caught:
        build_runner(home(), ARM64)
    assert caught.value.one_line() == (
        "the runner for linux-arm64: needs aarch64-linux-gnu-g++ and cmake and make, not installed here; "
        "apt-get install g++-aarch64-linux-gnu cmake make"
    )
    findings = check_build(ARM64, None, "--lite-home")
    assert not any(finding.ok for finding in findings)
    assert [finding.needed for finding in findings] == [True] * 4 + [False]


def test_what_is_not_needed_here_is_not_asked_for() -> None:
    assert [finding.name for finding in check_build(X86, None, "--lite-home")][-1] == "Paddle-Lite"
    require([tool for tool in build_tools(X86) if tool.path], "nothing is missing")


def test_a_compiler_that_refuses(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The headers are empty here: the compiler's own words are told, and nothing is left."""
    if any(tool.path is None for tool in build_tools(X86)):
        pytest.skip("no compiler, cmake or make here (apt-get install g++ cmake make)")
    monkeypatch.setenv("PPOCR_EDGE_HOME", str(tmp_path / "own"))
    with pytest.raises(BuildError, match=r"compiling failed: .*lite_engine\.cc.*error: "):
        build_runner(home(elf(X86_64)), X86)
    assert list((tmp_path / "own").rglob("*")) == []


@pytest.fixture
def built(tmp_path: Path) -> BuiltRunner:
    runner = BuiltRunner(tmp_path / "built", "android-arm64", "key", LIBRARY, "NDK", (STL_LIBRARY,))
    runner.folder.mkdir()
    (runner.folder / STL_LIBRARY).write_bytes(b"C++")
    runner.program.write_bytes(b"program")
    (runner.folder / LIBRARY).write_bytes(b"library")
    write_manifest(runner, {"main.cc": "0"})
    return runner


def test_a_runner_is_known_by_its_manifest(built: BuiltRunner) -> None:
    assert read_runner(built.folder) == built
    assert built.files == ("ppocr_runner", LIBRARY, STL_LIBRARY)
    (built.folder / STL_LIBRARY).write_bytes(b"older")
    assert read_runner(built.folder) is None, "each of its libraries counts"
    (built.folder / STL_LIBRARY).write_bytes(b"C++")
    assert read_runner(built.folder) == built
    built.program.write_bytes(b"changed")
    assert read_runner(built.folder) is None
    built.program.unlink()
    assert read_runner(built.folder) is None


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format": "other"}', '{"format": "ppocr-edge-runner"}']
)
def test_a_manifest_that_is_none(built: BuiltRunner, content: str) -> None:
    (built.folder / "manifest.json").write_text(content)
    assert read_runner(built.folder) is None


def test_copies_replace_runners_and_empty_folders_alone(built: BuiltRunner, tmp_path: Path) -> None:
    place = tmp_path / "out" / "runner"
    assert read_runner(copy_runner(built, place).folder) is not None
    place.joinpath(LIBRARY).write_bytes(b"old")
    assert read_runner(copy_runner(built, place).folder) is not None, "replaced"
    (tmp_path / "empty").mkdir()
    copy_runner(built, tmp_path / "empty")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    (tmp_path / "file").write_text("")
    (place / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="is there, and is no runner"):
        copy_runner(built, place)
    for name in ("mine", "file"):
        with pytest.raises(InputError, match="is there, and is no runner"):
            copy_runner(built, tmp_path / name)
    with pytest.raises(InputError, match="cannot be written"):
        copy_runner(built, tmp_path / "file" / "runner")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
