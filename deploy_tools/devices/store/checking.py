"""SHA-256 of what arrived, computed on the device, or here of what is read back where it has no tool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy_tools.devices.scratch import scratch
from deploy_tools.devices.store.asking import AT_A_TIME, ask, in_groups
from deploy_tools.devices.wire.wire import Wire
from edge.hashing import sha256_of

_SLOWEST: Final = 1_000_000  # bytes a second that a device hashes at the least
# from here on OpenSSL is the fastest: it uses what processors have for it, but takes its time to start
_LARGE: Final = 4_000_000

FIND_TOOL: Final = r"""
LC_ALL=C; export LC_ALL
openssl='openssl dgst -sha256 -r'
tool=
for word in ${much:+"$openssl"} sha256sum 'toybox sha256sum' 'busybox sha256sum' "$openssl"; do
    case $($word </dev/null 2>/dev/null) in
    e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855*) tool=$word; break ;;
    esac
done
"""
"""Sets ``$tool`` to what computes SHA-256, or to nothing; ``$much`` says whether it is for much.

A tool counts when it computes: BusyBox and toybox may be there without it.
"""

# $1: the store; $2: whether it is much; then files
_TOOL: Final = (
    r"""
cd "$1/objects" || exit 3
much=$2
shift 2
"""
    + FIND_TOOL
    + r"""
echo ppocr-edge-store
[ -n "$tool" ] || { echo no-tool; exit 0; }
"""
)
_DIGESTS: Final = _TOOL + '$tool "$@" 2>/dev/null\nexit 0\n'
# $2: as before; $3: a .part to unpack first, or nothing
_ACCEPT: Final = r"""
if [ -n "$3" ]; then
    # where it fails (somebody sends the same pack), what is missing afterwards is sent one by one
    (cd "$1/objects" && tar -xomf "$3"; rm -f "$3") 2>/dev/null
fi
root=$1 much=$2
shift 3
set -- "$root" "$much" "$@"
""" + (
    _TOOL
    + r"""
$tool "$@" 2>/dev/null | while read -r sum name; do
    name=${name#\*}
    if [ "$sum.part" = "$name" ]; then
        mv -f "$name" "$sum" && echo "$sum good"
    else
        rm -f "$name"; echo "${name%.part} damaged"
    fi
done
exit 0
"""
)
_RENAME: Final = r"""
cd "$1/objects" || exit 3
shift
for name; do mv -f "$name" "${name%.part}" || exit 4; done
echo ppocr-edge-store
"""


@dataclass(frozen=True)
class Accepted:
    """What became of files that were sent.

    Attributes:
        good: SHA-256 of those that arrived whole; they have their names now.
        damaged: Those that did not; what was there is removed.
        missing: Those that are not there: somebody else took or renamed them.
    """

    good: frozenset[str]
    damaged: frozenset[str]
    missing: frozenset[str]


def digests(wire: Wire, root: str, parts: Mapping[str, int]) -> Mapping[str, str]:
    """SHA-256 of parts, by the names of their files without ``.part``.

    Parts that cannot be read, and all of them where the device has no tool, are left out: to read them back
    takes as long as to send them again.

    Args:
        wire: Leads to the device.
        root: Of the store.
        parts: Sizes by name.
    """
    found: dict[str, str] = {}
    for names in in_groups(sorted(parts), AT_A_TIME):
        lines = _lines(wire, _DIGESTS, root, [f"{name}.part" for name in names], parts, "checking parts")
        found |= {name.removeprefix("*").removesuffix(".part"): digest for digest, name in lines}
    return found


def accept(wire: Wire, root: str, sizes: Mapping[str, int], pack: str = "") -> Accepted:
    """Check parts that are complete, and give those that are whole their names. One round trip per 100.

    Args:
        wire: Leads to the device.
        root: Of the store.
        sizes: Of the parts, by SHA-256.
        pack: Name of a pack that holds some of them; unpacked first.

    Raises:
        DeviceError: The device failed.
    """
    good: set[str] = set()
    damaged: set[str] = set()
    for number, names in enumerate(in_groups(sorted(sizes), AT_A_TIME)):
        words = [f"{pack}.part" if pack and number == 0 else "", *(f"{name}.part" for name in names)]
        lines = _lines(wire, _ACCEPT, root, words, sizes, "checking what was sent")
        if ("no-tool", "") in lines:
            ours = _read_back(wire, root, names)
            good |= ours
            damaged |= set(names) - ours
            continue
        good |= {name for name, word in lines if word == "good"}
        damaged |= {name for name, word in lines if word == "damaged"}
    return Accepted(frozenset(good), frozenset(damaged), frozenset(set(sizes) - good - damaged))


def _read_back(wire: Wire, root: str, names: Sequence[str]) -> set[str]:
    """Those of these parts that are here as they were there; renamed."""
    with scratch() as folder:
        copy = folder / "part"
        whole = [name for name in names if _same(wire, f"{root}/objects/{name}.part", copy, name)]
    ask(wire, _RENAME, root, *(f"{name}.part" for name in whole), what="renaming what was sent")
    return set(whole)


def _same(wire: Wire, source: str, copy: Path, digest: str) -> bool:
    wire.receive(source, copy)
    same = sha256_of(copy) == digest
    copy.unlink()
    return same


def _lines(
    wire: Wire, text: str, root: str, words: Sequence[str], sizes: Mapping[str, int], what: str
) -> list[tuple[str, str]]:
    """The answer's lines, each as its first word and the rest."""
    total = sum(sizes.values())
    much = "much" if total >= _LARGE else ""
    seconds = 30 + total / _SLOWEST
    answer = ask(wire, text, root, much, *words, what=what, seconds=seconds).decode(errors="replace")
    pairs = (line.strip().partition(" ") for line in answer.splitlines() if line.strip())
    return [(first, rest.strip()) for first, _, rest in pairs]
