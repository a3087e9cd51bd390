"""What must be known of a device before anything is sent to it, found out in one round trip."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from deploy_tools.devices.wire.wire import Wire, script
from edge.errors import DeviceError

NEEDED: Final = ("numpy", "paddlelite")
"""Packages without which the Python runner does nothing."""

_MARK: Final = "ppocr-edge-facts"
BITS: Final = r"""
case $(dd if=/proc/self/exe bs=1 skip=4 count=1 2>/dev/null) in
"$(printf '\001')") echo bits=32 ;;
"$(printf '\002')") echo bits=64 ;;
*) echo "bits=$(getconf LONG_BIT 2>/dev/null)" ;;
esac
"""
"""Says ``bits`` of a program: what a device runs, which a 64-bit kernel of 32-bit programs does not tell."""

_SCRIPT: Final = (
    r"""
echo ppocr-edge-facts
echo "machine=$(uname -m)"
"""
    + BITS
    + r"""
if [ -x /system/bin/getprop ] || command -v getprop >/dev/null; then
    echo "android=$(getprop ro.product.cpu.abi 2>/dev/null)"
fi
[ -n "$1" ] || exit 0
python=$1
case $python in "~/"*) python=$HOME/${python#"~/"} ;; esac
python=$(command -v "$python") || { echo no-python=; exit 0; }
case $python in /*) ;; *) python=$PWD/$python ;; esac
echo "python=$python"
"$python" -c "$2" </dev/null || echo "python-ended=$?"
"""
)
# nothing is imported: a library that dies, or takes its time, is told when it is needed
_PYTHON: Final = """
import sys
print("python-version=%d.%d" % sys.version_info[:2])
try:
    from importlib.util import find_spec
    from importlib.metadata import version
    for name in ("numpy", "paddlelite"):
        print("package=" + name) if find_spec(name) else None
    print("lite=" + version("paddlelite"))
except Exception:
    pass
"""
_ARM_64: Final = ("aarch64", "arm64", "arm64-v8a")
_X86_64: Final = ("x86_64", "amd64")
_X86_32: Final = ("i386", "i486", "i586", "i686", "x86")


@dataclass(frozen=True)
class DeviceFacts:
    """A device, as far as a runner for it is concerned.

    Attributes:
        machine: What ``uname -m`` says.
        bits: 32 or 64: of the programs that run there; 0 where the device does not tell.
        android_abi: What Android calls its ABI; empty elsewhere.
        python: The entry's Python, absolute; empty where none is named, or there is none of that name.
        python_version: Of it; empty where it does not run.
        packages: Those of `NEEDED` that it has.
        lite_version: Of its paddlelite, as Paddle-Lite writes it (``v2.13-rc``); empty where unknown.
    """

    machine: str
    bits: int
    android_abi: str = ""
    python: str = ""
    python_version: str = ""
    packages: frozenset[str] = frozenset()
    lite_version: str = ""

    @property
    def abi(self) -> str:
        """System and processor as build targets are called: ``linux-arm64``, ``android-armv7``."""
        android = bool(self.android_abi)
        return f"{'android' if android else 'linux'}-{self._processor(android)}"

    @property
    def target(self) -> str:
        """What models must be converted for: ``arm``, ``x86``; empty for processors of other kinds."""
        processor = self._processor(android=False)
        return "arm" if processor.startswith("arm") else "x86" if processor.startswith("x86") else ""

    def _processor(self, android: bool) -> str:
        machine = self.android_abi or self.machine
        if machine in _ARM_64 and self.bits != 32:
            return "arm64"
        if machine in _ARM_64 or machine.startswith("arm"):
            return "armv7" if android else "armhf"
        if machine in _X86_64 and self.bits != 32:
            return "x86_64"
        return "x86" if machine in (*_X86_64, *_X86_32) else machine


def ask_facts(wire: Wire, python: str | None) -> DeviceFacts:
    """Ask a device.

    Args:
        wire: Leads to it.
        python: The Python of its entry: a path there, with ``~/`` for its home, or a name on its ``PATH``.

    Raises:
        DeviceError: It cannot be reached, or its shell does not answer as a shell does.
    """
    done = wire.run(script(_SCRIPT, python or "", _PYTHON))
    _, mark, answer = done.stdout.decode(errors="replace").partition(_MARK)
    lines = [line.strip().partition("=") for line in answer.splitlines()]
    said: Mapping[str, str] = {key: value for key, _, value in lines}
    if not mark or not said.get("machine"):
        words = " ".join(done.stderr.decode(errors="replace").split())[-200:] or str(done.exit)
        raise DeviceError(
            wire.name,
            f"its shell does not say what machine it is ({words})",
            f"see whether a command can be run there: {wire.address}",
        )
    return DeviceFacts(
        machine=said["machine"],
        bits=int(said["bits"]) if said.get("bits", "").isdecimal() else 0,
        android_abi=said.get("android", ""),
        python=said.get("python", ""),
        python_version=said.get("python-version", ""),
        packages=frozenset(value for key, _, value in lines if key == "package"),
        lite_version=as_library(said.get("lite", "")),
    )


def as_library(version: str) -> str:
    """A wheel's version as its library calls it: ``2.13rc0`` is ``v2.13-rc``."""
    match = re.fullmatch(r"(\d+(?:\.\d+)*)(rc)?\d*", version)
    return f"v{match[1]}{'-rc' if match[2] else ''}" if match else ""
