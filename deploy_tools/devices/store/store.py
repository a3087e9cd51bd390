"""The store of a device, over any wire."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from deploy_tools.devices.store.asking import folder_argument, says_full
from deploy_tools.devices.store.cleaning import Cleaned, clean_store
from deploy_tools.devices.store.holder import Holder, default_owner
from deploy_tools.devices.store.host import this_host
from deploy_tools.devices.store.installing import check_names, items, make_folder, set_folder
from deploy_tools.devices.store.lock import DeviceLock, break_lock, hold, who_holds
from deploy_tools.devices.store.sending import LocalFile, send_lacking
from deploy_tools.devices.store.status import read_status
from deploy_tools.devices.wire.wire import Progress, Wire
from edge.errors import DeviceError


class DeviceStore:
    """Files on a device, by their content; folders made of them; and the lock that keeps hosts apart.

    Whoever pushes or runs something holds the lock meanwhile, so that nobody cleans what is in use. Pushing
    without it does no harm to others that push.

    Args:
        wire: Leads to the device.
        root: The store's folder there, absolute or relative to the home folder; None for the default.
        host: Who uses it: letters and digits; None for this user of this machine.
    """

    def __init__(self, wire: Wire, root: str | None, *, host: str | None = None) -> None:
        self._wire = wire
        self._host = host or this_host()
        self._folder = folder_argument(root)
        self._lock: DeviceLock | None = None

    def root(self) -> str:
        """Its absolute path there; made where it is not there. One round trip."""
        return read_status(self._wire, self._folder).root

    def free_bytes(self) -> int | None:
        """Room that is left there; None where the device does not tell. One round trip."""
        return read_status(self._wire, self._folder).free_bytes

    def push(self, files: Mapping[str, Path], progress: Progress | None = None) -> Mapping[str, str]:
        """Bring files to the device, those that it lacks; one round trip where it lacks none.

        A file there is trusted by its name, which is its SHA-256, and its size. What was cut before is gone
        on with, where what is there is its beginning.

        Args:
            files: Files of this host, by any names.
            progress: Called with the bytes that have arrived and those to be sent in all.

        Returns:
            Absolute paths there, by the same names. They are not to be written to.

        Raises:
            DeviceError: There is no room, the folder cannot be used, or the device or the link failed.
            InputError: A file cannot be read, or changes meanwhile.
        """
        local = {name: LocalFile.of(path) for name, path in files.items()}
        status = read_status(self._wire, self._folder)
        send_lacking(self._wire, status, local.values(), progress)
        return {name: f"{status.root}/objects/{file.digest}" for name, file in local.items()}

    def install(
        self,
        set_name: str,
        files: Mapping[str, Path],
        executable: Collection[str],
        progress: Progress | None = None,
    ) -> str:
        """Bring a set of files to the device, in a folder of its own; one round trip where it is there.

        Args:
            set_name: A label, for people who look at the device.
            files: Files of this host by their names there, which may have folders before them.
            executable: Those names that are programs.
            progress: As for `push`.

        Returns:
            Absolute path of the folder; its last part is what `clean` is told to keep.

        Raises:
            DeviceError: As for `push`, or programs cannot be run in the store's folder.
            InputError: As for `push`.
            ValueError: A name leads out of the folder.
        """
        check_names(files)
        local = {name: LocalFile.of(path) for name, path in files.items()}
        hashes = {name: file.digest for name, file in local.items()}
        folder = set_folder(set_name, hashes, executable)
        status = read_status(self._wire, self._folder, folder, items(files, executable), self._host)
        if status.installed:
            return f"{status.root}/runners/{folder}"
        send_lacking(self._wire, status, local.values(), progress)
        return make_folder(
            self._wire, status.root, folder, hashes, executable, host=self._host, replace=status.broken
        )

    @contextlib.contextmanager
    def lock(self, owner: str | None = None) -> Iterator[DeviceLock]:
        """Hold the device's lock during the block.

        It is given back when the block ends, this process does, however, or its host.

        Args:
            owner: Who we are, for others; None for the user's name.

        Raises:
            DeviceError: Somebody else holds it; the message says who, and since when.
        """
        with hold(self._wire, self._folder, owner or default_owner()) as lock:
            self._lock = lock
            try:
                yield lock
            finally:
                self._lock = None

    def holder(self) -> Holder | None:
        """Who holds the lock, or left it without giving it back; None where it is free. One round trip."""
        return who_holds(self._wire, self._folder)

    def unlock(self) -> Holder | None:
        """Take the lock away from whoever holds it; returns who that was. One round trip."""
        return break_lock(self._wire, self._folder, default_owner())

    def clean(self, keep: Collection[str] = (), *, dry_run: bool = False, all_hosts: bool = False) -> Cleaned:
        """Remove what is there: files, what has arrived of others, runners, and working folders of runs.

        The lock is held meanwhile, so nothing is removed that somebody uses. Runners stay that other hosts
        would use next time: of each kind the one they used last.

        Args:
            keep: What stays: SHA-256 of files, and names of folders that `install` made.
            dry_run: Only say what would be removed.
            all_hosts: Runners of other hosts too.

        Raises:
            DeviceError: Somebody else holds the lock, or something cannot be removed.
        """
        with contextlib.ExitStack() as held:
            if not dry_run and self._lock is None:
                try:
                    held.enter_context(self.lock())
                except DeviceError as error:
                    # there may not even be room for a lock
                    holder = self.holder() if says_full(error) else None
                    if not says_full(error) or (holder is not None and holder.alive):
                        raise
            host = None if all_hosts else self._host
            return clean_store(self._wire, self._folder, keep, host=host, dry_run=dry_run)
