"""Data that a recipe renders: drawn once, picture by picture, and kept beside the states."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from PIL import Image

from slim.data.labels import read_detection_labels, read_recognition_labels
from slim.data.synthetic import LinePicture, PagePicture, SyntheticLines, SyntheticPages
from slim.pipeline.data import DataSet
from slim.pipeline.folders import Slot
from slim.pipeline.step import Progress
from slim.pipeline.user_data import data_set
from slim.recipes.recipe import SyntheticSource
from slim.zoo.entry import Task

LABELS: Final = "labels.txt"
_SUFFIX: Final = {"pages": ".jpg", "lines": ".png"}
_REVISION: Final = 1
"""Raised when the renderer begins to draw other pictures."""


def rendered_inputs(
    source: SyntheticSource, role: str, characters: str, count: int, versions: Mapping[str, str]
) -> dict[str, Any]:
    """Everything that rendered pictures depend on, besides the installed fonts.

    Args:
        source: What the recipe asks for.
        role: ``train`` or ``evaluate``, which never see the same pictures.
        characters: What is set.
        count: How many pictures.
        versions: Of what draws them.
    """
    seed = hashlib.sha256(f"{role}/{source.name}/{source.seed}".encode()).digest()
    return {
        "what": source.what,
        "count": count,
        "seed": int.from_bytes(seed[:4], "big") >> 1,
        "characters": hashlib.sha256(characters.encode()).hexdigest(),
        "revision": _REVISION,
        "pillow": versions["pillow"],
        "numpy": versions["numpy"],
    }


def render(
    slot: Slot,
    source: SyntheticSource,
    task: Task,
    characters: str,
    inputs: Mapping[str, Any],
    progress: Progress,
) -> DataSet:
    """Draw what is not drawn yet.

    Args:
        slot: Where to.
        source: What the recipe asks for.
        task: What the model is for.
        characters: What is set.
        inputs: As from :func:`rendered_inputs`.
        progress: Called after every picture.

    Raises:
        InputError: The installed fonts do not cover the characters.
    """
    if slot.record(inputs) is None:
        count, seed = inputs["count"], inputs["seed"]
        items: SyntheticPages | SyntheticLines
        if source.what == "pages":
            items = SyntheticPages(characters, count=count, seed=seed)
        else:
            items = SyntheticLines(characters, count=count, seed=seed)
        with slot.making(inputs) as folder:
            rows = []
            for index in range(count):
                rows.append(_row(items, index, slot.work / f"{index:06}{_SUFFIX[source.what]}"))
                progress(index + 1, count, source.name)
            for image in slot.work.glob(f"*{_SUFFIX[source.what]}"):
                _share(image, folder / image.name)
            (folder / LABELS).write_text("".join(rows), encoding="utf-8")
    labels = slot.content.absolute() / LABELS
    quiet: Progress = lambda *_: None  # noqa: E731
    if task is Task.DETECTION:
        return data_set(source.name, read_detection_labels(labels), (), quiet, labelled=True, synthetic=True)
    return data_set(source.name, (), read_recognition_labels(labels), quiet, labelled=True, synthetic=True)


def _row(items: SyntheticPages | SyntheticLines, index: int, image: Path) -> str:
    """The line of the label file for a picture, which is drawn if it is not there yet."""
    label = image.with_suffix(".txt")
    if not label.is_file():
        item = items[index]
        _save(item.picture, image)
        unfinished = label.with_suffix(".part")
        unfinished.write_text(f"{image.name}\t{_label(item)}\n", encoding="utf-8")
        unfinished.rename(label)
    return label.read_text(encoding="utf-8")


def _label(item: PagePicture | LinePicture) -> str:
    if isinstance(item, LinePicture):
        return item.text
    boxes = [
        {"transcription": box.text, "points": [[round(x, 1), round(y, 1)] for x, y in box.quad.tolist()]}
        for box in item.boxes
    ]
    return json.dumps(boxes, ensure_ascii=False)


def _save(picture: Image.Image, path: Path) -> None:
    unfinished = path.with_suffix(".part")
    if path.suffix == ".png":
        picture.save(unfinished, format="PNG", compress_level=1)
    else:
        picture.save(unfinished, format="JPEG", quality=95, subsampling=0)
    unfinished.rename(path)


def _share(image: Path, target: Path) -> None:
    """Give a file a second name: after a kill the first is still there to go on with."""
    try:
        os.link(image, target)
    except OSError:  # a file system without links
        shutil.copyfile(image, target)
