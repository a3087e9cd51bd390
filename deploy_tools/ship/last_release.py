"""What a release is compared with: the run of the last one."""

from __future__ import annotations

from pathlib import Path

from deploy_tools.comparison.runs import compare_runs
from deploy_tools.comparison.settings import CompareSettings
from deploy_tools.comparison.sources import find_sources
from deploy_tools.comparison.words import summary
from deploy_tools.results.opening import open_results
from deploy_tools.results.place import results_place
from deploy_tools.ship.measured_runs import read_run
from deploy_tools.ship.reporter import Ended
from deploy_tools.ship.request import ShipRequest
from deploy_tools.ship.slower import stop_where_slower
from edge.errors import InputError


def is_first_release(request: ShipRequest) -> bool:
    """Whether the run to compare with is to be that of the last release, and none has been made yet."""
    measuring = request.recipe.measuring
    if not measuring.tag or measuring.against != measuring.tag:
        return False
    place = results_place(request.results)
    if place.path is not None and not place.path.exists():
        return True
    with open_results(request.results) as store:
        return not store.runs(limit=1, tag=measuring.tag)


def compare_with_last(request: ShipRequest, file: Path) -> Ended:
    """Compare what was measured with the run that the recipe names.

    Args:
        request: Names the run.
        file: With the run of now.

    Raises:
        InputError: There is no such run, or nothing of both can be compared.
        Stopped: Something got slower.
    """
    if is_first_release(request):
        return Ended("there is no release before this one")
    measuring, new = request.recipe.measuring, read_run(file)
    found = find_sources([measuring.against], request.results)
    last = found.sides[0]
    if last.run_id == new.run.id:
        return Ended(f"{measuring.against} is this very run")
    comparison = compare_runs(
        last.measurements,
        new.measurements,
        CompareSettings(threshold=measuring.threshold),
        names=(measuring.against, "now"),
        spread=found.spread,
    )
    if not comparison.cases:
        why = f" ({comparison.alone[0].case}: {comparison.alone[0].why})" if comparison.alone else ""
        raise InputError(
            f"measure.against {measuring.against}",
            f"has no case in common with what was measured now{why}",
            "name another run, or leave 'against' out",
        )
    stop_where_slower(comparison, file, lambda _: f"ppocr-edge compare {measuring.against} {file}")
    return Ended(summary(comparison))


def name_run(request: ShipRequest, file: Path) -> Ended:
    """Give the run of a file its tag, in the results store; where it is not there any more it is put back.

    Raises:
        InputError: The store cannot be written.
    """
    record = read_run(file)
    with open_results(request.results) as store:
        store.import_run(record)
        store.tag(record.run.id, request.recipe.measuring.tag)
    return Ended(f"run {record.run.id}")
