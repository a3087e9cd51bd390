"""The folder that a release is brought into: made, tried, removed."""

from __future__ import annotations

from typing import Final

from deploy_tools.devices.store.asking import ask
from deploy_tools.devices.wire.wire import Wire
from deploy_tools.release.install.looking import Shelf
from edge.errors import DeviceError

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
rm -rf .next .records/.[!.]*
echo ppocr-edge-store
echo "$links"
"""
_REMOVE: Final = r"""
LC_ALL=C; export LC_ALL
cd "$1" || exit 3
rm -rf "$2" || exit 3
echo ppocr-edge-store
"""


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


def discard(wire: Wire, shelf: Shelf, new: str) -> None:
    """Remove the new folder.

    Raises:
        DeviceError: The device or the link failed; the next installation of another release removes it.
    """
    ask(wire, _REMOVE, shelf.path, new, what="removing what was sent", seconds=_SECONDS)
