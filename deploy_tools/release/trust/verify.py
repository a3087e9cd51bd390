"""Verifying a release: that it is, to the last byte, what the owner of a trusted key signed."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from deploy_tools.release.trust.archive_check import is_archive
from deploy_tools.release.trust.held_file import held, list_files, small_file
from deploy_tools.release.trust.keys import PublicKey
from deploy_tools.release.trust.release_name import ReleaseName
from deploy_tools.release.trust.released import (
    LONGEST_MANIFEST,
    Packed,
    Released,
    ReleasedModel,
    read_released,
)
from deploy_tools.release.trust.signature import (
    LONGEST_SIGNATURE,
    SIGNATURE_NAME,
    Signature,
    read_signature,
    signing_key,
)
from deploy_tools.release.trust.sums import LONGEST_SUMS, SUMS_NAME, read_sums
from deploy_tools.release.trust.target_check import check_target
from deploy_tools.release.trust.times import current_time
from edge.bundle.manifest import MANIFEST_NAME
from edge.errors import InputError, ReleaseError

_REFUSED: Final = "do not use it: fetch the release again, from its maker"
Step = Callable[[str], None]


@dataclass(frozen=True)
class Verified:
    """What is known of a release, or of the part of it that was looked at.

    Attributes:
        folder: Where it is.
        name: Of the release.
        version: Of the release.
        key: The id of the key that signed it; empty where signatures were not looked at.
        signed: When; None where signatures were not looked at.
        expires: Until when the signature holds; None for ever.
        files: SHA-256 of every file that was looked at, by name.
        targets: For which archives were looked at.
        models: In those.
        allowed: What was let pass when it was made.
        whole: Whether the whole release was looked at.
    """

    folder: Path
    name: str
    version: str
    key: str
    signed: datetime | None
    expires: datetime | None
    files: Mapping[str, str]
    targets: tuple[str, ...]
    models: tuple[ReleasedModel, ...]
    allowed: tuple[str, ...]
    whole: bool

    @property
    def top(self) -> str:
        """``NAME-VERSION``: the name of the release's folder."""
        return ReleaseName(self.name, self.version).top


def verify_release(
    path: Path,
    keys: Sequence[PublicKey],
    *,
    only: Collection[str] = (),
    now: datetime | None = None,
    step: Step | None = None,
) -> Verified:
    """Verify a release, without network.

    The signature comes first; nothing that nobody signed is read any further. Then every file is compared
    with ``SHA256SUMS`` and with the manifest, and every archive is looked into without being unpacked.

    Args:
        path: Its folder; or one of its archives, beside ``SHA256SUMS`` and its signature.
        keys: The keys that are trusted.
        only: Files or targets; only these are looked at, others need not be there. All where empty.
        now: The time for which it is to hold; the clock's where None.
        step: Told the name of every file before it is looked at.

    Raises:
        ReleaseError: It is not what was signed, not signed by a trusted key, or not signed any more.
        InputError: There is nothing at this path, or ``only`` names nothing.
    """
    folder, names = _place(path, only)
    sums_bytes = small_file(folder, SUMS_NAME, LONGEST_SUMS)
    signature_path = folder / SIGNATURE_NAME
    if not os.path.lexists(signature_path):
        remedy = "sign it where it was made ('ppocr-edge package' with --key), or fetch it again"
        raise ReleaseError(signature_path, "is missing: the release was never signed, or lost it", remedy)
    try:
        signature = read_signature(small_file(folder, SIGNATURE_NAME, LONGEST_SIGNATURE))
        key = signing_key(signature, sums_bytes, keys, now or current_time())
    except ValueError as error:
        raise ReleaseError(signature_path, str(error), _REFUSED) from None
    return _check(folder, sums_bytes, names, step, signature=signature, key=key)


def verify_unsigned(folder: Path) -> Verified:
    """Everything that `verify_release` looks at but the signature: it fits together, nobody vouches for it.

    Args:
        folder: The release.

    Raises:
        ReleaseError: It does not fit together.
    """
    return check_contents(folder, small_file(folder, SUMS_NAME, LONGEST_SUMS))


def check_contents(folder: Path, sums: bytes) -> Verified:
    """The same as `verify_unsigned` by sums that were read already; before signing.

    Args:
        folder: The release.
        sums: The bytes of its ``SHA256SUMS``: those that are to be signed.

    Raises:
        ReleaseError: It does not fit together.
    """
    return _check(folder, sums, frozenset())


def _place(path: Path, only: Collection[str]) -> tuple[Path, frozenset[str]]:
    if path.is_dir():
        if not os.path.lexists(path / SUMS_NAME):
            inner = next(path.glob(f"*/{SUMS_NAME}"), None)
            remedy = f"give the folder of a release{f', such as {inner.parent}' if inner else ''}"
            raise ReleaseError(path, f"is no release: it has no {SUMS_NAME}", remedy)
        return path, frozenset(only)
    if not os.path.lexists(path):
        raise InputError(
            path, "no such file or folder", "give the folder of a release, or one of its archives"
        )
    if only:
        raise InputError("--only", "goes with the folder of a release", f"give {path.parent}")
    if not os.path.lexists(path.parent / SUMS_NAME):
        remedy = f"put {SUMS_NAME} and {SIGNATURE_NAME} of its release beside it"
        raise ReleaseError(path, f"has no {SUMS_NAME} beside it", remedy)
    return path.parent, frozenset([path.name])


def _check(
    folder: Path,
    sums_bytes: bytes,
    names: frozenset[str],
    step: Step | None = None,
    *,
    signature: Signature | None = None,
    key: PublicKey | None = None,
) -> Verified:
    try:
        sums = read_sums(sums_bytes)
        if {SUMS_NAME, SIGNATURE_NAME} & sums.keys():
            raise ValueError("lists itself or its signature")
        if MANIFEST_NAME not in sums:
            raise ValueError(f"does not list {MANIFEST_NAME}")
    except ValueError as error:
        raise ReleaseError(folder / SUMS_NAME, str(error), _REFUSED) from None
    chosen = _chosen(folder, sums, names)
    if not names:
        _check_listing(folder, sums)
    released = _released(folder, sums, needed=not names)
    packed = []
    for name in chosen:
        if step is not None:
            step(name)
        if name == MANIFEST_NAME and released is not None:
            continue  # read and compared above
        with held(folder, name) as copy:
            if copy.sha256 != sums[name]:
                raise ReleaseError(
                    folder / name, f"is not the file that {SUMS_NAME} lists: it was changed", _REFUSED
                )
            if released is not None and copy.size != released.files[name].size:
                found = f"has {copy.size} bytes, {MANIFEST_NAME} lists {released.files[name].size}"
                raise ReleaseError(folder / name, found, _REFUSED)
            if is_archive(name):
                packed.append(check_target(folder / name, copy, released))
    first = released or (packed[0] if packed else None)
    if first is None:
        raise InputError("--only", "names no archive", f"name one, or put {MANIFEST_NAME} beside it")
    models = frozenset(model for each in packed for model in each.models)
    if released is not None and not names:
        _check_whole(folder, released, packed, models)
    return Verified(
        folder,
        first.name,
        first.version,
        key.id if key else "",
        signature.signed if signature else None,
        signature.expires if signature else None,
        {name: sums[name] for name in chosen},
        tuple(each.target for each in packed),
        tuple(sorted(models)),
        released.allowed if released else (),
        whole=not names,
    )


def _chosen(folder: Path, sums: Mapping[str, str], names: frozenset[str]) -> list[str]:
    """Files to look at, the manifest first."""
    chosen = set() if names else set(sums)
    for wanted in sorted(names):
        endings = tuple(f"-{wanted}{suffix}" for suffix in (".tar.gz", "-assets.tar.gz", ".aar"))
        found = {name for name in sums if name == wanted or (is_archive(name) and name.endswith(endings))}
        if not found:
            archives = ", ".join(sorted(filter(is_archive, sums))) or "no archives"
            raise ReleaseError(folder / SUMS_NAME, f"lists no {wanted!r:.80}", f"it lists {archives}")
        chosen |= found
    if os.path.lexists(folder / MANIFEST_NAME):
        chosen.add(MANIFEST_NAME)
    return sorted(chosen, key=lambda name: (name != MANIFEST_NAME, name))


def _check_listing(folder: Path, sums: Mapping[str, str]) -> None:
    there = list_files(folder)
    for name in sorted(there - sums.keys() - {SUMS_NAME, SIGNATURE_NAME}):
        raise ReleaseError(folder / name, f"is not in {SUMS_NAME}: somebody added it", "remove it")
    for name in sorted(sums.keys() - there):
        raise ReleaseError(folder / name, f"is missing, {SUMS_NAME} lists it", "fetch the release again")


def _released(folder: Path, sums: Mapping[str, str], *, needed: bool) -> Released | None:
    """What the manifest says, once it is known to be the listed one; its list is the list of sums."""
    if not needed and not os.path.lexists(folder / MANIFEST_NAME):
        return None
    path = folder / MANIFEST_NAME
    with held(folder, MANIFEST_NAME) as copy:
        if copy.sha256 != sums[MANIFEST_NAME]:
            raise ReleaseError(path, f"is not the file that {SUMS_NAME} lists: it was changed", _REFUSED)
        if copy.size > LONGEST_MANIFEST:
            raise ReleaseError(path, f"has {copy.size} bytes, no manifest is that long", _REFUSED)
        try:
            released = read_released(copy.stream.read())
        except ValueError as error:
            raise ReleaseError(path, str(error), _REFUSED) from None
    said = {name: entry.sha256 for name, entry in released.files.items()}
    listed = {name: sha256 for name, sha256 in sums.items() if name != MANIFEST_NAME}
    for name in sorted(said.keys() | listed.keys()):
        if name not in listed:
            raise ReleaseError(path, f"lists {name!r:.80}, {SUMS_NAME} does not", _REFUSED)
        if name not in said:
            raise ReleaseError(path, f"does not list {name!r:.80}, {SUMS_NAME} does", _REFUSED)
        if said[name] != listed[name]:
            raise ReleaseError(path, f"and {SUMS_NAME} differ about {name!r:.80}", _REFUSED)
    return released


def _check_whole(
    folder: Path, released: Released, packed: Sequence[Packed], models: frozenset[ReleasedModel]
) -> None:
    """Nothing is left of what the manifest promises."""
    path = folder / MANIFEST_NAME
    lacking = sorted(released.models.keys() - models)
    if lacking:
        raise ReleaseError(path, f"names {lacking[0]}, which is in no archive", _REFUSED)
    found = {each.target for each in packed}
    for target in released.targets:
        if not any(_is_for(each, target) for each in found):
            raise ReleaseError(path, f"names target {target!r:.60}, for which no archive is there", _REFUSED)
    for each in sorted(found):
        if not any(_is_for(each, target) for target in released.targets):
            raise ReleaseError(
                path, f"does not name target {each!r:.60}, for which an archive is there", _REFUSED
            )


def _is_for(each: str, target: str) -> bool:
    """Whether an archive of a kind of its own, such as ``android-assets``, is for a target."""
    return each == target or each.startswith(f"{target}-")
