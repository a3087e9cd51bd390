"""The lock's shell scripts.

The lock is the folder ``lock``. In it: ``is.TOKEN``, whose name says which lock this is; ``info``, who took
it; ``process``, which process there holds it. That process ends with its owner's link, and where its owner's
host, of whose end nobody told, sends no more beats.

A folder comes to be by being renamed, with everything in it, so no lock is ever half made: one of several
that try succeeds, and the others' renaming fails or moves their folder into it, where they find it.

Only the holder's process says whether a lock is alive: its number and the moment it was started, counted by
the system since the device's start, and which start that was. No clock is read. Who takes away a lock, the
holder too, first puts a gate into it (``broken.1``), which is a folder like a lock; where its maker died,
the next one takes the next number. So nobody ever takes away a lock other than the one that was looked at.
"""

from __future__ import annotations

from typing import Final

from deploy_tools.devices.store.asking import PLACE

_COMMON: Final = (
    PLACE
    + r"""
token=$2
info=$3
lock=$root/lock
node=$(uname -n)
boot=-
{ read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || boot=-
up=-
{ read -r up _ </proc/uptime; } 2>/dev/null || up=-

# started PID: sets $start; fails where there is no such process
started() {
    start=-
    if [ ! -r /proc/$$/stat ]; then kill -0 "$1" 2>/dev/null; return; fi
    stat=
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
    set -- ${stat##*) }
    case $1 in Z | X) return 1 ;; esac
    shift 19
    start=$1
}

# describe FOLDER: makes it, with what says whose it is
describe() {
    mkdir "$1" || return 1
    started $$
    printf '%s\n' "$info" >"$1/info" && : >"$1/is.$token" &&
        printf '%s\n' "$$ $start $boot ${up%%.*} $node" >"$1/process"
}

# lives FOLDER: whether the process that made it does; on another machine nobody can tell
lives() {
    pid=
    { read -r pid was booted since where <"$1/process"; } 2>/dev/null
    [ -n "$pid" ] || return 1
    [ "$where" = "$node" ] || return 0
    [ "$booted" = "$boot" ] || return 1
    started "$pid" && [ "$start" = "$was" ]
}

# look: sets $held to the token of the lock, or to nothing
look() {
    held=
    for file in "$lock"/is.*; do
        [ ! -e "$file" ] || held=${file##*/is.}
    done
}

# take_away TOKEN: removes that lock; fails where it is another's to remove, or is not there
take_away() {
    number=1
    while [ -e "$lock/is.$1" ]; do
        describe "$root/gate.$token" || return 1
        mv "$root/gate.$token" "$lock/broken.$number" 2>/dev/null
        if [ -e "$lock/broken.$number/is.$token" ]; then
            if [ -e "$lock/is.$1" ]; then
                mv "$lock" "$root/gone.$token" && rm -rf "$root/gone.$token"
                return
            fi
            rm -rf "$lock/broken.$number"
            return 1
        fi
        rm -rf "$lock/broken.$number/gate.$token" "$root/gate.$token"
        if [ -e "$lock/broken.$number" ] && lives "$lock/broken.$number"; then return 1; fi
        number=$((number + 1))
    done
    return 1
}

# tell: who holds the lock, and for how many seconds by the device's own count
tell() {
    lives "$lock"
    seconds=-
    if [ "$where" = "$node" ] && [ "$booted" = "$boot" ] && [ "$since" != - ] && [ "$up" != - ]; then
        seconds=$((${up%%.*} - since))
    fi
    echo "$seconds"
    cat "$lock/info" 2>/dev/null
}

# inquire: sets $held, $state (free, held, left) and $told, all of one lock; looks again where that one was
# given back meanwhile
inquire() {
    state=
    while [ -z "$state" ]; do
        look
        told=
        if [ ! -e "$lock" ]; then
            held=
            state=free
            return
        fi
        state=left
        if [ -n "$held" ] && lives "$lock"; then state=held; fi
        told=$(tell)
        [ -z "$held" ] || [ -e "$lock/is.$held" ] || state=
    done
}
"""
)

HOLD: Final = (
    _COMMON
    + r"""
# $3: who takes it, one line; $4: so many seconds without a beat end the holder
[ -d "$root" ] || mkdir -p "$root" || exit 3
tries=0
while [ $tries -lt 20 ]; do
    tries=$((tries + 1))
    look
    if [ ! -e "$lock" ]; then
        describe "$root/new.$token" || { rm -rf "$root/new.$token"; exit 3; }
        mv "$root/new.$token" "$lock" 2>/dev/null
        [ ! -e "$lock/is.$token" ] || break
        rm -rf "$lock/new.$token" "$root/new.$token"
    elif [ -z "$held" ] || lives "$lock" || ! take_away "$held"; then
        inquire
        if [ "$state" = held ] || { [ "$state" = left ] && [ $tries -gt 3 ]; }; then
            printf '%s\n' ppocr-edge-store busy "$told"
            exit 0
        fi
        sleep 1
    fi
done
[ -e "$lock/is.$token" ] || { echo "$lock cannot be made" >&2; exit 3; }
# sees without a clock, and without writing anything, whether beats come in; keeps nothing of the link open
(
    trap 'beats=yes' USR1
    trap 'kill "$nap" 2>/dev/null; exit 0' TERM
    echo ppocr-edge-store
    echo held
    exec </dev/null >/dev/null 2>&1
    while :; do
        beats=
        sleep "$4" &
        nap=$!
        while kill -0 "$nap"; do wait "$nap"; done
        started $$ || exit 0
        if [ -z "$beats" ]; then kill -9 $$; exit 0; fi
    done
) &
watch=$!
while read -r word; do
    [ -e "$lock/is.$token" ] || break
    [ "$word" = beat ] || break
    kill -USR1 "$watch"
done
kill "$watch" 2>/dev/null
wait "$watch" 2>/dev/null
take_away "$token"
echo released
"""
)
"""Takes the lock and holds it as long as it reads ``beat`` lines; then gives it back.

Answers ``held``, or ``busy`` and who holds it, and ends. Ends when its input does.
"""

WHO: Final = (
    _COMMON
    + r"""
inquire
printf '%s\n' ppocr-edge-store "$state" "$told"
"""
)
"""Answers ``free``; or ``held``, or ``left`` where its holder is gone, and who it was."""

BREAK: Final = (
    _COMMON
    + r"""
inquire
target=$held
if [ "$state" = free ]; then printf '%s\n' ppocr-edge-store free; exit 0; fi
if [ -z "$target" ]; then rm -rf "$lock" || exit 3
elif ! take_away "$target" && [ -e "$lock/is.$target" ]; then echo "another is at it" >&2; exit 3
fi
printf '%s\n' ppocr-edge-store "$state" "$told"
"""
)
"""Takes the lock from whoever holds it, who notices with the next beat; answers as ``WHO``: who it was."""
