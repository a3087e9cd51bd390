"""The release that is to be installed: verified first, then unpacked here for every kind of device."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy_tools.devices.scratch import scratch
from deploy_tools.release.targets.android import ASSETS_TARGET
from deploy_tools.release.targets.target import TARGETS
from deploy_tools.release.trust.extract import safe_extract
from deploy_tools.release.trust.keys import PublicKey
from deploy_tools.release.trust.release_name import ReleaseName
from deploy_tools.release.trust.released import read_packed
from deploy_tools.release.trust.sums import SUMS_NAME
from deploy_tools.release.trust.verify import Verified, verify_release, verify_unsigned
from edge.bundle.manifest import MANIFEST_NAME, FileEntry
from edge.errors import DeviceError, InputError
from edge.hashing import sha256_of

_ENDING: Final = ".tar.gz"
INSTALLABLE: Final = (*(name for name, target in TARGETS.items() if target.build), ASSETS_TARGET)
"""Targets whose archives are installed; an AAR is for building apps."""
_DIGITS: Final = 12


@dataclass(frozen=True)
class InstalledFile(FileEntry):
    """A file as it is to be on a device.

    Attributes:
        executable: Whether it is a program.
    """

    executable: bool


@dataclass(frozen=True)
class Unpacked:
    """An archive of the release, unpacked on this host.

    Attributes:
        target: It is for.
        processor: What its models are for: ``arm`` or ``x86``.
        sha256: Of the archive.
        folder: What was its top folder.
        files: In it, by name.
    """

    target: str
    processor: str
    sha256: str
    folder: Path
    files: Mapping[str, InstalledFile]

    @property
    def size(self) -> int:
        """Of all files, in bytes."""
        return sum(file.size for file in self.files.values())


class ReleaseSource:
    """A release that was verified; made by `open_release`.

    Args:
        verified: What is known of it.
        place: Folder of this host to unpack in.

    Attributes:
        verified: What is known of it.
    """

    def __init__(self, verified: Verified, place: Path) -> None:
        self.verified = verified
        self._place = place
        self._turn = threading.Lock()
        self._unpacked: dict[str, Unpacked] = {}
        name = ReleaseName(verified.name, verified.version)
        archives = {target: f"{name.archive(target)}{_ENDING}" for target in INSTALLABLE}
        self._archives = {target: file for target, file in archives.items() if file in verified.files}

    @property
    def targets(self) -> Sequence[str]:
        """For which there are archives that can be installed."""
        return tuple(self._archives)

    def target_for(self, processor: str) -> str | None:
        """A target whose models are for a kind of processor; None where there is none.

        Args:
            processor: ``arm`` or ``x86``; all archives for one have the same models.
        """
        return next((target for target in self._archives if _processor(target) == processor), None)

    def folder_name(self, unpacked: Unpacked) -> str:
        """Of the folder on a device: the version, and what tells it from others that call themselves so."""
        return f"{self.verified.version}-{unpacked.sha256[:_DIGITS]}"

    def choose(self, device: str, abi: str) -> str:
        """The target of this release for a device.

        Args:
            device: Its name, for messages.
            abi: What it is, such as ``linux-arm64`` or ``android-armv7``.

        Raises:
            DeviceError: There is none.
        """
        wanted = ASSETS_TARGET if abi.startswith("android-") else abi
        processor = "arm" if abi.partition("-")[2].startswith("arm") else "x86"
        if wanted in self._archives and processor == _processor(wanted):
            return wanted
        there = ", ".join(self._archives) or "nothing that can be installed"
        raise DeviceError(
            device,
            f"is {abi}, the release {self.verified.name} {self.verified.version} has {there}",
            f"package it for that too: ppocr-edge package --target {wanted.partition('-assets')[0]}"
            if wanted in INSTALLABLE and processor == _processor(wanted)
            else f"releases are made for {', '.join(TARGETS)}, Android's with models for ARM",
        )

    def unpacked(self, target: str) -> Unpacked:
        """The archive of a target; unpacked once, for all devices that ask.

        Raises:
            ReleaseError: The archive is not any more what was verified.
        """
        with self._turn:
            if target not in self._unpacked:
                self._unpacked[target] = self._unpack(target)
            return self._unpacked[target]

    def _unpack(self, target: str) -> Unpacked:
        archive = self.verified.folder / self._archives[target]
        sha256 = self.verified.files[archive.name]
        parent = self._place / target
        safe_extract(archive, parent, sha256=sha256)
        top = parent / self.verified.top
        manifest = top / MANIFEST_NAME
        listed = read_packed(manifest.read_bytes()).files
        own = FileEntry(sha256_of(manifest), manifest.stat().st_size)
        files = {
            name: InstalledFile(entry.sha256, entry.size, bool((top / name).stat().st_mode & stat.S_IXUSR))
            for name, entry in {**listed, MANIFEST_NAME: own}.items()
        }
        return Unpacked(target, _processor(target), sha256, top, files)


@contextmanager
def open_release(
    path: Path, keys: Sequence[PublicKey], *, step: Callable[[str], None] | None = None
) -> Iterator[ReleaseSource]:
    """Verify a release; what is unpacked of it is there during the block.

    Args:
        path: Its folder, or one of its archives beside ``SHA256SUMS`` and the signature.
        keys: The keys that are trusted; none: nobody vouches for it, and it fits together.
        step: Told what is looked at.

    Raises:
        ReleaseError: It is not what was signed.
        InputError: There is none, or nothing in it can be installed.
    """
    verified = verify_release(path, keys, step=step) if keys else verify_folder(path)
    with scratch() as place:
        source = ReleaseSource(verified, place)
        if not source.targets:
            raise InputError(
                path,
                "holds nothing that can be installed on a device",
                f"installed are archives for {', '.join(INSTALLABLE)}",
            )
        yield source


def verify_folder(path: Path) -> Verified:
    """Verify a whole release, but not who signed it.

    Raises:
        ReleaseError: It does not fit together.
        InputError: There is none.
    """
    if not path.is_dir():
        raise InputError(path, "is no folder", "without a key, give the folder of a whole release")
    if not os.path.lexists(path / SUMS_NAME):
        raise InputError(path, f"is no release: it has no {SUMS_NAME}", "give the folder of a release")
    return verify_unsigned(path)


def _processor(target: str) -> str:
    return "arm" if target == ASSETS_TARGET else TARGETS[target].processor
