"""Failures of starting a runner on a device, and deaths that only the exit tells."""

from __future__ import annotations

import signal
from typing import Final

from edge.failures.row import Row

_INSPECT: Final = (
    "see 'ppocr-edge inspect FILE' for its target, and use one predictor for each height and width"
)
_LIBRARY: Final = (
    "push it beside the runner (on Android libc++_shared.so too), and set LD_LIBRARY_PATH to that folder"
)
_REBUILD: Final = "build it for the device's ABI ('uname -m', 'getprop ro.product.cpu.abi')"

DEVICE: Final[tuple[Row, ...]] = (
    Row(
        "library-missing",
        "device",
        "the runner does not find the library {library}",
        _LIBRARY,
        needles=("error while loading shared libraries",),
        pattern=r"error while loading shared libraries: (?P<library>[^:\s]+): cannot open",
    ),
    Row(
        "library-missing",
        "device",
        "the runner does not find the library {library}",
        _LIBRARY,
        needles=("CANNOT LINK EXECUTABLE",),
        pattern=r"CANNOT LINK EXECUTABLE.*?library \"(?P<library>[^\"]+)\".*? not found",
    ),
    Row(
        "system-too-old",
        "device",
        "the device's {library} is older than the runner or its library needs ({version})",
        "build against an older system, or bring the needed library along",
        needles=("not found (required by",),
        pattern=r"(?P<library>[^\s/]+\.so[.\d]*): version `(?P<version>[^']+)' not found",
    ),
    Row(
        "library-unlinkable",
        "device",
        "the library beside the runner is not the one it was linked with",
        "push runner and library of one build",
        needles=("symbol lookup error", "cannot locate symbol", "undefined symbol"),
    ),
    Row(
        "other-architecture",
        "device",
        "the runner or a library was built for another processor than the device's",
        _REBUILD,
        needles=("Exec format error", "wrong ELF class", "not executable: ", "has unexpected e_machine"),
    ),
    Row(
        "other-architecture",
        "device",
        "a shell took the runner for a script: it was built for another processor than the device's",
        _REBUILD,
        needles=("yntax error",),
        pattern=r"[Ss]yntax error:.*unexpected",
    ),
    Row(
        "no-loader",
        "device",
        "the device has no loader for this program: it was built for another system or architecture",
        "build it for the device's ABI and system (Android and Linux differ)",
        needles=("required file not found",),
    ),
    Row(
        "no-paddlelite",
        "device",
        "the Python that runs the runner has no paddlelite package",
        "install the paddlelite wheel for it (x86-64, Python 3.10)",
        needles=("No module named 'paddlelite'", 'No module named "paddlelite"'),
    ),
    Row(
        "not-allowed",
        "device",
        "the device does not let the runner start (Permission denied)",
        "on Android push to /data/local/tmp, not /sdcard; and chmod +x the runner",
        needles=("Permission denied",),
        pattern=r"Permission denied(?! \((?:publickey|password))",
    ),
    Row(
        "no-space",
        "device",
        "the device is full",
        "free space there, or name another folder",
        needles=("No space left on device",),
    ),
    Row(
        "segfault",
        "run",
        "the process died of a segmentation fault: a .nb of another target, a damaged file, or one predictor "
        "used for several heights or widths",
        _INSPECT,
        needles=("Segmentation fault", "SIGSEGV"),
        signals=(signal.SIGSEGV,),
    ),
    Row(
        "bus-error",
        "run",
        "the process died of a bus error: a file that shrank or vanished while it was read, or bad storage",
        "copy the files again and compare hashes",
        needles=("Bus error", "SIGBUS"),
        signals=(signal.SIGBUS,),
    ),
    Row(
        "illegal-instruction",
        "run",
        "the library uses instructions that this processor does not have",
        "use a library built for an older processor (e.g. ARMv8 without dot product or FP16)",
        needles=("Illegal instruction", "SIGILL"),
        signals=(signal.SIGILL,),
    ),
    Row(
        "killed",
        "run",
        "the process was killed: memory ran out, or its time limit passed",
        "use a smaller input, batch or model, or a longer limit; 'dmesg' names the first of these",
        signals=(signal.SIGKILL,),
    ),
    Row(
        "stopped",
        "run",
        "the process was told to end (SIGTERM, SIGINT or SIGHUP), or the connection closed",
        "run it again",
        signals=(signal.SIGTERM, signal.SIGINT, signal.SIGHUP),
    ),
    Row(
        "aborted",
        "run",
        "the process aborted without a word",
        _INSPECT,
        signals=(signal.SIGABRT,),
    ),
    Row(
        "not-executable",
        "device",
        "the runner could not be executed",
        "chmod +x it, and check that it was built for the device",
        exits=(126,),
    ),
    Row(
        "not-found",
        "device",
        "the runner, its loader or one of its libraries was not found",
        "check the path on the device, LD_LIBRARY_PATH, and the ABI it was built for",
        exits=(127,),
    ),
    Row(
        "unknown-check",
        "run",
        "Paddle-Lite stopped itself at a check that has no explanation here",
        "search Paddle-Lite's issues for the quoted line",
        needles=("[F ",),
        pattern=r"\[F +\d+/.*$",
        severity="unknown",
    ),
)
