"""The characters that rendered text is set in."""

from __future__ import annotations

from pathlib import Path

from edge.errors import SourceError
from edge.hashing import sha256_of
from slim.zoo.catalog import load_catalog
from slim.zoo.dictionaries import characters
from slim.zoo.entry import Dictionary
from slim.zoo.progress import Silent
from slim.zoo.sources import default_sources

DEFAULT: str = "ppocr_keys_v1.txt"
"""For models without a dictionary: Chinese, Latin letters and digits."""


def characters_of(path: Path, *, use_space: bool) -> str:
    """The characters of a dictionary's file, with the space where the recognizer has a class for it."""
    found = characters(path.read_bytes())
    return "".join((*found, " ") if use_space and " " not in found else found)


def fetch_dictionary(name: str, folder: Path) -> Path:
    """A published dictionary, kept in a folder.

    Args:
        name: File name of a dictionary of the zoo.
        folder: Where it is, or is put.

    Raises:
        SourceError: No source has it.
    """
    entries = load_catalog().values()
    wanted = next(e.dictionary for e in entries if e.dictionary is not None and e.dictionary.name == name)
    target = folder / name
    if target.is_file() and sha256_of(target) == wanted.sha256:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    return _fetch(wanted, target)


def _fetch(wanted: Dictionary, target: Path) -> Path:
    unfinished = target.with_name(f"{target.name}.part")
    problem: SourceError | None = None
    for source in default_sources():
        try:
            origin = source.deliver_dictionary(wanted, unfinished, Silent())
            if sha256_of(unfinished) == wanted.sha256:
                return unfinished.replace(target)
            problem = problem or SourceError(origin, f"is not the published {wanted.name}")
        except SourceError as error:
            problem = problem or error
        finally:
            unfinished.unlink(missing_ok=True)
    assert problem is not None  # noqa: S101  (there is at least one source)
    raise SourceError(
        wanted.name,
        f"is needed to render text, and cannot be had ({problem.one_line()})",
        "set PPOCR_EDGE_MIRROR to a mirror that has it",
    )
