"""Which image files a command reads, and where their drawn results go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deploy_tools.picture_file import check_suffix, write_picture
from deploy_tools.whole_file import check_replaces_none
from edge.errors import ImageError, InputError

if TYPE_CHECKING:
    from edge.ocr.result import PageResult

IMAGE_SUFFIXES: Final = frozenset(
    {
        *(".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"),
        *(".pbm", ".pgm", ".pnm", ".ppm", ".jp2", ".avif"),
    }
)


def expand_images(words: Sequence[str]) -> list[Path]:
    """The image files named by words; a folder stands for the images in it, sorted by name.

    Hidden files and folders inside it are passed over. Files named one by one are not looked at.

    Raises:
        InputError: Nothing is named.
        ImageError: A folder holds no image, or cannot be read.
    """
    if not words:
        raise InputError("IMAGE...", "no image is named", "name image files or folders")
    paths: list[Path] = []
    for word in words:
        path = Path(word)
        paths += _images_in(path) if _is_folder(path) else [path]
    return paths


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name too long, a closed folder above it: whoever opens it says so
        return False


def _images_in(folder: Path) -> list[Path]:
    try:
        inside = sorted(
            file
            for file in folder.iterdir()
            if file.suffix.lower() in IMAGE_SUFFIXES and not file.name.startswith(".") and not file.is_dir()
        )
    except OSError as error:
        raise ImageError(
            folder, f"cannot be read ({error.strerror})", "check the path and its permissions"
        ) from None
    if not inside:
        raise ImageError(
            folder, "is a folder without images", f"known are {', '.join(sorted(IMAGE_SUFFIXES))}"
        )
    return inside


@dataclass(frozen=True)
class PicturePlan:
    """Where drawn results go.

    Attributes:
        targets: Drawn file by image file; empty where nothing is to be drawn.
    """

    targets: Mapping[Path, Path]

    def draw(self, image: Path, page: PageResult) -> Path | None:
        """Draw one result to its file, if it has one, and return that file.

        Raises:
            InputError: The file cannot be written.
        """
        target = self.targets.get(image)
        if target is None:
            return None
        from deploy_tools.draw import draw_result
        from edge.ocr.image import load_image

        picture = draw_result(load_image(image).picture, page.lines, size=(page.width, page.height))
        write_picture("--draw", target, picture)
        return target


def plan_pictures(paths: Sequence[Path], out: Path | None) -> PicturePlan:
    """Decide where drawn results go: into ``out`` for one image, into the folder ``out`` for several.

    A name without a suffix is a folder's.

    Raises:
        InputError: Several images are to be drawn into one file, the file's suffix is not one of a picture,
            or a drawing would take the place of an image.
    """
    if out is None:
        return PicturePlan({})
    if not out.suffix and out.is_file():
        raise InputError(f"--draw {out}", "is a file", "name a folder, or a file that ends in .png")
    if _is_folder(out) or not out.suffix:
        targets = _in_folder(paths, out)
    elif len(set(paths)) > 1:
        raise InputError(f"--draw {out}", f"one file for {len(set(paths))} images", "name a folder")
    else:
        check_suffix("--draw", out)
        targets = {paths[0]: out}
    check_replaces_none("--draw", out, targets.values(), paths)
    return PicturePlan(targets)


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
