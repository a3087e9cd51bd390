"""Removing from a device what nobody needs there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Final

from deploy_tools.devices.store.asking import AT_A_TIME, PLACE, ask, in_groups
from deploy_tools.devices.store.status import read_status
from deploy_tools.devices.wire.wire import Wire

_SECONDS: Final = 300.0
# what others are about to make has the number of a living process in it
_LEFT: Final = (
    PLACE
    + r"""
# $2: only look; $3: us, of whom runners may go; nothing where all may; then folders of runners/ to keep
look=$2 us=$3
shift 3
cd "$root" 2>/dev/null || { echo ppocr-edge-store; echo 0 0 0 0 0; exit 0; }
theirs=' '
for record in ${us:+runners/.used/*}; do
    case $record in "runners/.used/$us"-*) continue ;; esac
    [ ! -f "$record" ] || { read -r used <"$record"; theirs="$theirs$used "; }
done
size() { du -sk . 2>/dev/null | { read -r kib _; echo "${kib:-0}"; }; }
before=$(size)
runners=0 others=0
for folder in runners/* runners/.new-*; do
    [ -d "$folder" ] || continue
    for keep; do [ "$folder" != "runners/$keep" ] || continue 2; done
    case $theirs in *" ${folder#runners/} "*) others=$((others + 1)); continue ;; esac
    runners=$((runners + 1))
    [ -n "$look" ] || rm -rf "$folder" || exit 3
done
runs=0
for folder in run/* run/.[!.]*; do
    [ -e "$folder" ] || continue
    runs=$((runs + 1))
    [ -n "$look" ] || rm -rf "$folder" || exit 3
done
if [ -z "$look" ]; then
    for record in runners/.used/*; do
        [ -f "$record" ] || continue
        read -r used <"$record"
        [ -d "runners/$used" ] || rm -f "$record"
    done
    for folder in gone.* new.* gate.*; do
        pid=
        [ ! -f "$folder/process" ] || read -r pid _ <"$folder/process"
        case $folder in
        gone.*) ;;
        *) if [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; then continue; fi ;;
        esac
        rm -rf "$folder" || exit 3
    done
fi
echo ppocr-edge-store
echo "$runners $runs $before $(size) $others"
"""
)
_REMOVE: Final = r"""
LC_ALL=C; export LC_ALL
cd "$1" || exit 3
shift
(cd objects && rm -f "$@") || exit 3
echo ppocr-edge-store
du -sk . 2>/dev/null | { read -r kib _; echo "${kib:-0}"; }
"""


@dataclass(frozen=True)
class Cleaned:
    """What was removed, or would be.

    Attributes:
        objects: Files that had arrived.
        parts: Files that had not, entirely.
        runners: Folders made of files.
        runs: Working folders of runs.
        freed_bytes: Room that was freed; where nothing was removed, the size of the files.
        others: Runners of other hosts, which stay.
    """

    objects: int
    parts: int
    runners: int
    runs: int
    freed_bytes: int
    others: int = 0

    def to_json(self) -> dict[str, int]:
        """As the command line prints it."""
        return asdict(self)


def clean_store(
    wire: Wire, folder: str, keep: Collection[str], *, host: str | None, dry_run: bool = False
) -> Cleaned:
    """Remove everything but what is to be kept. The lock is the caller's to hold.

    Args:
        wire: Leads to the device.
        folder: Of the store, for ``PLACE``.
        keep: SHA-256 of files, and names of folders below ``runners``.
        host: Whose runners may go, by `host.this_host`; None for everybody's.
        dry_run: Only say what would be removed.

    Raises:
        DeviceError: The device failed, or something cannot be removed.
    """
    status = read_status(wire, folder)
    objects = [digest for digest in status.objects if digest not in keep]
    parts = [f"{digest}.part" for digest in status.parts]
    look = "look" if dry_run else ""
    answer = ask(wire, _LEFT, folder, look, host or "", *keep, what="cleaning", seconds=_SECONDS)
    runners, runs, before, after, others = (int(word) for word in answer.decode().split()[:5])
    if dry_run:
        sizes = sum(status.objects[digest] for digest in objects) + sum(status.parts.values())
        return Cleaned(len(objects), len(parts), runners, runs, sizes, others)
    for some in in_groups([*objects, *parts], AT_A_TIME):
        after = int(ask(wire, _REMOVE, status.root, *some, what="cleaning", seconds=_SECONDS))
    return Cleaned(len(objects), len(parts), runners, runs, max(0, before - after) * 1024, others)
