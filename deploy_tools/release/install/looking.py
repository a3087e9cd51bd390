"""Which releases a device has, found out in one round trip."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from deploy_tools.devices.store.asking import ask
from deploy_tools.devices.wire.wire import Wire
from deploy_tools.release.install.record import Record, read_record

FOLDER: Final = "releases"
"""Of the device's folder: in it a folder for every name of a release."""
CURRENT: Final = "current"
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
# $1: the folder of releases; $2: the name of one, or nothing for all
_LOOK: Final = r"""
LC_ALL=C; export LC_ALL
echo ppocr-edge-store
cd "$1" 2>/dev/null || exit 0
if [ -n "$2" ]; then set -- "$2"; else set -- *; fi
for name; do
    # a link to a folder on another storage will do
    [ -d "$name" ] || continue
    printf '%s\n' "release $name"
    line=$(ls -ld "$name/current" 2>/dev/null)
    case $line in
    l*" -> "*) printf '%s\n' "current ${line##* -> }" ;;
    ?*) echo "odd current" ;;
    esac
    for file in "$name"/*; do
        if [ -d "$file" ] && [ ! -L "$file" ]; then printf '%s\n' "folder ${file##*/}"; fi
    done
    for file in "$name"/.records/*; do
        [ -f "$file" ] || continue
        text=
        { read -r text <"$file"; } 2>/dev/null
        printf '%s\n' "record ${file##*/} $text"
    done
done
exit 0
"""


@dataclass(frozen=True)
class Shelf:
    """The releases of one name on a device.

    Attributes:
        name: Of the releases.
        root: The device's folder, absolute.
        current: Folder of the release that is used; empty where none is.
        blocked: Something is called ``current`` that is no link.
        folders: Names of the folders of all releases that are there.
        records: What is remembered of them, by folder.
    """

    name: str
    root: str
    current: str = ""
    blocked: bool = False
    folders: tuple[str, ...] = ()
    records: Mapping[str, Record] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Its folder there, absolute."""
        return f"{self.root}/{FOLDER}/{self.name}"

    @property
    def previous(self) -> str:
        """Folder of what was current before; empty where there is none.

        Where the record of the current one is lost, it is what was brought last besides it.
        """
        others = [folder for folder in self.order if self.current and folder != self.current]
        record = self.records.get(self.current)
        if record is not None:
            others = [folder for folder in others if folder == record.previous]
        return others[0] if others else ""

    @property
    def order(self) -> tuple[str, ...]:
        """The folders, what was brought last first; what nothing is remembered of comes last."""
        numbers = {name: record.number for name, record in self.records.items()}
        return tuple(sorted(self.folders, key=lambda name: (numbers.get(name, 0), name), reverse=True))

    @property
    def next_number(self) -> int:
        """Of the next record."""
        return 1 + max((record.number for record in self.records.values()), default=0)

    def version(self, folder: str) -> str:
        """Of a folder that is there."""
        record = self.records.get(folder)
        return record.version if record is not None else re.sub(r"-[0-9a-f]{12}(\.[0-9]+)?$", "", folder)

    def to_json(self) -> dict[str, Any]:
        """Plain values; what was brought last stands first."""
        return {
            "name": self.name,
            "path": f"{self.path}/{CURRENT}",
            "current": self.current or None,
            "previous": self.previous or None,
            "releases": [
                {
                    "folder": folder,
                    "version": self.version(folder),
                    **(vars(self.records[folder]) if folder in self.records else {}),
                }
                for folder in self.order
            ],
        }


def read_shelves(wire: Wire, root: str, name: str = "") -> list[Shelf]:
    """The releases that a device has, by name; those of one name where it is given.

    Args:
        wire: Leads to the device.
        root: Folder of its store, absolute.
        name: Of the releases that are asked for; empty for all.

    Raises:
        DeviceError: The device failed.
    """
    answer = ask(wire, _LOOK, f"{root}/{FOLDER}", name, what="looking at its releases")
    found: list[list[tuple[str, str]]] = []
    for line in answer.decode(errors="replace").splitlines():
        word, _, rest = line.partition(" ")
        if word == "release":
            found.append([])
        if found:
            found[-1].append((word, rest))
    return [_shelf(root, lines) for lines in found if _WORD.fullmatch(lines[0][1])]


def read_shelf(wire: Wire, root: str, name: str) -> Shelf:
    """The releases of one name; none where there are none.

    Raises:
        DeviceError: The device failed.
    """
    found = read_shelves(wire, root, name)
    return found[0] if found else Shelf(name, root)


def _shelf(root: str, lines: list[tuple[str, str]]) -> Shelf:
    name = lines[0][1]
    folders = [rest for word, rest in lines if word == "folder" and _WORD.fullmatch(rest)]
    links = [rest for word, rest in lines if word == "current"]
    records = {}
    for word, rest in lines:
        folder, _, text = rest.partition(" ")
        record = read_record(text) if word == "record" else None
        if record is not None and folder in folders:
            records[folder] = record
    current = links[0] if links and links[0] in folders else ""
    # a link that leads to nothing of ours may be replaced; anything else may not
    blocked = ("odd", CURRENT) in lines
    return Shelf(name, root, current, blocked, tuple(folders), records)
