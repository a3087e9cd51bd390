"""What the native runner can be built for."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import Final

from deploy_tools.native.elf import EM_AARCH64, EM_ARM, EM_X86_64
from edge.errors import InputError


@dataclass(frozen=True)
class AndroidAbi:
    """What the NDK calls a target.

    Attributes:
        abi: As its toolchain file takes it.
        triple: Names the folder of its libraries.
    """

    abi: str
    triple: str


@dataclass(frozen=True)
class BuildTarget:
    """One system and processor.

    Attributes:
        name: As the user writes it.
        bits: ELF class of its programs.
        machine: ELF machine of its programs.
        system: CMake's name of the system.
        processor: CMake's name of the processor.
        compiler: The C++ compiler that makes programs for it; empty where it comes with an NDK.
        package: Debian package with that compiler.
        emulator: Program that runs its programs on another processor; None where there is none.
        sysroot: Where that compiler has the loader and libraries of its programs.
        float_abi: Of 32-bit ARM, as :class:`deploy_tools.native.elf.ElfFile` says it; empty elsewhere.
        android: Of Android; None elsewhere.
        releases: What libraries for it are called.
    """

    name: str
    bits: int
    machine: int
    system: str
    processor: str
    compiler: str = ""
    package: str = ""
    emulator: str | None = None
    sysroot: str = "/"
    float_abi: str = ""
    android: AndroidAbi | None = None
    releases: str = ""

    @property
    def cross(self) -> bool:
        """Whether programs for it do not run on this host."""
        return self.android is not None or platform.machine() != self.processor


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
    releases="inference_lite_lib.armlinux.armv8",
)
_ARMHF: Final = BuildTarget(
    name="linux-armhf",
    bits=32,
    machine=EM_ARM,
    system="Linux",
    processor="armv7l",
    compiler="arm-linux-gnueabihf-g++",
    package="g++-arm-linux-gnueabihf",
    emulator="qemu-arm-static",
    sysroot="/usr/arm-linux-gnueabihf",
    float_abi="hard",
    releases="inference_lite_lib.armlinux.armv7hf",
)
_ANDROID_ARM64: Final = BuildTarget(
    name="android-arm64",
    bits=64,
    machine=EM_AARCH64,
    system="Android",
    processor="aarch64",
    android=AndroidAbi("arm64-v8a", "aarch64-linux-android"),
    releases="inference_lite_lib.android.armv8",
)
_ANDROID_ARMV7: Final = BuildTarget(
    name="android-armv7",
    bits=32,
    machine=EM_ARM,
    system="Android",
    processor="armv7-a",
    float_abi="soft",
    android=AndroidAbi("armeabi-v7a", "arm-linux-androideabi"),
    releases="inference_lite_lib.android.armv7",
)
_X86_64: Final = BuildTarget(
    name="linux-x86_64",
    bits=64,
    machine=EM_X86_64,
    system="Linux",
    processor="x86_64",
    compiler="x86_64-linux-gnu-g++",
    package="g++",
    releases="inference_lite_lib.x86.linux",
)
TARGETS: Final = {target.name: target for target in (_ARM64, _ARMHF, _ANDROID_ARM64, _ANDROID_ARMV7, _X86_64)}


def find_target(name: str) -> BuildTarget:
    """The target of this name.

    Raises:
        InputError: There is none.
    """
    if name not in TARGETS:
        *others, last = TARGETS
        raise InputError(f"--target {name}", "there is no such target", f"use {', '.join(others)} or {last}")
    return TARGETS[name]
