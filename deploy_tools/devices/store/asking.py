"""Asking a device something by a shell script, and saying kindly why it refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from deploy_tools.devices.wire.wire import Finished, Wire, script
from edge.errors import DeviceError

T = TypeVar("T")
MARK: Final = b"ppocr-edge-store\n"
"""Stands before every answer: what a login shell says by itself comes before it."""

PLACE: Final = r"""
LC_ALL=C; export LC_ALL
case $1 in
/*) root=$1 ;;
*)
    if [ -x /system/bin/sh ] && [ -w /data/local/tmp ]; then
        root=/data/local/tmp/${1:-ppocr-edge}
    else
        root=${HOME:-$PWD}/${1:-.ppocr-edge}
    fi ;;
esac
"""
"""Sets ``$root`` from ``$1``: absolute, relative to the home folder, or empty for the default."""

USED: Final = r"""
used() {
    record=$1/runners/.used/$3-${2%-*}
    { [ -d "$1/runners/.used" ] || mkdir "$1/runners/.used"; } 2>/dev/null
    last=
    { read -r last <"$record"; } 2>/dev/null
    [ "$last" = "$2" ] || { echo "$2" >"$record"; } 2>/dev/null
    return 0
}
"""
"""Defines ``used STORE FOLDER HOST``: this folder of ``runners`` is what a host uses now, of its kind.

Where that cannot be written down, nothing is said; the folder may then be cleaned for another host.
"""

AT_A_TIME: Final = 100
"""Names of one command: no more than shells and old adb servers take."""

_FULL: Final = ("no space left", "quota exceeded", "file too large")
_REFUSED: Final = (
    "permission denied",
    "read-only file system",
    "not permitted",
    "not a directory",
    "file exists",
    "not writable",
)


def folder_argument(folder: str | None) -> str:
    """What ``PLACE`` takes for a device's folder as the inventory has it."""
    text = folder or ""
    return "" if text in ("~", "~/") else text.removeprefix("~/")


def compact(text: str) -> str:
    """A script without remarks and indentation: old adb servers take 4000 bytes."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("#"))


def in_groups(names: Sequence[T], count: int) -> Iterator[Sequence[T]]:
    """So many names, or whatever is named, at a time."""
    for start in range(0, len(names), count):
        yield names[start : start + count]


def ask(wire: Wire, text: str, *arguments: str, what: str, seconds: float = 30.0) -> bytes:
    """Run a script there and return its answer; one round trip.

    Args:
        wire: Leads to the device.
        text: The script; writes its answer after ``MARK``.
        arguments: Its positional parameters.
        what: What was tried, for messages: ``what`` failed.
        seconds: Time limit.

    Raises:
        DeviceError: It failed, or the device cannot be reached.
    """
    done = wire.run(script(compact(text), *arguments), seconds=seconds)
    _, mark, answer = done.stdout.partition(MARK)
    if done.exit.code != 0 or not mark:
        raise failure(wire.name, what, done)
    return answer


def failure(device: str, what: str, done: Finished) -> DeviceError:
    """Why a script failed there, as an error to raise."""
    said = last_words(done.stderr.decode(errors="replace"))
    if not said:  # wires that cannot tell the two apart
        said = last_words(done.stdout.partition(MARK)[2].decode(errors="replace"))
    return DeviceError(device, f"{what} failed: {said or str(done.exit)}", remedy(said, device))


def last_words(text: str) -> str:
    """The line that says most: one with a known cause, or the last; without the shell's own prefix."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    causes = [line for line in lines if any(word in line.lower() for word in (*_FULL, *_REFUSED))]
    return (causes or lines)[-1].removeprefix("sh: ")[:300] if lines else ""


def says_full(error: DeviceError) -> bool:
    """Whether a device failed because nothing more can be written there."""
    return any(word in error.found.lower() for word in _FULL)


def remedy(said: str, device: str) -> str:
    """What a user can do about the words of a failure."""
    low = said.lower()
    if any(word in low for word in _FULL):
        return f"free space there: ppocr-edge devices clean {device}"
    if any(word in low for word in _REFUSED):
        return "let the user write there, or give the device another folder (devices add --folder)"
    return f"see what the device is: ppocr-edge devices probe {device}"
