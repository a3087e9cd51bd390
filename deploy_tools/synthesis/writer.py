"""A synthetic data set in a folder: whole, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from deploy_tools.conversion.workshop import put_in_place, workshop
from deploy_tools.synthesis.sheet import LINES, PAGES, lines_sheet, pages_sheet
from edge.errors import InputError
from slim.data.label_lines import detection_line, recognition_line
from slim.data.synthetic import LinePicture, PagePicture, SyntheticLines, SyntheticPages

LABELS: Final = "labels.txt"
SHEET: Final = "sheet.png"
MANIFEST: Final = "synthetic.json"
_IMAGES: Final = "images"
_QUALITY: Final = 95

T = TypeVar("T")


@dataclass(frozen=True)
class Written:
    """What is in the folder; also its manifest.

    Attributes:
        kind: ``lines`` or ``pages``.
        count: Pictures.
        boxes: Lines of text in them.
        seed: They were drawn with.
        dictionary: Name of the dictionary.
        missing: Its characters that no installed font has, so that they were never drawn.
        fonts: Families that were drawn with.
    """

    kind: str
    count: int
    boxes: int
    seed: int
    dictionary: str
    missing: str
    fonts: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def write_synthetic(
    items: SyntheticLines | SyntheticPages,
    place: Path,
    *,
    seed: int,
    dictionary: str,
    drawn: Callable[[], None],
) -> Written:
    """Draw all items into a folder: ``images/``, ``labels.txt``, ``sheet.png`` and ``synthetic.json``.

    Args:
        items: What to draw.
        place: The folder; an older data set of this command there is replaced whole.
        seed: Of the items, for the manifest.
        dictionary: Its name, likewise.
        drawn: Called after every picture.

    Raises:
        InputError: Something else is in the way, or the folder cannot be written.
    """
    try:
        check_place(place)
        with workshop(place) as shop:
            work = shop / "set"
            (work / _IMAGES).mkdir(parents=True)
            boxes = _fill(items, work, drawn)
            kind = "lines" if isinstance(items, SyntheticLines) else "pages"
            written = Written(kind, len(items), boxes, seed, dictionary, items.missing, items.families)
            text = json.dumps(written.to_json(), indent=2, ensure_ascii=False)
            (work / MANIFEST).write_text(text + "\n", encoding="utf-8")
            put_in_place(work, place)
    except OSError as error:
        raise InputError(
            f"-o {place}",
            f"cannot be written ({error.strerror or error})",
            "choose another folder, or free space there",
        ) from None
    return written


def check_place(place: Path) -> None:
    """Make sure that a data set may take a place.

    Raises:
        InputError: Something that is not a synthetic data set is there.
    """
    for above in place.parents:
        if above.exists() and not above.is_dir():
            raise InputError(f"-o {place}", f"is below {above}, which is a file", "name a new folder")
    if (place / MANIFEST).is_file() or not (place.exists() or place.is_symlink()):
        return
    if not place.is_dir() or any(place.iterdir()):
        raise InputError(
            f"-o {place}", "is in the way and is not a synthetic data set", "name a new folder, or move it"
        )


def _fill(items: SyntheticLines | SyntheticPages, work: Path, drawn: Callable[[], None]) -> int:
    """Write pictures, labels and sheet; how many lines of text there are."""
    boxes = 0
    with (work / LABELS).open("w", encoding="utf-8", newline="\n") as labels:
        if isinstance(items, SyntheticLines):
            first: list[LinePicture] = []
            for index, line in enumerate(items):
                name = f"{_IMAGES}/{index:06}.png"
                line.picture.save(work / name, compress_level=1)
                labels.write(recognition_line(name, line.text))
                boxes += 1
                _keep(first, line, LINES)
                drawn()
            sheet = lines_sheet(first)
        else:
            pages: list[PagePicture] = []
            for index, page in enumerate(items):
                name = f"{_IMAGES}/{index:06}.jpg"
                page.picture.save(work / name, quality=_QUALITY, subsampling=0)
                labels.write(detection_line(name, page.boxes))
                boxes += len(page.boxes)
                _keep(pages, page, PAGES)
                drawn()
            sheet = pages_sheet(pages)
    sheet.save(work / SHEET)
    return boxes


def _keep(first: list[T], item: T, count: int) -> None:
    if len(first) < count:
        first.append(item)
