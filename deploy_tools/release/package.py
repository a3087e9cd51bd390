"""Making a release, and making it again to see whether it is the same."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from deploy_tools.conversion.workshop import put_in_place, workshop
from deploy_tools.release.building import build_release
from deploy_tools.release.comparing import Difference, compare_releases
from deploy_tools.release.gathering import Gathered
from deploy_tools.release.trust.held_file import small_file
from deploy_tools.release.trust.keys import PrivateKey
from deploy_tools.release.trust.signature import (
    LONGEST_SIGNATURE,
    SIGNATURE_NAME,
    Signature,
    read_signature,
)
from deploy_tools.release.trust.sums import SUMS_NAME
from edge.bundle.manifest import MANIFEST_NAME
from edge.errors import ReleaseError

Told = Callable[[str], None]
_ELSEWHERE: Final = "choose another -o folder, or free space there"


@dataclass(frozen=True)
class Written:
    """A release that is there now.

    Attributes:
        folder: Where.
        kept: Whether it was there already, the same.
        signature: Its own; None where it has none.
    """

    folder: Path
    kept: bool
    signature: Signature | None

    @property
    def signed(self) -> bool:
        """Whether it has a signature."""
        return self.signature is not None


def release_folder(gathered: Gathered, parent: Path) -> Path:
    """Where a release goes: ``PARENT/NAME-VERSION``."""
    return parent / gathered.label.top


def write_release(
    gathered: Gathered,
    parent: Path,
    *,
    key: PrivateKey | None = None,
    expires: datetime | None = None,
    again: bool = False,
    told: Told = lambda _: None,
) -> Written:
    """Write a release whole, or leave everything as it was.

    The same release that is there already is kept, with its signature, whoever made that; it gets one where
    it has none, or where it is to be made again.

    Args:
        gathered: What it is made of.
        parent: The folder that gets its folder; made if missing.
        key: To sign it with; None leaves it unsigned.
        expires: Until when its signature shall hold; for ever where None.
        again: Replace a release of the same name and version that is another one, or its signature.
        told: Called with what is being written.

    Raises:
        ReleaseError: Something else is in the way, or it cannot be written.
        InputError: The key has expired, or the signature would at once.
    """
    folder = release_folder(gathered, parent)
    _check_place(folder)
    try:
        with workshop(folder) as shop:
            new = shop / "release"
            build_release(gathered, new, told)
            there = folder.exists() and any(folder.iterdir())
            differences = compare_releases(new, folder) if there else []
            if differences and not again:
                raise ReleaseError(
                    folder,
                    f"is there already, and another one: {differences[0]}",
                    "choose another --version, or add --again to replace it",
                )
            kept = there and not differences and (key is None or not again)
            if kept:
                new = folder
            if key is not None and not (new / SIGNATURE_NAME).exists():
                from deploy_tools.release.trust.sign import sign_release

                told(SIGNATURE_NAME)
                sign_release(new, key, expires=expires)
            signature = _signature(new, folder)
            if not kept:
                put_in_place(new, folder)
    except OSError as error:
        raise ReleaseError(folder, f"cannot be written ({error.strerror or error})", _ELSEWHERE) from None
    return Written(folder, kept, signature)


def _signature(release: Path, place: Path) -> Signature | None:
    """That of a release; told of at its place."""
    if not (release / SIGNATURE_NAME).exists():
        return None
    try:
        return read_signature(small_file(release, SIGNATURE_NAME, LONGEST_SIGNATURE))
    except ValueError as error:
        remedy = "add --again and --key to sign it anew"
        raise ReleaseError(place / SIGNATURE_NAME, f"is damaged ({error})", remedy) from None


def check_release(gathered: Gathered, parent: Path, told: Told = lambda _: None) -> list[Difference]:
    """Make a release again, elsewhere, and compare; signatures are not looked at.

    Raises:
        ReleaseError: There is no such release, or no room to make it again.
    """
    folder = release_folder(gathered, parent)
    if not (folder / MANIFEST_NAME).is_file():
        raise ReleaseError(folder, "is no release to check", "make it without --check first")
    try:
        with tempfile.TemporaryDirectory(prefix="ppocr-edge-") as temporary:
            new = Path(temporary) / "release"
            build_release(gathered, new, told)
            return compare_releases(new, folder)
    except OSError as error:
        raise ReleaseError(
            folder, f"cannot be made again ({error.strerror or error})", "free space"
        ) from None


def _check_place(folder: Path) -> None:
    """Releases and empty folders may be replaced, and nothing else."""
    if not os.path.lexists(folder):
        return
    ours = folder.is_dir() and not folder.is_symlink()
    if ours and any(folder.iterdir()):
        ours = all((folder / name).is_file() for name in (MANIFEST_NAME, SUMS_NAME))
    if not ours:
        raise ReleaseError(folder, "is in the way and is no release", "move it, or choose another -o folder")
