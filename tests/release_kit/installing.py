"""Releases to install, a device that gets them, and a look from outside at what it has then."""

from __future__ import annotations

import functools
import hashlib
import tarfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy_tools.devices.inventory.entry import DeviceEntry, HostAddress
from deploy_tools.devices.remote.device import RemoteDevice
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.host import HostWire
from deploy_tools.devices.wire.wire import Wire
from deploy_tools.release.install.install import install_release
from deploy_tools.release.install.outcome import Installed, InstallOptions
from deploy_tools.release.install.rollback import roll_back
from deploy_tools.release.install.source import open_release
from deploy_tools.release.trust.keys import PublicKey
from tests.release_kit.made_bundles import changed, with_model
from tests.release_kit.made_release import made_key

NAME = "made"
TARGET = "linux-x86_64"
VERSIONS = ("1.0", "1.1", "1.2")
KEY = made_key()
QUICK = InstallOptions(selftest=False)


@dataclass(frozen=True)
class Releases:
    """Releases of one name, each with a model of its own.

    Attributes:
        folder: That has them all.
    """

    folder: Path

    @property
    def key(self) -> PublicKey:
        """That all are signed with."""
        return KEY.public

    @property
    def key_line(self) -> str:
        """The same as the command line takes it."""
        return KEY.public.line()

    def path(self, version: str) -> Path:
        """Folder of a release."""
        return self.folder / f"{NAME}-{version}"

    def files(self, version: str, target: str = TARGET) -> dict[str, str]:
        """SHA-256 of everything in an archive, by its name below the top folder."""
        return _files(self.path(version) / f"{NAME}-{version}-{target}.tar.gz", f"{NAME}-{version}/")

    def size(self, version: str) -> int:
        """Bytes of everything in an archive."""
        with tarfile.open(self.path(version) / f"{NAME}-{version}-{TARGET}.tar.gz") as archive:
            return sum(member.size for member in archive)


@functools.cache
def _files(path: Path, top: str) -> dict[str, str]:
    with tarfile.open(path) as archive:
        streams = {member.name.removeprefix(top): archive.extractfile(member) for member in archive}
        return {name: hashlib.sha256(stream.read()).hexdigest() for name, stream in streams.items() if stream}


def make_releases(bundles: Mapping[str, Path], folder: Path) -> Releases:
    """Signed releases of bundles that passed: `VERSIONS`, the first of them for more than this host.

    Args:
        bundles: By the first part of their target: ``x86``, and ``arm`` where there is to be more.
        folder: Gets them.
    """
    from deploy_tools.release.gathering import gather
    from deploy_tools.release.package import write_release
    from deploy_tools.release.request import PackageRequest

    for number, version in enumerate(VERSIONS):
        made = []
        for target, bundle in bundles.items() if number == 0 else [("x86", bundles["x86"])]:
            content = bytearray((bundle / "model.nb").read_bytes())
            content[-100] ^= number  # one weight, a little
            named = changed(bundle, folder / f"{target} {version} named", name=f"the {NAME} of '{version}'")
            made.append(with_model(named, folder / f"{target} {version}", bytes(content)))
        more = ("linux-arm64", "android") if number == 0 and "arm" in bundles else ()
        request = PackageRequest(made, (TARGET, *more), NAME, version)
        write_release(gather(request), folder, key=KEY)
    return Releases(folder)


@dataclass
class Place:
    """A device that gets releases.

    Attributes:
        releases: There are.
        home: Its home folder, as it is seen from here.
        open_wire: Leads to it.
        entry: What is known of it.
        root: Its folder, as it is seen from here.
    """

    releases: Releases
    home: Path
    open_wire: Callable[[], Wire]
    entry: DeviceEntry = field(default_factory=lambda: DeviceEntry("pi4", HostAddress()))
    root: Path = Path()

    def __post_init__(self) -> None:
        if self.root == Path():
            self.root = self.home / ".ppocr-edge"

    @property
    def shelf(self) -> Path:
        """Where its releases are."""
        return self.root / "releases" / NAME

    def device(self) -> RemoteDevice:
        """The device, with a wire of its own; the caller closes it."""
        wire = self.open_wire()
        return RemoteDevice(self.entry, wire, DeviceStore(wire, self.entry.folder))

    def install(self, version: str, options: InstallOptions = QUICK, **more: Any) -> Installed:
        """Install one of the releases."""
        return self.install_path(self.releases.path(version), options, **more)

    def install_path(self, path: Path, options: InstallOptions = QUICK, **more: Any) -> Installed:
        """Install a release."""
        keys = () if "unsigned" in options.allow else (self.releases.key,)
        with open_release(path, keys) as source:
            device = self.device()
            try:
                return install_release(device, source, options, **more)
            finally:
                device.close()

    def roll_back(self, name: str = "") -> Installed:
        """Go back."""
        device = self.device()
        try:
            return roll_back(device, name)
        finally:
            device.close()

    def version(self) -> str:
        """The version that is current, which is whole: every file as the release has it, and no other.

        Raises:
            AssertionError: It is a mixture, or nothing.
        """
        resolved = (self.shelf / "current").resolve(strict=True)
        assert resolved.parent == self.shelf.resolve()
        return self.version_of(resolved)

    def version_of(self, folder: Path) -> str:
        """The version whose files a folder holds, all of them and no other."""
        found = {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if not path.is_dir()
        }
        versions = [version for version in VERSIONS if self.releases.files(version) == found]
        assert len(versions) == 1, f"{folder} is of no release: {sorted(found)}"
        return versions[0]

    def left(self) -> list[str]:
        """What an interruption left; the next installation removes it."""
        names = [path.name for path in self.shelf.iterdir()] if self.shelf.exists() else []
        with suppress(OSError):
            names += [f".records/{path.name}" for path in (self.shelf / ".records").iterdir()]
        versions = [path.name for path in self.shelf.glob("[!.]*") if path.is_dir() and not path.is_symlink()]
        known = {"current", ".records", *versions, *(f".records/{name}" for name in versions)}
        return sorted(set(names) - known)


def host_place(releases: Releases, home: Path) -> Place:
    """This host as a device.

    Args:
        releases: There are.
        home: Its home folder; made.
    """
    home.mkdir(parents=True, exist_ok=True)
    return Place(releases, home, lambda: HostWire("pi4", home))
