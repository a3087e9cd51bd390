"""What is there already, in one round trip."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from deploy_tools.devices.store.asking import PLACE, USED, ask
from deploy_tools.devices.wire.wire import Wire
from edge.errors import DeviceError

# $2: a folder of runners/, or nothing; $3: the host that asks; then its files, each as `x` or `-` and its
# name
_STATUS: Final = (
    PLACE
    + USED
    + r"""
for part in objects runners run; do
    [ -d "$root/$part" ] || mkdir -p "$root/objects" "$root/runners" "$root/run" || exit 3
done
[ -w "$root/objects" ] || { echo "$root is not writable" >&2; exit 3; }
echo ppocr-edge-store
set=$2 host=$3
shift 3
state=none
if [ -n "$set" ] && [ -d "$root/runners/$set" ]; then
    state=whole
    for item; do
        file=$root/runners/$set/${item#?}
        case $item in x*) [ -x "$file" ] || state=broken ;; esac
        [ -f "$file" ] || state=broken
    done
    [ "$state" != whole ] || used "$root" "$set" "$host"
fi
echo "$state"
command -v tar >/dev/null 2>&1 && echo tar || echo no-tar
# ls fails, too, of a file that is renamed meanwhile
if [ "$state" != whole ]; then ls -ln "$root/objects/." || [ -r "$root/objects" ] || exit 3; fi
echo --
df -Pk "$root" 2>/dev/null || df -k "$root" 2>/dev/null || df "$root" 2>/dev/null
echo --
printf '%s\n--' "$root"
"""
)
_OBJECT: Final = re.compile(r"[0-9a-f]{64}(\.part)?")
_POSIX_DF: Final = re.compile(r"\s(\d+)\s+(\d+)\s+(-?\d+)\s+(?:\d+%|-)(?:\s|$)")
# Android before 6: Filesystem, size, used, free, block size
_TOOLBOX_DF: Final = re.compile(r"(?m)\s[\d.]+[KMGT]?\s+[\d.]+[KMGT]?\s+([\d.]+)([KMGT]?)\s+\d+\s*$")
_UNITS: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


@dataclass(frozen=True)
class Status:
    """A look at a store.

    Attributes:
        root: Its folder there, absolute.
        objects: Sizes in bytes by SHA-256.
        parts: Sizes of what has arrived of others.
        free_bytes: Room that is left; None where the device does not tell.
        has_tar: It can unpack.
        installed: The asked set of files is there, as it should be.
        broken: The asked set is there, and files of it are not.
    """

    root: str
    objects: Mapping[str, int]
    parts: Mapping[str, int]
    free_bytes: int | None
    has_tar: bool
    installed: bool
    broken: bool


def read_status(
    wire: Wire, folder: str, installed: str = "", items: Sequence[str] = (), host: str = ""
) -> Status:
    """Look at a store; its folders are made where they are not there. One round trip.

    Args:
        wire: Leads to the device.
        folder: Of the store, for ``PLACE``.
        installed: A set of files to look for; where it is whole, objects are not listed.
        items: The files of it: ``x`` or ``-`` for executable or not, and the name.
        host: Who is to use that set, by `host.this_host`.

    Raises:
        DeviceError: The folder cannot be used, or the device cannot be reached.
    """
    answer = ask(wire, _STATUS, folder, installed, host, *items, what="looking at its files")
    head, _, rest = answer.partition(b"--\n")
    room, _, root = rest.partition(b"--\n")
    lines = head.decode(errors="replace").splitlines()
    if len(lines) < 2 or not root.startswith(b"/"):
        raise DeviceError(
            wire.name,
            "its shell answered something else than was asked",
            f"see what the device is: ppocr-edge devices probe {wire.name}",
        )
    sizes = dict(filter(None, map(_entry, lines[2:])))
    return Status(
        root=os.fsdecode(root.removesuffix(b"--").removesuffix(b"\n")),
        objects={name: size for name, size in sizes.items() if not name.endswith(".part")},
        parts={name.removesuffix(".part"): size for name, size in sizes.items() if name.endswith(".part")},
        free_bytes=_free(room.decode(errors="replace")),
        has_tar=lines[1] == "tar",
        installed=lines[0] == "whole",
        broken=lines[0] == "broken",
    )


def _entry(line: str) -> tuple[str, int] | None:
    """Name and size of one line of ``ls -ln``, whoever wrote it; None for what is no file of a store."""
    words = line.split()
    if len(words) < 6 or not line.startswith("-") or not _OBJECT.fullmatch(words[-1]):
        return None
    # Android's toolbox counts no links: the size comes before the date
    size = words[3] if "-" in words[4] else words[4]
    return (words[-1], int(size)) if size.isdigit() else None


def _free(text: str) -> int | None:
    if found := _POSIX_DF.findall(text):
        return max(0, int(found[-1][2]) * 1024)
    if found := _TOOLBOX_DF.findall(text):
        number, unit = found[-1]
        return int(float(number) * _UNITS[unit])
    return None
