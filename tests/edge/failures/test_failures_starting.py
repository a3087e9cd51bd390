"""Real programs that a system cannot start, and processes that end without a word."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.failures.explain import explain


def patched_program(folder: Path, old: bytes, new: bytes) -> Path:
    """A copy of ``true`` with some bytes replaced."""
    source = shutil.which("true")
    assert source is not None
    content = Path(source).read_bytes()
    assert old in content
    assert len(old) == len(new)
    path = folder / "runner"
    path.write_bytes(content.replace(old, new))
    path.chmod(0o755)
    return path


def key_of(ended: Any) -> str:
    """The key of the explanation of a start that failed."""
    assert ended.returncode != 0
    failure = explain(ended.output, ended.returncode)
    assert failure is not None, ended
    return failure.key


def test_a_library_that_is_not_there(tmp_path: Path, child: Callable[..., Any]) -> None:
    ended = child(patched_program(tmp_path, b"libc.so.6\0", b"libX.so.6\0"))
    assert key_of(ended) == "library-missing"
    failure = explain(ended.output, ended.returncode)
    assert failure is not None
    assert "libX.so.6" in failure.cause


def elf_hash(name: bytes) -> bytes:
    """The hash that ELF keeps beside the name of a needed version (System V ABI)."""
    value = 0
    for byte in name:
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ (high >> 24)) & ~high & 0xFFFFFFFF
    return value.to_bytes(4, "little")


def test_a_library_that_is_too_old(tmp_path: Path, child: Callable[..., Any]) -> None:
    path = patched_program(tmp_path, b"\0GLIBC_2.34\0", b"\0GLIBC_9.99\0")
    content = path.read_bytes()
    assert elf_hash(b"GLIBC_2.34") in content
    path.write_bytes(content.replace(elf_hash(b"GLIBC_2.34"), elf_hash(b"GLIBC_9.99")))
    ended = child(path)
    assert key_of(ended) == "system-too-old"
    failure = explain(ended.output, ended.returncode)
    assert failure is not None
    assert "libc.so.6 is older than the runner or its library needs (GLIBC_9.99)" in failure.cause


@pytest.mark.parametrize("launcher", [("env",), ("bash", "-c"), ("sh", "-c")])
def test_a_program_of_another_architecture(
    tmp_path: Path, child: Callable[..., Any], launcher: tuple[str, ...]
) -> None:
    path = patched_program(tmp_path, b"\x7fELF", b"\x7fELF")
    content = bytearray(path.read_bytes())
    content[18:20] = (183).to_bytes(2, "little")  # e_machine: AArch64
    path.write_bytes(content)
    assert key_of(child(*launcher, path)) in ("other-architecture", "no-loader")


def test_a_program_without_its_loader(tmp_path: Path, child: Callable[..., Any]) -> None:
    path = patched_program(tmp_path, b"/ld-linux-x86-64.so.2\0", b"/ld-bionic-86-64.so.2\0")
    assert key_of(child("env", path)) in ("not-found", "no-loader")
    assert key_of(child("bash", "-c", str(path))) in ("not-found", "no-loader")


def test_a_program_without_its_executable_bit(tmp_path: Path, child: Callable[..., Any]) -> None:
    path = patched_program(tmp_path, b"\x7fELF", b"\x7fELF")
    path.chmod(0o644)
    assert key_of(child("env", path)) == "not-allowed"


def test_a_python_without_paddlelite(child: Callable[..., Any]) -> None:
    assert key_of(child(sys.executable, "-I", "-S", "-c", "import paddlelite")) == "no-paddlelite"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("SIGSEGV", "segfault"),
        ("SIGBUS", "bus-error"),
        ("SIGILL", "illegal-instruction"),
        ("SIGKILL", "killed"),
        ("SIGTERM", "stopped"),
        ("SIGABRT", "aborted"),
    ],
)
def test_a_signal_without_a_word(child: Callable[..., Any], name: str, key: str) -> None:
    code = (
        "import os, resource, signal; resource.setrlimit(resource.RLIMIT_CORE, (0, 0));"
        f"os.kill(os.getpid(), signal.{name})"
    )
    ended = child(sys.executable, "-c", code)
    assert key_of(ended) == key
    # the same as a shell reports it
    shell_form = explain("", 128 - ended.returncode)
    assert shell_form is not None
    assert shell_form.key == key
    assert name in shell_form.evidence


@pytest.mark.parametrize("returncode", [None, 0, 1, 2, 255])
def test_other_exits_say_nothing(returncode: int | None) -> None:
    assert explain("", returncode) is None
