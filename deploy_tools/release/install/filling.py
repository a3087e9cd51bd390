"""Bringing the files of a release into a folder that has no meaning yet; gone on with where it was cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from deploy_tools.devices.store.asking import ask, in_groups, says_full
from deploy_tools.devices.store.status import read_status
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.wire import Progress, Wire
from deploy_tools.release.install.contents import Contents, read_contents
from deploy_tools.release.install.looking import Shelf
from deploy_tools.release.install.preparing import discard
from deploy_tools.release.install.source import InstalledFile, Unpacked
from edge.errors import DeviceError
from edge.sizes import size_text

_AT_A_TIME: Final = 40
_ATTEMPTS: Final = 2  # what arrived when its power was cut may be there by its name alone
_RESERVE: Final = 1 << 20
_SECONDS: Final = 300.0
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


@dataclass(frozen=True)
class Filled:
    """How the files got there.

    Attributes:
        sent: Bytes that were sent.
        copied: Bytes that were taken from the release before.
    """

    sent: int = 0
    copied: int = 0


@dataclass(frozen=True)
class Filling:
    """The files of a release on their way.

    Attributes:
        wire: Leads to the device.
        store: Of the device; its lock is held.
        shelf: The releases of this name there.
        new: Name of the new folder; made by `preparing.prepare`.
        unpacked: What it is to hold.
        progress: As for `DeviceStore.push`.
    """

    wire: Wire
    store: DeviceStore
    shelf: Shelf
    new: str
    unpacked: Unpacked
    progress: Progress | None

    def run(self) -> Filled:
        """Bring every file into the new folder, and look at each there.

        What is there already stays; what the current release has is copied, and looked at like all else; the
        rest is sent.

        Raises:
            DeviceError: There is no room, no program can be run there, or the device or the link failed.
        """
        sent = copied = 0
        contents = self._contents()
        for attempt in range(_ATTEMPTS):
            lacking = {name: self.unpacked.files[name] for name in contents.lacking(self.unpacked.files)}
            if not lacking or (attempt and contents.unrunnable(lacking)):
                break
            self._require_room(lacking)
            try:
                taken = () if attempt else self._copied(lacking)
                rest = {name: file for name, file in lacking.items() if name not in taken}
                self._sent(rest)
            except DeviceError as error:
                if says_full(error):
                    discard(self.wire, self.shelf, self.new)
                raise
            sent += sum(file.size for file in rest.values())
            copied += sum(lacking[name].size for name in taken)
            contents = self._contents()
        self._accept(contents)
        return Filled(sent, copied)

    def _contents(self) -> Contents:
        return read_contents(self.wire, f"{self.shelf.path}/{self.new}", self.unpacked.size)

    def _require_room(self, lacking: Mapping[str, InstalledFile]) -> None:
        status = read_status(self.wire, self.shelf.root)
        # what arrived when it was interrupted is moved, and needs no more room
        arrived = sum(status.objects.get(sha256, 0) for sha256 in {file.sha256 for file in lacking.values()})
        needed = sum(file.size for file in lacking.values()) - arrived + _RESERVE
        if status.free_bytes is not None and needed > status.free_bytes:
            raise DeviceError(
                self.wire.name,
                f"{size_text(needed)} are needed at {self.shelf.path}, "
                f"{size_text(status.free_bytes)} are free",
                f"free space there: ppocr-edge devices clean {self.wire.name}",
            )

    def _copied(self, wanted: Mapping[str, InstalledFile]) -> Sequence[str]:
        """Names of those files that the current release had, as they are."""
        if not self.shelf.current:
            return ()
        there = f"{self.shelf.path}/{self.shelf.current}"
        contents = read_contents(self.wire, there, self.unpacked.size).files
        sources = {sha256: name for name, (sha256, _) in contents.items()}
        found = {name: sources[file.sha256] for name, file in wanted.items() if file.sha256 in sources}
        self._put(
            [("copy", _mode(wanted[name]), f"{there}/{source}", name) for name, source in found.items()]
        )
        return tuple(found)

    def _sent(self, wanted: Mapping[str, InstalledFile]) -> None:
        if not wanted:
            return
        arrived = self.store.push({name: self.unpacked.folder / name for name in wanted}, self.progress)
        last = {file.sha256: name for name, file in wanted.items()}
        self._put(
            [
                ("move" if last[file.sha256] == name else "copy", _mode(file), arrived[name], name)
                for name, file in wanted.items()
            ]
        )

    def _put(self, files: Sequence[tuple[str, str, str, str]]) -> None:
        for some in in_groups(files, _AT_A_TIME):
            words = (self.shelf.path, self.new, *(word for file in some for word in file))
            ask(self.wire, _PUT, *words, what="putting files into its folder", seconds=_SECONDS)

    def _accept(self, contents: Contents) -> None:
        fault = contents.fault(self.unpacked.files)
        if not fault:
            return
        discard(self.wire, self.shelf, self.new)
        if contents.unrunnable(self.unpacked.files):
            raise DeviceError(
                self.wire.name,
                f"{self.shelf.path} is on a file system that lets no program be run (noexec)",
                "give the device a folder on another one (devices add --folder)",
            )
        raise DeviceError(
            self.wire.name,
            f"{self.shelf.path}/{self.new} {fault}",
            "see whether the storage there is sound, then run it again",
        )


def _mode(file: InstalledFile) -> str:
    return "755" if file.executable else "644"
