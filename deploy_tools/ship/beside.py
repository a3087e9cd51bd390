"""The release that is measured beside the new one: verified at the beginning, and its models taken out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy_tools.devices.scratch import scratch
from deploy_tools.release.contents.manifest import read_release_manifest
from deploy_tools.release.install.source import ReleaseSource, verify_folder
from deploy_tools.release.install.version_order import version_key
from deploy_tools.release.targets.chosen import TASKS
from deploy_tools.release.trust.held_file import small_file
from deploy_tools.release.trust.keys import PrivateKey
from deploy_tools.release.trust.signature import LONGEST_SIGNATURE, SIGNATURE_NAME, read_signature
from deploy_tools.release.trust.sums import SUMS_NAME
from deploy_tools.release.trust.verify import Verified, verify_release
from deploy_tools.ship.bundles import processors
from deploy_tools.ship.recipe import LAST
from deploy_tools.ship.reporter import Ended
from deploy_tools.ship.request import ShipRequest
from edge.bundle.bundle import Bundle, load_bundle
from edge.bundle.manifest import MANIFEST_NAME
from edge.errors import InputError, ReleaseError
from slim.pipeline.folders import Slot

_REMEDY: Final = "fetch that release again, name another one, or leave 'beside' out"


@dataclass(frozen=True)
class LastModels:
    """The models of a release that is measured again.

    Attributes:
        top: ``NAME-VERSION`` of the release.
        bundles: By task and kind of processor.
    """

    top: str
    bundles: Mapping[tuple[str, str], Bundle]

    def beside(self, new: Bundle) -> Bundle | None:
        """What does the work of a new model there; None where nothing does."""
        return self.bundles.get((new.manifest.task, new.nb.main_target))

    def has(self, new: Bundle) -> bool:
        """Whether a new model was in its place there already, byte for byte."""
        old = self.beside(new)
        return old is not None and old.nb.sha256 == new.nb.sha256

    def changed(self, new: Sequence[Bundle]) -> Iterator[Bundle]:
        """What is to be measured again: models that are not those in their place now."""
        for bundle in new:
            old = self.beside(bundle)
            if old is not None and not self.has(bundle):
                yield old


def verify_beside(request: ShipRequest) -> Verified | None:
    """The release that the recipe wants measured beside the new one, to the last byte what was released.

    Its signature is looked at where it is by the key that signs the new one, for the moment of signing: it
    may have expired since. One by another key must be a signature at least.

    Returns:
        What is known of it; None where none is wanted, or there is none before this one.

    Raises:
        InputError: It is not there, damaged, not what was signed, or has nothing in common with the new one.
    """
    folder = _folder(request)
    if folder is None:
        return None
    subject = f"measure.beside {folder}"
    if not folder.is_dir():
        raise InputError(subject, "is no folder", "name the folder of a release, or leave 'beside' out")
    try:
        verified = _verified(folder, request.key)
    except InputError as error:
        found = f"cannot be measured: {error.subject}: {error.found}"
        raise InputError(subject, found, _REMEDY) from None
    _check_common(subject, verified, request)
    return verified


def _folder(request: ShipRequest) -> Path | None:
    beside = request.recipe.measuring.beside
    return _newest_before(request) if beside == LAST else beside


def _newest_before(request: ShipRequest) -> Path | None:
    """Of the releases in the output folder that have the name of this one, the newest that is older."""
    name, now = request.recipe.name, version_key(request.recipe.version)
    older = {}
    for folder in sorted(request.out.glob(f"{name}-*")):
        version = _version(folder, name) if (folder / SUMS_NAME).exists() else None
        if version is not None and version_key(version) < now:
            older[folder] = version_key(version)
    return max(older, key=lambda folder: older[folder], default=None)


def _version(folder: Path, name: str) -> str | None:
    """Of a release; None where it is of another name."""
    try:
        manifest = read_release_manifest(folder)
    except ReleaseError:  # verifying it tells more
        return folder.name.removeprefix(f"{name}-")
    return manifest.version if manifest.name == name else None


def _verified(folder: Path, key: PrivateKey | None) -> Verified:
    if not (folder / SIGNATURE_NAME).exists():
        return verify_folder(folder)
    try:
        signature = read_signature(small_file(folder, SIGNATURE_NAME, LONGEST_SIGNATURE))
    except ValueError as error:
        raise ReleaseError(folder / SIGNATURE_NAME, str(error)) from None
    if key is not None and signature.key == key.public.id:
        return verify_release(folder, [key.public], now=signature.signed)
    return verify_folder(folder)


def _check_common(subject: str, verified: Verified, request: ShipRequest) -> None:
    """Make sure that some model of it does the work of one of the new release, on the same processors."""
    source = ReleaseSource(verified, request.work)
    wanted = processors(request.recipe)
    if not any(map(source.target_for, wanted)):
        there = ", ".join(source.targets) or "no system that models are measured on"
        raise InputError(subject, f"is for {there}, and has no models for {', '.join(wanted)}", _REMEDY)
    tasks = [model.task for model in request.recipe.models]
    others = sorted({model.task for model in verified.models})
    if not set(others) & set(tasks):
        found = f"has models for {', '.join(others)}, and none for {', '.join(tasks)}"
        raise InputError(subject, found, _REMEDY)


def unpack(verified: Verified, request: ShipRequest) -> tuple[LastModels, Ended]:
    """Take the models of a release out of its archives, into the folder of work; or keep them there.

    Args:
        verified: The release.
        request: Says for which processors there will be new ones.

    Raises:
        ReleaseError: It is not any more what was verified.
        BundleError: A model of it cannot be used by this version.
    """
    bundles: dict[tuple[str, str], Bundle] = {}
    all_kept = True
    with scratch() as place:
        source = ReleaseSource(verified, place)
        for processor in processors(request.recipe):
            target = source.target_for(processor)
            if target is None:
                continue
            slot = Slot(request.work / "beside" / processor)
            inputs = {"release": verified.top, "target": target, "files": dict(verified.files)}
            kept = slot.record(inputs) is not None
            if not kept:
                with slot.making(inputs) as folder:
                    _copy_models(source.unpacked(target).folder, folder)
            all_kept = all_kept and kept
            there = [task for task in TASKS if (slot.content / task).is_dir()]
            bundles |= {(task, processor): load_bundle(slot.content / task) for task in there}
    tasks = dict.fromkeys(task for task, _ in bundles)
    return LastModels(verified.top, bundles), Ended(", ".join(tasks), all_kept)


def _copy_models(unpacked: Path, folder: Path) -> None:
    """Copy the bundles of an unpacked archive, each as a folder with the name of its task."""
    for manifest in unpacked.glob(f"**/models/*/{MANIFEST_NAME}"):
        shutil.copytree(manifest.parent, folder / manifest.parent.name)
