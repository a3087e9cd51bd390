"""Character dictionaries: reading them as the trainer did, and checking them against the zoo's facts."""

from __future__ import annotations

import hashlib
from pathlib import Path

from edge.errors import SourceError
from slim.zoo.entry import Dictionary, Entry


def characters(content: bytes) -> tuple[str, ...]:
    r"""The characters of a dictionary, in the order of the network's classes.

    As in PaddleOCR's trainer, line ends are dropped and what remains is taken character by character: the
    line ``p<TAB>`` of the German, Kannada and Tamil dictionaries stands for two classes.

    Args:
        content: The file's bytes, UTF-8; lines end in ``\n`` or ``\r\n``.

    Raises:
        UnicodeDecodeError: Not UTF-8.
    """
    return tuple("".join(line.rstrip("\r") for line in content.decode("utf-8").split("\n")))


def class_count(content: bytes, use_space_char: bool) -> int:
    """Classes of a CTC network with this dictionary: blank, characters, and the space where it has a class.

    Args:
        content: The file's bytes.
        use_space_char: Whether a class for the space follows the dictionary's.
    """
    return 1 + len(characters(content)) + int(use_space_char)


def check_dictionary(path: Path, entry: Entry, origin: str) -> None:
    """Refuse a file that is not the dictionary its model was trained with.

    Args:
        path: The file.
        entry: A model with a dictionary.
        origin: Where the file came from, for the message.

    Raises:
        SourceError: Its hash is not that of the published file.
    """
    dictionary = entry.dictionary
    assert dictionary is not None  # noqa: S101  (callers ask only for models that have one)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() == dictionary.sha256:
        return
    raise SourceError(origin, _difference(content, dictionary), f"the published one is {dictionary.address}")


def _difference(content: bytes, dictionary: Dictionary) -> str:
    try:
        count = len(characters(content))
    except UnicodeDecodeError:
        return f"no text, so not the dictionary {dictionary.name}"
    if count != dictionary.characters:
        return f"{count} characters, where {dictionary.name} has {dictionary.characters}"
    return f"not the published {dictionary.name}: its hash differs"
