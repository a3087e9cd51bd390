"""Going back to the release that was current before, and telling which there are."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from deploy_tools.devices.remote.device import RemoteDevice
from deploy_tools.devices.scratch import scratch
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.release.install.contents import read_contents
from deploy_tools.release.install.looking import CURRENT, Shelf, read_shelves
from deploy_tools.release.install.outcome import UNFLUSHED, Installed
from deploy_tools.release.install.source import InstalledFile
from deploy_tools.release.install.switching import switch
from deploy_tools.release.trust.released import read_packed
from edge.bundle.manifest import MANIFEST_NAME
from edge.errors import DeviceError
from edge.hashing import sha256_of

_MOST: Final = 1_000_000_000  # bytes of a release, for the time that looking at it may take


def list_releases(device: RemoteDevice, name: str = "") -> list[Shelf]:
    """The releases that a device has; of one name where it is given.

    Raises:
        DeviceError: The device failed.
    """
    store = DeviceStore(device.wire, device.entry.folder)
    return _shelves(device, store, name)


def roll_back(device: RemoteDevice, name: str = "") -> Installed:
    """Make the previous release current again, in one step; the one that was is then the previous one.

    Args:
        device: Which.
        name: Of the releases; where it is empty there must be only one.

    Raises:
        DeviceError: There is none to go back to, or it is not whole; or the device failed, or is in use.
    """
    store = DeviceStore(device.wire, device.entry.folder)
    with store.lock() as lock:
        shelf = _shelf(device, store, name)
        previous = shelf.previous
        if not previous:
            version = shelf.version(shelf.current) if shelf.current else ""
            raise DeviceError(
                device.name,
                f"has no {shelf.name} before {version} to go back to"
                if version
                else f"has no {shelf.name} that is current",
                f"see what is there: ppocr-edge install --list --device {device.name}",
            )
        fault = _fault(device, shelf, previous)
        if fault:
            raise DeviceError(
                device.name,
                f"{shelf.path}/{previous}, the release before, {fault}",
                "install it again from the release's folder, with --allow downgrade",
            )
        record = replace(shelf.records[previous], previous=shelf.current)
        flushed = switch(device.wire, lock, shelf, previous, record)
        return Installed(
            shelf.name,
            shelf.version(previous),
            f"{shelf.path}/{previous}",
            f"{shelf.path}/{CURRENT}",
            shelf.version(shelf.current),
            target=record.target,
            selftest=record.selftest,
            notes=() if flushed else (UNFLUSHED,),
        )


def _shelves(device: RemoteDevice, store: DeviceStore, name: str) -> list[Shelf]:
    """Those that hold a release; what an install that never came to its end has made holds none."""
    return [shelf for shelf in read_shelves(device.wire, store.root(), name) if shelf.folders]


def _shelf(device: RemoteDevice, store: DeviceStore, name: str) -> Shelf:
    shelves = _shelves(device, store, name)
    if not shelves:
        raise DeviceError(
            device.name,
            f"has no release{f' {name}' if name else ''}",
            f"see what is there: ppocr-edge install --list --device {device.name}",
        )
    if len(shelves) > 1:
        names = ", ".join(shelf.name for shelf in shelves)
        raise DeviceError(device.name, f"has releases of several names: {names}", "say which, by --name")
    return shelves[0]


def _fault(device: RemoteDevice, shelf: Shelf, folder: str) -> str:
    """Why a release that is there cannot be used, as a clause; empty where it can."""
    path = f"{shelf.path}/{folder}"
    record = shelf.records.get(folder)
    if record is None:
        return "is not known any more"
    contents = read_contents(device.wire, path, _MOST)
    if MANIFEST_NAME not in contents.files:
        return f"has no {MANIFEST_NAME}"
    with scratch() as place:
        copy = place / MANIFEST_NAME
        device.wire.receive(f"{path}/{MANIFEST_NAME}", copy)
        if sha256_of(copy) != record.manifest:
            return f"has another {MANIFEST_NAME}"
        try:
            listed = read_packed(copy.read_bytes()).files
        except ValueError as error:
            return f"has a damaged {MANIFEST_NAME}: {error}"
        size = copy.stat().st_size
    wanted = {
        name: InstalledFile(entry.sha256, entry.size, contents.files.get(name, ("", False))[1])
        for name, entry in listed.items()
    }
    own = InstalledFile(record.manifest, size, contents.files.get(MANIFEST_NAME, ("", False))[1])
    return contents.fault({**wanted, MANIFEST_NAME: own})
