"""What a folder on a device holds, by SHA-256 that is computed there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from deploy_tools.devices.scratch import scratch
from deploy_tools.devices.store.asking import ask
from deploy_tools.devices.store.checking import FIND_TOOL
from deploy_tools.devices.wire.wire import Wire
from deploy_tools.release.install.source import InstalledFile
from edge.hashing import sha256_of

_SLOWEST: Final = 1_000_000  # bytes a second that a device hashes at the least
# $1: the folder. Says of every file whether it can be run, its sum, and its name.
_LIST: Final = (
    r"""
[ -d "$1" ] || { echo ppocr-edge-store; exit 0; }
cd "$1" || exit 3
much=
"""
    + FIND_TOOL
    + r"""
walk() {
    for file in "$1"/* "$1"/.[!.]* "$1"/..?*; do
        if [ -L "$file" ]; then printf '%s\n' "? odd $file"
        elif [ -d "$file" ]; then walk "$file"
        elif [ -f "$file" ]; then
            mode=-
            [ ! -x "$file" ] || mode=x
            sum=no-tool
            [ -z "$tool" ] || sum=$($tool "$file" 2>/dev/null)
            printf '%s\n' "$mode ${sum%% *} $file"
        elif [ -e "$file" ]; then printf '%s\n' "? odd $file"
        fi
    done
}
echo ppocr-edge-store
walk .
exit 0
"""
)


@dataclass(frozen=True)
class Contents:
    """What a folder on a device holds.

    Attributes:
        files: SHA-256 and whether it can be run, of every file, by name; something else than a file has no
            hash.
    """

    files: Mapping[str, tuple[str, bool]]

    def lacking(self, wanted: Mapping[str, InstalledFile]) -> list[str]:
        """Names of files that are not there as they are wanted."""
        return [
            name for name, file in wanted.items() if self.files.get(name) != (file.sha256, file.executable)
        ]

    def unrunnable(self, wanted: Mapping[str, InstalledFile]) -> bool:
        """Whether a program is there as it is wanted, but that it cannot be run."""
        return any(
            file.executable and self.files.get(name) == (file.sha256, False) for name, file in wanted.items()
        )

    def fault(self, wanted: Mapping[str, InstalledFile]) -> str:
        """What is not as it should be, as a clause; empty where it holds exactly these files."""
        for name in self.lacking(wanted):
            sha256, runs = self.files.get(name, ("", False))
            if not sha256:
                return f"has no {name}"
            if sha256 != wanted[name].sha256:
                return f"has another {name}"
            return f"lets {name} be run, which is no program" if runs else f"does not let {name} be run"
        added = sorted(set(self.files) - set(wanted))
        return f"has {added[0]!r:.80}, which nobody put there" if added else ""


def read_contents(wire: Wire, folder: str, size: int) -> Contents:
    """Look at every file of a folder; none where it is not there.

    One round trip; and one for every file where the device cannot compute SHA-256.

    Args:
        wire: Leads to the device.
        folder: There, absolute.
        size: Bytes that are expected, for the time it may take.

    Raises:
        DeviceError: The device failed.
    """
    seconds = 60 + size / _SLOWEST
    answer = ask(wire, _LIST, folder, what="checking what is there", seconds=seconds)
    files: dict[str, tuple[str, bool]] = {}
    for line in answer.decode(errors="surrogateescape").splitlines():
        mode, _, rest = line.partition(" ")
        sha256, _, path = rest.partition(" ")
        name = path.removeprefix("./")
        if sha256 == "no-tool":
            sha256 = _read_back(wire, f"{folder}/{name}")
        files[name] = ("" if mode == "?" else sha256.removeprefix("\\"), mode == "x")
    return Contents(files)


def _read_back(wire: Wire, path: str) -> str:
    with scratch() as place:
        copy = place / "file"
        wire.receive(path, copy)
        return sha256_of(copy)
