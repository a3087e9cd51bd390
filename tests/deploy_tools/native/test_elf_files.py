"""What ELF files are for: made ones of every kind, and what real compilers write."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy_tools.native.elf import read_elf
from deploy_tools.native.link_copy import write_link_copy
from deploy_tools.native.lite_home import HEADERS, LIBRARY, LiteHome, find_lite_home
from deploy_tools.native.target import TARGETS
from edge.errors import InputError
from tests.deploy_tools.native.made_elf import AARCH64, ARM, X86_64, made_elf

GLIBC = ("libstdc++.so.6", "libc.so.6")
BIONIC = ("liblog.so", "libm.so", "libc++_shared.so", "libdl.so", "libc.so")
HARD, SOFT = 0x5000400, 0x5000200
FITTING = {
    "linux-arm64": made_elf(AARCH64, needed=GLIBC),
    "linux-armhf": made_elf(ARM, needed=GLIBC, flags=HARD),
    "android-arm64": made_elf(AARCH64, needed=BIONIC, android_api=21),
    "android-armv7": made_elf(ARM, needed=BIONIC, android_api=16, flags=SOFT),
    "linux-x86_64": made_elf(X86_64, needed=GLIBC),
}


@pytest.fixture
def home(tmp_path: Path) -> Callable[[bytes], Path]:
    """``home(library)``: a library folder."""

    def make(library: bytes) -> Path:
        (tmp_path / "lib").mkdir(exist_ok=True)
        (tmp_path / "include").mkdir(exist_ok=True)
        for name in HEADERS:
            (tmp_path / "include" / name).write_text("")
        (tmp_path / "lib" / LIBRARY).write_bytes(library)
        return tmp_path

    return make


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("library", FITTING)
def test_a_library_suits_its_own_target_alone(
    home: Callable[[bytes], Path], library: str, target: str
) -> None:
    folder = home(FITTING[library])
    if library == target:
        assert find_lite_home(folder, TARGETS[target]).loaded_as == LIBRARY
        return
    with pytest.raises(InputError) as caught:
        find_lite_home(folder, TARGETS[target])
    assert caught.value.remedy.endswith(f"or build with --target {library}")
    assert TARGETS[target].releases in caught.value.remedy


@pytest.mark.parametrize(
    ("library", "target", "message"),
    [
        (made_elf(AARCH64, needed=BIONIC), "linux-arm64", "is for Android, linux-arm64 is Linux"),
        (made_elf(AARCH64, android_api=24), "linux-arm64", "is for Android, linux-arm64 is Linux"),
        (made_elf(AARCH64, needed=GLIBC), "android-arm64", "is for Linux, android-arm64 is Android"),
        (made_elf(AARCH64, needed=["libc.musl-aarch64.so.1"]), "linux-arm64", "is built for musl"),
        (made_elf(ARM, needed=GLIBC, flags=SOFT), "linux-armhf", "(soft float), linux-armhf does not"),
        (made_elf(ARM, needed=GLIBC, vfp_args=0), "linux-armhf", "(soft float), linux-armhf does not"),
        (made_elf(ARM, needed=BIONIC, flags=HARD), "android-armv7", "(hard float, armhf), android-armv7"),
        (made_elf(ARM, needed=BIONIC, vfp_args=1), "android-armv7", "(hard float, armhf), android-armv7"),
        (
            made_elf(ARM, needed=["libgnustl_shared.so", "libc.so"]),
            "android-armv7",
            "needs libgnustl_shared.so, which NDKs no longer have",
        ),
        (FITTING["linux-arm64"][:-1], "linux-arm64", "is cut off: it has "),
        (FITTING["linux-arm64"][:200], "linux-arm64", "is cut off: it has 200 bytes"),
    ],
)
def test_what_does_not_suit(home: Callable[[bytes], Path], library: bytes, target: str, message: str) -> None:
    folder = home(library)
    with pytest.raises(InputError) as caught:
        find_lite_home(folder, TARGETS[target])
    assert caught.value.subject == str(folder / "lib" / LIBRARY)
    assert message in caught.value.found


@pytest.mark.parametrize("vfp_args", [None, 1, 3])  # nothing told, hard, both
def test_hard_float_where_the_linker_set_no_flags(
    home: Callable[[bytes], Path], vfp_args: int | None
) -> None:
    folder = home(made_elf(ARM, needed=GLIBC, flags=0x5000000, vfp_args=vfp_args))
    assert find_lite_home(folder, TARGETS["linux-armhf"]).elf.float_abi == ("hard" if vfp_args == 1 else "")


def test_names_and_levels(home: Callable[[bytes], Path]) -> None:
    folder = home(made_elf(AARCH64, needed=BIONIC, soname="liblite.so", android_api=23))
    lite = find_lite_home(folder, TARGETS["android-arm64"])
    assert lite.loaded_as == "liblite.so"
    assert (lite.elf.needed, lite.elf.android_api) == (BIONIC, 23)


@pytest.mark.parametrize("machine", [AARCH64, ARM])
def test_every_file_cut_off_anywhere_is_refused_in_one_line(tmp_path: Path, machine: int) -> None:
    whole = made_elf(machine, needed=BIONIC, soname="a.so", android_api=21, vfp_args=1, late_local=True)
    file = tmp_path / "a.so"
    file.write_bytes(whole)
    assert read_elf(file).soname == "a.so"
    for size in range(len(whole)):
        file.write_bytes(whole[:size])
        with pytest.raises(InputError, match=r"is no library|is cut off"):
            read_elf(file)


@pytest.mark.parametrize("machine", [AARCH64, ARM])
def test_the_linker_gets_a_copy_without_late_locals(tmp_path: Path, machine: int) -> None:
    library = tmp_path / "a.so"
    library.write_bytes(made_elf(machine, needed=BIONIC, late_local=True))
    before = library.read_bytes()
    lite = LiteHome(tmp_path, tmp_path, library, read_elf(library))
    write_link_copy(lite, tmp_path / "copy.so")
    copy = (tmp_path / "copy.so").read_bytes()
    assert library.read_bytes() == before
    changed = [at for at, (old, new) in enumerate(zip(before, copy, strict=True)) if old != new]
    assert [(before[at], copy[at]) for at in changed] == [(0x01, 0x21)], "one local symbol, now weak"
    if readelf := shutil.which("readelf"):
        said = subprocess.run(
            [readelf, "-SW", tmp_path / "copy.so"], capture_output=True, text=True, check=True
        )
        assert "DYNSYM" in said.stdout


def compiled(compiler: str, out: Path, *words: str) -> Path:
    """A shared library of a real compiler."""
    program = shutil.which(compiler)
    if program is None:
        pytest.skip(f"no {compiler} here (apt-get install g++-arm-linux-gnueabihf)")
    source = out.with_suffix(".cc")
    source.write_text('extern "C" double twice(double x) { return 2 * x; }\n')
    command = [
        program,
        "-shared",
        "-fPIC",
        "-Wl,--no-as-needed",
        f"-Wl,-soname,{out.name}",
        "-o",
        str(out),
        str(source),
        *words,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return out


def test_what_a_real_compiler_for_armhf_writes(tmp_path: Path) -> None:
    compiler = "arm-linux-gnueabihf-g++"
    hard = read_elf(compiled(compiler, tmp_path / "libhard.so"))
    assert (hard.bits, hard.machine, hard.kind) == (32, ARM, "shared library")
    assert (hard.system, hard.float_abi, hard.soname) == ("Linux", "hard", "libhard.so")
    assert "libc.so.6" in hard.needed
    bare = ("-nostdlib", "-mfloat-abi=soft", "-march=armv7-a")
    log = compiled(compiler, tmp_path / "liblog.so", *bare)
    soft = read_elf(compiled(compiler, tmp_path / "libsoft.so", *bare, str(log)))
    assert (soft.system, soft.float_abi, soft.needed) == ("Android", "soft", ("liblog.so",))


def test_what_the_compiler_of_this_host_writes(tmp_path: Path) -> None:
    found = read_elf(compiled("g++", tmp_path / "libthis.so"))
    assert (found.system, found.float_abi, found.soname) == ("Linux", "", "libthis.so")
