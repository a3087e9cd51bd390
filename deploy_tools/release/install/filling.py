"""Bringing the files of a release into a folder that has no meaning yet; gone on with where it was cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy_tools.devices.store.asking import ask, in_groups, says_full
from deploy_tools.devices.store.status import read_status
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.wire import Progress, Wire
from deploy_tools.release.install.contents import read_contents
from deploy_tools.release.install.looking import Shelf
from deploy_tools.release.install.source import InstalledFile, Unpacked
from edge.errors import DeviceError

_AT_A_TIME: Final = 40
_RESERVE: Final = 1 << 20
_SECONDS: Final = 300.0
# $1: the folder of a name; $2: the new folder in it, or nothing. Removes what was interrupted, but for that
# one, and tries the decisive step: a link put in the place of another that leads to a folder.
_PREPARE: Final = r"""
LC_ALL=C; export LC_ALL
umask 022
[ -d "$1" ] || mkdir -p "$1" || exit 3
cd "$1" || exit 3
[ -w . ] || { echo "$1 is not writable" >&2; exit 3; }
for folder in .old-* .next .new-*; do
    [ "$folder" = "$2" ] || rm -rf "$folder" || exit 3
done
mkdir -p .next/folder .next/from .records ${2:+"$2"} || exit 3
links=links
if ln -s folder .next/current 2>/dev/null && ln -s other .next/from/current; then
    mv -f .next/from/current .next/ || exit 3
    case $(ls -ld .next/current) in *" -> other") ;; *) links=no-mv ;; esac
else
    : >.next/room && echo room >.next/room || exit 3
    links=no-links
fi
rm -rf .next
echo ppocr-edge-store
echo "$links"
"""
# $1: the folder of a name; $2: the new folder in it; then how a file gets there, as what, from where, and its
# name. What is moved has its mode before: it is never there with another one.
_PUT: Final = r"""
LC_ALL=C; export LC_ALL
umask 022
cd "$1" || exit 3
new=$2
shift 2
while [ $# -ge 4 ]; do
    case $4 in
    */*) [ -d "$new/${4%/*}" ] || mkdir -p "$new/${4%/*}" || exit 3 ;;
    esac
    case $1 in
    move) chmod "$2" "$3" && mv -f "$3" "$new/$4" || exit 3 ;;
    copy) cp "$3" "$new/$4" && chmod "$2" "$new/$4" || exit 3 ;;
    esac
    shift 4
done
echo ppocr-edge-store
"""
_REMOVE: Final = r"""
LC_ALL=C; export LC_ALL
cd "$1" || exit 3
rm -rf "$2" || exit 3
echo ppocr-edge-store
"""


@dataclass(frozen=True)
class Filled:
    """How the files got there.

    Attributes:
        sent: Bytes that were sent.
        copied: Bytes that were taken from a release that was there.
    """

    sent: int
    copied: int


def prepare(wire: Wire, shelf: Shelf, new: str) -> None:
    """Tidy up after what was interrupted, and make the new folder unless it was begun, or none is wanted.

    Args:
        wire: Leads to the device.
        shelf: The releases of this name there.
        new: Name of the new folder, or nothing.

    Raises:
        DeviceError: The folder cannot be written, or its file system cannot switch releases in one step.
    """
    if shelf.blocked:
        raise DeviceError(
            wire.name,
            f"{shelf.path}/current is in the way: it is no link",
            "move it; no release was ever put there by this toolkit",
        )
    answer = ask(wire, _PREPARE, shelf.path, new, what="preparing its folder", seconds=_SECONDS)
    said = answer.decode(errors="replace").strip()
    if said != "links":
        why = "has no symbolic links" if said == "no-links" else "does not let a link replace another"
        raise DeviceError(
            wire.name,
            f"{shelf.path} {why}, so releases cannot be switched in one step there",
            "give the device a folder on another file system (devices add --folder)",
        )


def fill(
    wire: Wire,
    store: DeviceStore,
    shelf: Shelf,
    new: str,
    unpacked: Unpacked,
    progress: Progress | None,
) -> Filled:
    """Bring every file into the new folder, and look at each there.

    What is there already stays; what releases that are there have is copied, and looked at like all else; the
    rest is sent.

    Args:
        wire: Leads to the device.
        store: Of the device.
        shelf: The releases of this name there.
        new: Name of the new folder; made by `prepare`.
        unpacked: What it is to hold.
        progress: As for `DeviceStore.push`.

    Raises:
        DeviceError: There is no room, or the device or the link failed.
    """
    there = f"{shelf.path}/{new}"
    files = unpacked.files
    lacking = read_contents(wire, there, unpacked.size).lacking(files)
    status = read_status(wire, store.root())
    needed = sum(files[name].size for name in lacking) + _RESERVE - _arrived(status.objects, lacking, files)
    if status.free_bytes is not None and needed > status.free_bytes:
        raise DeviceError(
            wire.name,
            f"{needed / 1e6:.1f} MB are needed at {shelf.path}, {status.free_bytes / 1e6:.1f} MB are free",
            f"free space there: ppocr-edge devices clean {wire.name}",
        )
    try:
        copied = _copy(wire, shelf, new, {name: files[name] for name in lacking}, unpacked)
        left = [name for name in lacking if name not in copied]
        _send(wire, store, shelf, new, {name: files[name] for name in left}, unpacked.folder, progress)
    except DeviceError as error:
        if says_full(error):
            discard(wire, shelf, new)
        raise
    fault = read_contents(wire, there, unpacked.size).fault(files)
    if fault:
        discard(wire, shelf, new)
        if fault.startswith("does not let"):
            raise DeviceError(
                wire.name,
                f"{shelf.path} is on a file system that lets no program be run (noexec)",
                "give the device a folder on another one (devices add --folder)",
            )
        raise DeviceError(
            wire.name, f"{there} {fault}", "see whether the storage there is sound, then run it again"
        )
    return Filled(sum(files[name].size for name in left), sum(files[name].size for name in copied))


def discard(wire: Wire, shelf: Shelf, new: str) -> None:
    """Remove the new folder.

    Raises:
        DeviceError: The device or the link failed; the next installation of another release removes it.
    """
    ask(wire, _REMOVE, shelf.path, new, what="removing what was sent", seconds=_SECONDS)


def _arrived(objects: Mapping[str, int], names: Iterable[str], files: Mapping[str, InstalledFile]) -> int:
    """Bytes of these files that arrived when it was interrupted: they are moved, and need no more room."""
    return sum(objects.get(sha256, 0) for sha256 in {files[name].sha256 for name in names})


def _copy(
    wire: Wire, shelf: Shelf, new: str, wanted: Mapping[str, InstalledFile], unpacked: Unpacked
) -> frozenset[str]:
    """Names of those files that a release that is there had, as they are."""
    if not wanted or not shelf.current:
        return frozenset()
    contents = read_contents(wire, f"{shelf.path}/{shelf.current}", unpacked.size).files
    sources = {sha256: name for name, (sha256, _) in contents.items()}
    found = {name: sources[file.sha256] for name, file in wanted.items() if file.sha256 in sources}
    words = [
        ("copy", _mode(wanted[name]), f"{shelf.path}/{shelf.current}/{source}", name)
        for name, source in found.items()
    ]
    _put(wire, shelf, new, words)
    return frozenset(found)


def _send(
    wire: Wire,
    store: DeviceStore,
    shelf: Shelf,
    new: str,
    wanted: Mapping[str, InstalledFile],
    folder: Path,
    progress: Progress | None,
) -> None:
    if not wanted:
        return
    arrived = store.push({name: folder / name for name in wanted}, progress)
    last = {file.sha256: name for name, file in wanted.items()}
    words = [
        ("move" if last[file.sha256] == name else "copy", _mode(file), arrived[name], name)
        for name, file in wanted.items()
    ]
    _put(wire, shelf, new, words)


def _put(wire: Wire, shelf: Shelf, new: str, files: list[tuple[str, str, str, str]]) -> None:
    for some in in_groups(files, _AT_A_TIME):
        words = [word for file in some for word in file]
        ask(wire, _PUT, shelf.path, new, *words, what="putting files into its folder", seconds=_SECONDS)


def _mode(file: InstalledFile) -> str:
    return "755" if file.executable else "644"
