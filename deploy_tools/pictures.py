"""Which image files a command reads, and where their drawn results go."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.errors import ImageError, InputError

if TYPE_CHECKING:
    from edge.ocr.result import PageResult

IMAGE_SUFFIXES: Final = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm", ".jp2"}
)
DRAWN_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp"})


def expand_images(words: Sequence[str]) -> list[Path]:
    """The image files named by words; a folder stands for the images in it, sorted by name.

    Raises:
        InputError: Nothing is named.
        ImageError: A folder holds no image.
    """
    if not words:
        raise InputError("IMAGE...", "no image is named", "name image files or folders")
    paths: list[Path] = []
    for word in words:
        path = Path(word)
        if not path.is_dir():
            paths.append(path)
            continue
        inside = sorted(file for file in path.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES)
        if not inside:
            raise ImageError(
                path, "is a folder without images", f"known are {', '.join(sorted(IMAGE_SUFFIXES))}"
            )
        paths += inside
    return paths


@dataclass(frozen=True)
class PicturePlan:
    """Where drawn results go.

    Attributes:
        targets: Drawn file by image file; empty where nothing is to be drawn.
    """

    targets: Mapping[Path, Path]

    def draw(self, image: Path, page: PageResult) -> None:
        """Draw one result to its file, if it has one.

        Raises:
            InputError: The file cannot be written.
        """
        target = self.targets.get(image)
        if target is None:
            return
        from deploy_tools.draw import draw_result
        from edge.ocr.image import load_image

        picture = draw_result(load_image(image).picture, page.lines, size=(page.width, page.height))
        unfinished = target.with_name(f".{target.name}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            picture.save(
                unfinished, format="JPEG" if target.suffix.lower() in (".jpg", ".jpeg") else target.suffix[1:]
            )
            os.replace(unfinished, target)  # noqa: PTH105
        except OSError as error:
            with contextlib.suppress(OSError):
                unfinished.unlink()
            raise InputError(
                f"--draw {target}", f"cannot be written ({error.strerror})", "choose another place"
            ) from None


def plan_pictures(paths: Sequence[Path], out: Path | None) -> PicturePlan:
    """Decide where drawn results go: into ``out`` for one image, into the folder ``out`` for several.

    Raises:
        InputError: Several images are to be drawn into one file, or the file has no suffix of a picture.
    """
    if out is None:
        return PicturePlan({})
    is_folder = out.is_dir() or (not out.suffix and len(paths) > 1) or str(out).endswith(os.sep)
    if is_folder:
        return PicturePlan(_in_folder(paths, out))
    if len(set(paths)) > 1:
        raise InputError(f"--draw {out}", f"one file for {len(paths)} images", "name a folder")
    if out.suffix.lower() not in DRAWN_SUFFIXES:
        raise InputError(
            f"--draw {out}", f"has suffix {out.suffix!r}", f"end it in {', '.join(sorted(DRAWN_SUFFIXES))}"
        )
    return PicturePlan({paths[0]: out})


def _in_folder(paths: Sequence[Path], folder: Path) -> dict[Path, Path]:
    """A file name of its own for every image, also where folders hold images of the same name."""
    targets: dict[Path, Path] = {}
    taken: set[str] = set()
    for path in paths:
        if path in targets:
            continue
        name, number = path.stem, 1
        while name in taken:
            number += 1
            name = f"{path.stem}-{number}"
        taken.add(name)
        targets[path] = folder / f"{name}.png"
    return targets
