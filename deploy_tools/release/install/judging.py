"""Whether a release may take the place of the one that a device has."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal

from deploy_tools.release.install.looking import Shelf
from deploy_tools.release.install.version_order import version_key
from deploy_tools.release.trust.times import time_text
from deploy_tools.release.trust.verify import Verified
from edge.errors import DeviceError

Allow = Literal["unsigned", "downgrade"]
_REMEDY: Final = "add --allow downgrade, or go back by --rollback"


def check_newer(device: str, shelf: Shelf, verified: Verified, allow: Collection[str]) -> None:
    """Refuse an older release: its signature is as good as ever, and its faults are known by now.

    Of the same version, the one that was signed later is the newer one.

    Args:
        device: Its name, for messages.
        shelf: What it has; another folder of it than this release's is current.
        verified: The release.
        allow: What the user lets pass.

    Raises:
        DeviceError: It is older, or nobody can tell.
    """
    if not shelf.current or "downgrade" in allow:
        return
    there, brought = shelf.version(shelf.current), verified.version
    if version_key(brought) > version_key(there):
        return
    name = shelf.name
    if version_key(brought) < version_key(there):
        raise DeviceError(device, f"has {name} {there}, this is {brought}, an older one", _REMEDY)
    record = shelf.records.get(shelf.current)
    time = record.signing_time if record is not None else None
    if time is None or verified.signed is None:
        found = f"has another {name} {there}, and nothing tells which is newer: one of them is not signed"
        raise DeviceError(device, found, "give it a version of its own, or add --allow downgrade")
    if verified.signed <= time:
        signed = f"signed at {time_text(time)}, this at {time_text(verified.signed)}"
        raise DeviceError(device, f"has another {name} {there}, which is not older: {signed}", _REMEDY)
