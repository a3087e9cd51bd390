"""The programs that a build needs, and how to get the missing ones."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from deploy_tools.native.target import BuildTarget
from edge.errors import BuildError

_VERSION_SECONDS = 20.0


@dataclass(frozen=True)
class Tool:
    """One program.

    Attributes:
        name: The program.
        purpose: What it is for.
        package: Debian package that has it.
        path: Where it is; None where it is not installed.
    """

    name: str
    purpose: str
    package: str
    path: str | None


def compiler_of(target: BuildTarget) -> Tool:
    """What compiles for a target that needs no NDK, found or not."""
    purpose = f"compiles for {target.name}"
    return Tool(target.compiler, purpose, target.package, shutil.which(target.compiler))


def build_tools(target: BuildTarget) -> tuple[Tool, ...]:
    """What building for a target needs, found or not; an NDK is none of them."""
    wanted = (("cmake", "configures the build", "cmake"), ("make", "runs the build", "make"))
    others = [Tool(name, purpose, package, shutil.which(name)) for name, purpose, package in wanted]
    return (*((compiler_of(target),) if target.compiler else ()), *others)


def emulation_tools(target: BuildTarget) -> tuple[Tool, ...]:
    """What running a target's programs on this host needs; nothing where they are its own."""
    if target.emulator is None or not target.cross:
        return ()
    purpose = f"runs {target.name} programs on this host"
    return (Tool(target.emulator, purpose, "qemu-user-static", shutil.which(target.emulator)),)


def require(tools: Sequence[Tool], subject: str) -> None:
    """Make sure that all are there.

    Raises:
        BuildError: Some are not; says how to get them.
    """
    missing = [tool for tool in tools if tool.path is None]
    if missing:
        names = " and ".join(tool.name for tool in missing)
        packages = " ".join(dict.fromkeys(tool.package for tool in missing))
        raise BuildError(subject, f"needs {names}, not installed here", f"apt-get install {packages}")


def version_of(tool: Tool) -> str:
    """The first line of ``--version``; empty where the program is absent or does not say."""
    if tool.path is None:
        return ""
    try:
        said = subprocess.run(
            [tool.path, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_VERSION_SECONDS,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.decode(errors="replace").partition("\n")[0].strip()
