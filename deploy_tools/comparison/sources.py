"""Finding what a user wants to compare: a stored run, or a file of results."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy_tools.comparison.history import spread_of_runs
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.results.imports.choice import read_results
from deploy_tools.results.opening import open_results
from deploy_tools.results.reference import is_file
from deploy_tools.results.store import ResultsStore
from edge.errors import InputError

_EARLIER: Final = 50
"""So many of the newest runs say how much runs differ."""


@dataclass(frozen=True)
class Source:
    """One side of a comparison.

    Attributes:
        name: As the user gave it.
        about: What it is, in words: the run's id and when it was, or that it is a file.
        run_id: Of a stored run; empty for a file.
        measurements: What was measured, or failed.
    """

    name: str
    about: str
    run_id: str
    measurements: tuple[Measurement, ...]


@dataclass(frozen=True)
class Sources:
    """Both sides, and what is known of the devices' earlier runs.

    Attributes:
        sides: In the order of their references.
        spread: How much runs of a case on a device differed before, by both; see `history`.
    """

    sides: tuple[Source, ...]
    spread: Mapping[tuple[str, str], float]


def find_sources(references: Sequence[str], where: str | None = None) -> Sources:
    """What the references name.

    Args:
        references: Of stored runs: ids, the beginnings of ids, tags, ``last``. Of files: paths, as
            `deploy_tools.results.reference` tells them.
        where: Results store; it is opened only where a stored run is named.

    Raises:
        InputError: There is no such run or file, or it holds no results.
    """
    with ExitStack() as stack:
        store: ResultsStore | None = None
        found = []
        for reference in references:
            if is_file(reference):
                found.append(_of_file(reference))
                continue
            if store is None:
                store = stack.enter_context(open_results(where, create=False))
            run = store.find(reference)
            about = f"run {run.id} of {run.started:%Y-%m-%d %H:%M}"
            found.append(Source(reference, about, run.id, tuple(store.measurements(run.id))))
        points = store.history(limit=_EARLIER) if store is not None else ()
        spread = spread_of_runs((one.device, one.case.key, one.p50) for one in points)
        return Sources(tuple(found), spread)


def chosen(source: Source, models: Sequence[str], devices: Sequence[str]) -> Source:
    """The source with some of its measurements only.

    Args:
        source: All of it.
        models: Names, or patterns with ``*``, of models; of a pipeline any of its models. All where empty.
        devices: The same of devices.
    """
    kept = [
        one
        for one in source.measurements
        if _matches([*one.case.subject.split("+"), one.case.subject], models)
        and _matches([one.environment.device], devices)
    ]
    return Source(source.name, source.about, source.run_id, tuple(kept))


def _matches(names: Sequence[str], patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatch.fnmatchcase(name, one) for one in patterns for name in names)


def _of_file(reference: str) -> Source:
    records = read_results(Path(reference))
    measurements = {
        (one.environment.device, one.case.key): one for record in records for one in record.measurements
    }
    if not measurements:
        raise InputError(reference, "holds no measurements", "give a run that measured something")
    return Source(reference, "a file", "", tuple(measurements.values()))
