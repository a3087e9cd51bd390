"""The one step that makes another release current, and removing those that nobody needs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from deploy_tools.devices.store.asking import ask
from deploy_tools.devices.store.lock import DeviceLock
from deploy_tools.devices.wire.wire import Wire
from deploy_tools.release.install.looking import Shelf
from deploy_tools.release.install.record import Record
from edge.errors import DeviceError

_SECONDS: Final = 600.0  # what others wrote to a slow card must be written, too
# $1: what is there as long as the lock is ours. Asked again after whatever takes long: who took the lock
# meanwhile tidies up, and begins
_OURS: Final = r"""
LC_ALL=C; export LC_ALL
lock=$1
ours() { [ -e "$lock" ] || { echo ppocr-edge-store; echo lost; exit 0; }; }
ours
shift
"""
# $2: the folder of a name; $3: what must be current now, or nothing; $4: the new folder, or nothing where it
# has its name already; $5: that name; $6: its record
_SWITCH: Final = (
    _OURS
    + r"""
umask 022
cd "$1" || exit 3
look() {
    now=
    line=$(ls -ld current 2>/dev/null)
    case $line in l*" -> "*) now=${line##* -> } ;; esac
}
flush() { sync 2>/dev/null || unflushed=unflushed; }
unflushed=flushed
look
if [ -n "$2" ] && [ "$now" != "$2" ]; then echo ppocr-edge-store; echo other; exit 0; fi
# every byte of it, and of its record, is on the storage before it has a name, and that before it is current
printf '%s\n' "$5" >".records/.$4" || exit 3
flush
ours
if [ -n "$3" ]; then mv "$3" "$4" || exit 3; fi
[ -d "$4" ] || { echo "$4 is gone" >&2; exit 3; }
mv -f ".records/.$4" ".records/$4" || exit 3
rm -rf .next
mkdir .next && ln -s "$4" .next/current || exit 3
flush
ours
# into this folder, where the old link is: every mv does that by rename(2), none looks where the old one leads
mv -f .next/current . || exit 3
flush
rm -rf .next
look
[ "$now" = "$4" ] || { echo "current still leads to $now" >&2; exit 3; }
echo ppocr-edge-store
echo "$unflushed"
"""
)
# $2: the folder of a name; then folders of releases: none is seen half removed
_PRUNE: Final = (
    _OURS
    + r"""
cd "$1" || exit 3
shift
line=$(ls -ld current 2>/dev/null)
for folder; do
    ours
    [ "${line##* -> }" != "$folder" ] || continue
    rm -rf ".old-$folder" || exit 3
    [ ! -d "$folder" ] || mv "$folder" ".old-$folder" || exit 3
    rm -f ".records/$folder"
    rm -rf ".old-$folder" || exit 3
done
echo ppocr-edge-store
"""
)


def switch(wire: Wire, lock: DeviceLock, shelf: Shelf, folder: str, record: Record, *, new: str = "") -> bool:
    """Make a release current, in one step. Until then what was current is, whatever ends it.

    The link ``current`` alone says which release is used, and the record of that one what was before it. That
    is written before the step, so both change at once.

    Args:
        wire: Leads to the device.
        lock: Of the device; looked at there.
        shelf: The releases of this name there.
        folder: Name of the release's folder.
        record: What is to be remembered of it.
        new: Its folder's name until now; nothing where it has its own already.

    Returns:
        Whether the device could be told to write everything to its storage.

    Raises:
        DeviceError: The lock is ours no more, or the device failed.
    """
    answer = ask(
        wire,
        _SWITCH,
        f"{shelf.root}/{lock.sign}",
        shelf.path,
        shelf.current,
        new,
        folder,
        record.line(),
        what=f"switching to {folder}",
        seconds=_SECONDS,
    )
    said = answer.decode(errors="replace").strip()
    if said == "lost":
        raise lock.gone()
    if said == "other":
        raise DeviceError(
            wire.name, f"{shelf.path}/current was changed by somebody else meanwhile", "run it again"
        )
    return said == "flushed"


def prune(wire: Wire, lock: DeviceLock, shelf: Shelf, folders: Collection[str]) -> None:
    """Remove releases.

    Args:
        wire: Leads to the device.
        lock: Of the device; looked at there.
        shelf: The releases of this name there.
        folders: Of those that go; the current one never does.

    Raises:
        DeviceError: The lock is ours no more, or the device failed; what was not removed is the next time.
    """
    if not folders:
        return
    words = (f"{shelf.root}/{lock.sign}", shelf.path, *sorted(folders))
    if ask(wire, _PRUNE, *words, what="removing older releases", seconds=_SECONDS).startswith(b"lost"):
        raise lock.gone()
