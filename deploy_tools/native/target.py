"""What the native runner can be built for."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import Final

from edge.errors import InputError

# numbers of <elf.h>
EM_X86_64: Final = 62
EM_AARCH64: Final = 183


@dataclass(frozen=True)
class BuildTarget:
    """One system and processor.

    Attributes:
        name: As the user writes it.
        bits: ELF class of its programs.
        machine: ELF machine of its programs.
        system: CMake's name of the system.
        processor: CMake's name of the processor.
        compiler: The C++ compiler that makes programs for it.
        package: Debian package with that compiler.
        emulator: Program that runs its programs on another processor; None where there is none.
        sysroot: Where that compiler has the loader and libraries of its programs.
    """

    name: str
    bits: int
    machine: int
    system: str
    processor: str
    compiler: str
    package: str
    emulator: str | None = None
    sysroot: str = "/"

    @property
    def cross(self) -> bool:
        """Whether programs for it do not run on this host."""
        return platform.machine() != self.processor


_ARM64: Final = BuildTarget(
    name="linux-arm64",
    bits=64,
    machine=EM_AARCH64,
    system="Linux",
    processor="aarch64",
    compiler="aarch64-linux-gnu-g++",
    package="g++-aarch64-linux-gnu",
    emulator="qemu-aarch64-static",
    sysroot="/usr/aarch64-linux-gnu",
)
_X86_64: Final = BuildTarget(
    name="linux-x86_64",
    bits=64,
    machine=EM_X86_64,
    system="Linux",
    processor="x86_64",
    compiler="x86_64-linux-gnu-g++",
    package="g++",
)
TARGETS: Final = {target.name: target for target in (_ARM64, _X86_64)}


def find_target(name: str) -> BuildTarget:
    """The target of this name.

    Raises:
        InputError: There is none.
    """
    if name not in TARGETS:
        raise InputError(f"--target {name}", "there is no such target", f"use {' or '.join(TARGETS)}")
    return TARGETS[name]
