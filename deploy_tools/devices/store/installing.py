"""Folders of files under names of their own, made of the store's objects: all of a set, or none of it."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath
from typing import Final

from deploy_tools.devices.store.asking import USED, ask, in_groups
from deploy_tools.devices.wire.wire import Wire
from edge.errors import DeviceError

_AT_A_TIME: Final = 60  # files of one command
_LINK: Final = r"""
new=$1/runners/$2
[ -d "$new" ] || mkdir "$new" || exit 3
objects=$1/objects
shift 2
while [ $# -ge 3 ]; do
    case $3 in
    */*) [ -d "$new/${3%/*}" ] || mkdir -p "$new/${3%/*}" || exit 3 ;;
    esac
    # Android lets nobody but root make links
    ln "$objects/$2" "$new/$3" 2>/dev/null || cp "$objects/$2" "$new/$3" || exit 3
    case $1 in x)
        chmod 755 "$new/$3" || exit 3
        if [ ! -x "$new/$3" ]; then rm -rf "$new"; echo ppocr-edge-store; echo no-exec; exit 0; fi ;;
    esac
    shift 3
done
echo ppocr-edge-store
"""
# $4: the host that will use it; $5: replace what is there, of which files are gone
_FINISH: Final = (
    USED
    + r"""
cd "$1/runners" || exit 3
if [ -n "$5" ] && [ -d "$3" ]; then mv "$3" "$2.old"; rm -rf "$2.old"; fi
mv "$2" "$3" 2>/dev/null
# where another process was first, it was moved into what is there
rm -rf "$2" "${3:?}/$2"
[ -d "$3" ] || exit 3
used "$1" "$3" "$4"
echo ppocr-edge-store
"""
)


def set_folder(name: str, files: Mapping[str, str], executable: Collection[str]) -> str:
    """Name of the folder of a set: its label, and what it holds.

    Args:
        name: A label, for people who look at the device.
        files: SHA-256 by name.
        executable: Those names that are programs.
    """
    content = sorted([name, digest, name in executable] for name, digest in files.items())
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    label = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")[:40]
    return f"{label or 'set'}-{digest[:32]}"


def check_names(names: Collection[str]) -> None:
    """Make sure that every file of a set lands in its folder.

    Raises:
        ValueError: A name leads elsewhere, is none, or is also the folder of another.
    """
    folders = {str(parent) for name in names for parent in PurePosixPath(name).parents}
    for name in names:
        parts = name.split("/")
        if "\0" in name or any(part in ("", ".", "..") for part in parts) or name in folders:
            raise ValueError(f"not the name of a file in a set: {name!r}")


def items(files: Collection[str], executable: Collection[str]) -> list[str]:
    """The files of a set as `status.read_status` takes them."""
    return [f"{'x' if name in executable else '-'}{name}" for name in sorted(files)]


def make_folder(
    wire: Wire,
    root: str,
    folder: str,
    files: Mapping[str, str],
    executable: Collection[str],
    *,
    host: str,
    replace: bool = False,
) -> str:
    """Make the folder of a set from objects that are there.

    Args:
        wire: Leads to the device.
        root: Of the store.
        folder: Of the set, by `set_folder`.
        files: SHA-256 by name.
        executable: Those names that are programs.
        host: Who will use it, by `host.this_host`.
        replace: What is there is not whole.

    Returns:
        Its absolute path there.

    Raises:
        DeviceError: The device failed, or does not let files there be run.
    """
    new = f".new-{secrets.token_hex(8)}"
    for some in in_groups(sorted(files), _AT_A_TIME):
        triples = (("x" if name in executable else "-", files[name], name) for name in some)
        words = [word for triple in triples for word in triple]
        answer = ask(wire, _LINK, root, new, *words, what="making a folder of what was sent")
        if b"no-exec" in answer:
            raise DeviceError(
                wire.name,
                f"{root} is on a file system that lets no program be run (noexec)",
                "give the device a folder on another one (devices add --folder)",
            )
    last = "yes" if replace else ""
    ask(wire, _FINISH, root, new, folder, host, last, what="making a folder of what was sent")
    return f"{root}/runners/{folder}"
