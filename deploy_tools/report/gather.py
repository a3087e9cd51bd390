"""Finding what a report is to be about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from deploy_tools.results.imports.choice import read_results
from deploy_tools.results.opening import open_results
from deploy_tools.results.record import RunRecord
from deploy_tools.results.reference import is_file
from edge.errors import InputError


def gather(
    references: Sequence[str],
    *,
    tag: str | None = None,
    last: int | None = None,
    results: str | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[RunRecord]:
    """Runs with everything that was measured in them.

    Args:
        references: Runs as the store finds them, or files that ``results import`` would take.
        tag: Runs that have it, besides.
        last: So many of the newest runs, of those with the tag where one is given.
        results: The store; None for the usual one.
        progress: Told how many are read, of how many.

    Raises:
        InputError: One is not there, cannot be read, or nothing was measured in all of them.
    """
    files = [Path(one) for one in references if is_file(one)]
    named = [one for one in references if not is_file(one)]
    found = {record.run.id: record for path in files for record in read_results(path)}
    if named or tag is not None or last is not None or not references:
        found |= _stored(named, tag, last, results, progress, begun=len(files))
    if not any(record.measurements for record in found.values()):
        which = " ".join(references) or (f"--tag {tag}" if tag is not None else "the newest run")
        raise InputError(which, "measured nothing that could be drawn", "see 'ppocr-edge results list'")
    return list(found.values())


def _stored(
    named: Sequence[str],
    tag: str | None,
    last: int | None,
    results: str | None,
    progress: Callable[[int, int], None],
    *,
    begun: int,
) -> dict[str, RunRecord]:
    with open_results(results, create=False) as store:
        ids = dict.fromkeys(store.find(one).id for one in named)
        if tag is not None or last is not None or not named:
            limit = last if last is not None else None if tag is not None else 1
            newest = [summary.run.id for summary in store.runs(limit=limit, tag=tag)]
            if not newest:
                what = "no runs" if tag is None else f"no run with the tag {tag!r:.80}"
                raise InputError(store.place.shown, f"holds {what}", "see 'ppocr-edge results list'")
            ids |= dict.fromkeys(newest)
        found = {}
        for number, one in enumerate(ids, 1):
            found[one] = store.export_run(one)
            progress(begun + number, begun + len(ids))
        return found
