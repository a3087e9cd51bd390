"""All data of a recipe: what the user gave, and what is rendered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.errors import InputError
from slim.pipeline.characters import characters_of, fetch_dictionary
from slim.pipeline.data import DataSet
from slim.pipeline.folders import Slot
from slim.pipeline.rendered import render, rendered_inputs
from slim.pipeline.step import Progress
from slim.pipeline.user_data import read_user_data
from slim.recipes.recipe import FileSource, Source, SyntheticSource
from slim.zoo.entry import Entry, Task

TRAIN: Final = "train"
EVALUATE: Final = "evaluate"
QUICK_EVALUATION: Final = {Task.DETECTION: 16, Task.RECOGNITION: 120, Task.CLASSIFICATION: 120}
"""Pictures of every data set that an early look is measured on."""
_QUICK_SHARE: Final = 10
_QUICK_LEAST: Final = 8


@dataclass(frozen=True)
class Materials:
    """Data to train and to measure on.

    Attributes:
        train: In the recipe's order.
        evaluate: Likewise.
        remarks: What is missing, as sentences for the user.
    """

    train: tuple[DataSet, ...]
    evaluate: tuple[DataSet, ...]
    remarks: tuple[str, ...]


def assign_paths(option: str, words: Iterable[str], sources: Sequence[Source]) -> dict[str, Path]:
    """Which path is meant for which source of a recipe.

    Args:
        option: ``--train`` or ``--evaluate``.
        words: ``NAME=PATH``, or ``PATH`` where the recipe asks for one alone.
        sources: The recipe's.

    Raises:
        InputError: A word names no source, two name the same, one is needed and missing, or the path is not
            there.
    """
    wanted = [source for source in sources if isinstance(source, FileSource)]
    names = [source.name for source in wanted]
    paths: dict[str, Path] = {}
    for word in words:
        name, separator, rest = word.partition("=")
        if not separator or name not in names:
            if len(names) != 1:
                known = ", ".join(f"{one}=PATH" for one in names)
                if not names:
                    raise InputError(f"{option} {word}", "the recipe asks for none", f"leave {option} out")
                raise InputError(
                    f"{option} {word}", "names none of the recipe's sources", f"write {option} {known}"
                )
            name, rest = names[0], word
        if name in paths:
            raise InputError(f"{option} {word}", f"{name} is given twice", "give each source once")
        if not rest or not Path(rest).exists():
            raise InputError(f"{option} {word}", "no such file or folder", "check the path")
        paths[name] = Path(rest)
    for source in wanted:
        if source.name not in paths and not source.optional:
            what = "a label file" if source.labelled else "a label file or a folder of pictures"
            raise InputError(
                option,
                f"is missing: the recipe needs {source.name!r}",
                f"give {option} {source.name}=PATH, {what}",
            )
    return paths


def gather(
    role: str,
    sources: Sequence[Source],
    paths: Mapping[str, Path],
    entry: Entry,
    dictionary: Path | None,
    place: Path,
    versions: Mapping[str, str],
    progress: Progress,
    *,
    quick: bool,
) -> tuple[tuple[DataSet, ...], tuple[str, ...]]:
    """Read and render the data of one role.

    Args:
        role: :data:`TRAIN` or :data:`EVALUATE`.
        sources: The recipe's.
        paths: The user's, by the source's name.
        entry: The model.
        dictionary: The model's own, where it has one.
        place: Folder for what is rendered.
        versions: Of the tools.
        progress: Called after every picture.
        quick: For an early look: less of everything.

    Returns:
        The data sets, and remarks on those that are left out.

    Raises:
        InputError: Data cannot be read or rendered, or there is none.
    """
    sets: list[DataSet] = []
    remarks: list[str] = []
    for source in sources:
        if isinstance(source, FileSource):
            if source.name not in paths:
                remarks.append(f"--{role} {source.name}=PATH is not given: the recipe goes on without")
                continue
            sets.append(
                read_user_data(
                    source.name,
                    paths[source.name],
                    entry.task,
                    f"--{role}",
                    labelled=source.labelled,
                    progress=progress,
                )
            )
        else:
            try:
                sets.append(_render(role, source, entry, dictionary, place, versions, progress, quick=quick))
            except InputError as error:
                if not source.optional:
                    raise
                remarks.append(f"{source.name} is left out: {error.one_line()}")
    if role == EVALUATE and quick:
        sets = [one.first(QUICK_EVALUATION[entry.task]) for one in sets]
    if not sets:
        raise InputError(f"--{role}", "nothing is left of the recipe's data", f"give --{role} NAME=PATH")
    return tuple(sets), tuple(remarks)


def planned_count(role: str, source: SyntheticSource, task: Task, *, quick: bool) -> int:
    """How many pictures are rendered."""
    if not quick:
        return source.count
    most = max(_QUICK_LEAST, source.count // _QUICK_SHARE) if role == TRAIN else QUICK_EVALUATION[task]
    return min(source.count, most)


def check_apart(train: Iterable[DataSet], evaluate: Iterable[DataSet]) -> None:
    """Make sure that nothing is measured on what was trained on.

    Raises:
        InputError: A picture is in both.
    """
    seen = {image.resolve() for one in train for image in one.images}
    for one in evaluate:
        both = [image for image in one.images if image.resolve() in seen]
        if both:
            raise InputError(
                f"--evaluate {one.name}",
                f"{len(both)} of its {len(one)} pictures are in --train too, such as {both[0].name}",
                "measure on pictures that were not trained on",
            )


def _render(
    role: str,
    source: SyntheticSource,
    entry: Entry,
    dictionary: Path | None,
    place: Path,
    versions: Mapping[str, str],
    progress: Progress,
    *,
    quick: bool,
) -> DataSet:
    if source.dictionary is None:
        assert dictionary is not None  # noqa: S101  (the reader lets 'model' pass only where there is one)
        characters = characters_of(dictionary, use_space=bool(entry.use_space_char))
    else:
        characters = characters_of(fetch_dictionary(source.dictionary, place), use_space=True)
    count = planned_count(role, source, entry.task, quick=quick)
    inputs = rendered_inputs(source, role, characters, count, versions)
    # an early look has a place of its own, so that it costs the real run nothing
    slot = Slot(place / f"{role}-{source.name}{'-quick' if quick else ''}")
    return render(slot, source, entry.task, characters, inputs, progress)
