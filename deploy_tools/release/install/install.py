"""Installing a release on one device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from deploy_tools.devices.remote.device import RemoteDevice
from deploy_tools.devices.store.lock import DeviceLock
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.wire import Progress
from deploy_tools.release.install.contents import read_contents
from deploy_tools.release.install.filling import Filled, Filling
from deploy_tools.release.install.judging import check_newer
from deploy_tools.release.install.looking import CURRENT, Shelf, read_shelf
from deploy_tools.release.install.outcome import UNFLUSHED, Installed, InstallOptions
from deploy_tools.release.install.preparing import discard, prepare
from deploy_tools.release.install.record import Record
from deploy_tools.release.install.selftest import NOT_WANTED, SelftestError, run_selftest
from deploy_tools.release.install.source import ReleaseSource, Unpacked
from deploy_tools.release.install.switching import prune, switch
from deploy_tools.release.trust.times import current_time, time_text
from edge.bundle.manifest import MANIFEST_NAME
from edge.errors import DeviceError

_NEW: Final = ".new-"
Told = Callable[[str], None]


def install_release(
    device: RemoteDevice,
    source: ReleaseSource,
    options: InstallOptions,
    *,
    progress: Progress | None = None,
    told: Told = lambda _: None,
) -> Installed:
    """Put a release on a device: what was current is until all of the new one is there, looked at and tried.

    Whatever ends this program, the link, or the device's power: the old or the new release is current, whole;
    the next run goes on and tidies up.

    Args:
        device: Which.
        source: The release.
        options: What the user wants.
        progress: Of what is sent.
        told: Called with what is done.

    Raises:
        DeviceError: The release is not for it, is older, fails there, or the device fails or is in use.
        ReleaseError: The release changed since it was verified.
        InputError: The library that the device's entry names does not suit.
        BuildError: The runner that the device's entry names cannot be built.
    """
    told("asking what it is")
    unpacked = source.unpacked(source.choose(device.name, device.facts.abi))
    store = DeviceStore(device.wire, device.entry.folder)
    with store.lock() as lock:
        return _Installing(device, store, lock, source, unpacked, options, progress, told).run()


@dataclass(frozen=True)
class _Installing:
    """One installation, with the device's lock held."""

    device: RemoteDevice
    store: DeviceStore
    lock: DeviceLock
    source: ReleaseSource
    unpacked: Unpacked
    options: InstallOptions
    progress: Progress | None
    told: Told

    def run(self) -> Installed:
        """Do all of it."""
        wire, root = self.device.wire, self.store.root()
        shelf = read_shelf(wire, root, self.source.verified.name)
        base = self.source.folder_name(self.unpacked)
        whole = self._whole(shelf, base)
        if not _same(shelf.current, base):
            check_newer(self.device.name, shelf, self.source.verified, self.options.allow)
        filled, new = Filled(), "" if whole else f"{_NEW}{base}"
        prepare(wire, shelf, new)
        if shelf.current and shelf.current == whole:
            return self._kept(shelf, root)
        if new:
            self.told("sending")
            filled = Filling(wire, self.store, shelf, new, self.unpacked, self.progress).run()
        folder = whole or _free_name(shelf, base)
        tested = self._tested(shelf, new, folder)
        self.told("switching")
        # a damaged copy of this very release is nothing to go back to
        previous = shelf.previous if _same(shelf.current, base) else shelf.current
        flushed = switch(wire, self.lock, shelf, folder, self._record(shelf, previous, tested), new=new)
        if shelf.current:
            removed, notes = self._pruned(shelf.name, root, folder, previous)
        else:
            removed, notes = (), ()  # one of those that are there may be what apps still use
        return self._result(
            shelf,
            folder,
            previous,
            sent=filled.sent,
            copied=filled.copied,
            selftest=tested,
            removed=removed,
            notes=(*notes, *([] if flushed else [UNFLUSHED])),
        )

    def _kept(self, shelf: Shelf, root: str) -> Installed:
        """It is current already; maybe what was to be removed then is still there."""
        removed, notes = self._pruned(shelf.name, root, shelf.current, shelf.previous)
        record = shelf.records.get(shelf.current)
        tested = record.selftest if record is not None else ""
        return self._result(
            shelf, shelf.current, shelf.previous, kept=True, selftest=tested, removed=removed, notes=notes
        )

    def _whole(self, shelf: Shelf, base: str) -> str:
        """A folder that holds this release as it should be; empty where there is none."""
        for folder in shelf.order:
            if _same(folder, base):
                contents = read_contents(self.device.wire, f"{shelf.path}/{folder}", self.unpacked.size)
                if not contents.fault(self.unpacked.files):
                    return folder
        return ""

    def _tested(self, shelf: Shelf, new: str, folder: str) -> str:
        if not self.options.selftest:
            return NOT_WANTED
        self.told("selftest")
        try:
            return run_selftest(self.device, self.store, f"{shelf.path}/{new or folder}", self.unpacked)
        except SelftestError:
            if new:
                discard(self.device.wire, shelf, new)
            raise

    def _record(self, shelf: Shelf, previous: str, tested: str) -> Record:
        verified = self.source.verified
        return Record(
            version=verified.version,
            target=self.unpacked.target,
            archive=self.unpacked.sha256,
            manifest=self.unpacked.files[MANIFEST_NAME].sha256,
            key=verified.key,
            signed=time_text(verified.signed) if verified.signed else "",
            installed=time_text(current_time()),
            number=shelf.next_number,
            previous=previous,
            selftest=tested,
        )

    def _pruned(
        self, name: str, root: str, current: str, previous: str
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Versions that were removed, and what is to be said where they could not be."""
        try:
            shelf = read_shelf(self.device.wire, root, name)
            older = [folder for folder in shelf.order if folder not in (current, previous)]
            gone = older[self.options.keep :]
            prune(self.device.wire, self.lock, shelf, gone)
        except DeviceError as error:
            return (), (f"older releases were not removed: {error.found}; the next install does it",)
        return tuple(shelf.version(folder) for folder in gone), ()

    def _result(self, shelf: Shelf, folder: str, previous: str, **more: Any) -> Installed:
        return Installed(
            shelf.name,
            self.source.verified.version,
            f"{shelf.path}/{folder}",
            f"{shelf.path}/{CURRENT}",
            shelf.version(previous) if previous else "",
            self.unpacked.target,
            **more,
        )


def _same(folder: str, base: str) -> bool:
    """Whether a folder is of the release of this name, be it the first or a later copy."""
    return folder == base or (folder.startswith(f"{base}.") and folder[len(base) + 1 :].isdigit())


def _free_name(shelf: Shelf, base: str) -> str:
    """A name for a release's folder: another one where a damaged copy has the usual one."""
    number = 2
    name = base
    while name in shelf.folders:
        name, number = f"{base}.{number}", number + 1
    return name
