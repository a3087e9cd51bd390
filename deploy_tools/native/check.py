"""What a build has and lacks on this host."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deploy_tools.native.lite_home import find_lite_home
from deploy_tools.native.ndk import find_ndk
from deploy_tools.native.target import BuildTarget
from deploy_tools.native.tools import Tool, build_tools, emulation_tools, version_of
from edge.errors import BuildError, InputError


@dataclass(frozen=True)
class Finding:
    """One thing that a build, or running what was built, needs.

    Attributes:
        name: What.
        purpose: What for.
        needed: Without it nothing can be built; otherwise only not run here.
        found: Where and which; what is wrong where it is missing.
        remedy: How to get it; empty where it is there.
    """

    name: str
    purpose: str
    needed: bool
    found: str
    remedy: str

    @property
    def ok(self) -> bool:
        """Whether it is there."""
        return not self.remedy

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "ok": self.ok}


def check_build(target: BuildTarget, lite_home: Path | None, option: str) -> tuple[Finding, ...]:
    """Look at everything, whatever is missing.

    Args:
        target: What is to be built.
        lite_home: The library folder; None where none is named.
        option: What names it, for messages.
    """
    tools = [_of_tool(tool, needed=True) for tool in build_tools(target)]
    ndk = [] if target.android is None else [_of_ndk(target.name)]
    emulation = [_of_tool(tool, needed=False) for tool in emulation_tools(target)]
    return (*ndk, *tools, _of_library(target, lite_home, option), *emulation)


def _of_tool(tool: Tool, *, needed: bool) -> Finding:
    if tool.path is None:
        return Finding(tool.name, tool.purpose, needed, "not installed", f"apt-get install {tool.package}")
    return Finding(tool.name, tool.purpose, needed, f"{tool.path}, {version_of(tool) or 'no version'}", "")


def _of_ndk(target: str) -> Finding:
    name, purpose = "Android NDK", f"compiles for {target}"
    try:
        ndk = find_ndk()
    except BuildError as error:
        return Finding(name, purpose, True, f"{error.subject}: {error.found}", error.remedy)
    return Finding(name, purpose, True, f"{ndk.folder}, {ndk.name} ({ndk.revision})", "")


def _of_library(target: BuildTarget, folder: Path | None, option: str) -> Finding:
    name, purpose = "Paddle-Lite", f"library and headers for {target.name}"
    if folder is None:
        return Finding(name, purpose, True, "no library folder is named", f"name it with {option}")
    try:
        lite = find_lite_home(folder, target, option)
    except InputError as error:
        return Finding(name, purpose, True, f"{error.subject}: {error.found}", error.remedy)
    return Finding(name, purpose, True, str(lite.library), "")
