"""The character set of a recognition model: its dictionary, blank and space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.errors import InputError
from edge.regular_file import regular_file_size

MAX_FILE: Final = 1 << 24
"""Bytes; all of Unicode, one character a line, has six million."""


@dataclass(frozen=True)
class CharacterSet:
    """The classes of a recognizer in the network's order.

    Attributes:
        classes: Class 0 is the CTC blank (an empty string here), then the dictionary's characters, then a
            space where the model has one.
    """

    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.classes)


def read_character_set(path: Path, *, use_space: bool, classes: int | None = None) -> CharacterSet:
    r"""Read a dictionary of PaddleOCR: one character a line, UTF-8.

    A line may hold more than one character: the trainer splits every line into characters, so ``p<TAB>`` (in
    the German, Kannada and Tamil dictionaries) is two classes. Some exports count such a line once; where the
    network's class count is known, it decides.

    Args:
        path: The dictionary.
        use_space: Whether a space class follows the dictionary.
        classes: Number of classes the network has, if known.

    Raises:
        InputError: The file cannot be read, is empty, or does not fit the number of classes.
    """

    def refuse(found: str) -> InputError:
        return InputError(path, found, "give a text file with one character a line")

    try:
        regular_file_size(path, refuse, MAX_FILE)
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(
            path, f"cannot be read ({error.strerror})", "pull the model again: its dictionary comes with it"
        ) from None
    except UnicodeDecodeError:
        raise InputError(path, "is not UTF-8 text", "give a dictionary with one character a line") from None
    lines = [line.rstrip("\r") for line in text.split("\n")]
    if lines and lines[-1] == "":
        lines.pop()
    if not any(lines):
        raise InputError(path, "is an empty dictionary", "give a dictionary with one character a line")
    space = (" ",) if use_space else ()
    split = ("", *(character for line in lines for character in line), *space)
    if classes is None or classes == len(split):
        return CharacterSet(split)
    whole = ("", *lines, *space)
    if classes == len(whole):
        return CharacterSet(whole)
    remedy = "use the dictionary the model was trained with"
    if use_space and classes in (len(split) - 1, len(whole) - 1):
        remedy += ", or say that it has no class for the space, without which this one fits (--no-space)"
    raise InputError(
        path,
        f"makes {len(split)} classes with blank{' and space' if use_space else ''}, the network {classes}",
        remedy,
    )


def character_set(characters: Sequence[str]) -> CharacterSet:
    """A set from characters in class order, without the blank, which is put in front."""
    return CharacterSet(("", *characters))
