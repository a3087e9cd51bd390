"""From a request to everything that a release is made of, checked before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from deploy_tools.release.contents.created import creation_time
from deploy_tools.release.contents.evaluations import with_evaluations
from deploy_tools.release.contents.licence_words import with_licences
from deploy_tools.release.contents.measured import take_runs
from deploy_tools.release.contents.model import PackedModel, gather_model
from deploy_tools.release.contents.naming import check_word
from deploy_tools.release.contents.notice_files import read_notices
from deploy_tools.release.contents.policy import Pass, judge_contents
from deploy_tools.release.request import PackageRequest
from deploy_tools.release.targets.android_library import read_android_libraries
from deploy_tools.release.targets.chosen import TASKS, Chosen, choose_models
from deploy_tools.release.targets.libraries import (
    Part,
    Parts,
    check_library_versions,
    library_parts,
    runner_parts,
    together,
)
from deploy_tools.release.targets.release_label import ReleaseLabel
from deploy_tools.release.targets.target import ANDROID, find_targets
from deploy_tools.release.trust.times import time_text
from edge.errors import InputError


@dataclass(frozen=True)
class Gathered:
    """Everything that a release is made of.

    Attributes:
        label: What it is called.
        time: When it was made, by its contents.
        models: In the order of task, target and name.
        chosen: Models of each target.
        passes: What was let pass.
        parts: Programs and libraries of each target that has some.
        jar: Paddle-Lite's Java API for apps; None where there is none.
        notices: Texts of the maker's own.
        silent: Runs that tell nothing of the models, as the user named them.
    """

    label: ReleaseLabel
    time: datetime
    models: Sequence[PackedModel]
    chosen: Chosen
    passes: Sequence[Pass]
    parts: Parts
    jar: bytes | None
    notices: Sequence[str] = ()
    silent: Sequence[str] = ()

    @property
    def all_parts(self) -> list[Part]:
        """Of every target."""
        return [part for parts in self.parts.values() for part in parts]


def gather(request: PackageRequest, told: Callable[[str], None] = lambda _: None) -> Gathered:
    """Read and judge everything.

    Args:
        request: What was asked for.
        told: Called with what is looked at.

    Raises:
        InputError: An option is wrong, or what it names cannot be used.
        ReleaseError: The models must not leave the house together.
    """
    check_word("--name", request.name)
    check_word("--version", request.version)
    targets = find_targets(request.targets)
    if not request.bundles:
        raise InputError("BUNDLE", "none is given", "give the bundles of the release")
    notices = read_notices(request.notices)
    told("runs")
    taken = take_runs(request.runs, request.results)
    models = []
    for folder in request.bundles:
        told(folder.name)
        models.append(gather_model(folder, taken))
    models = with_licences(with_evaluations(models, request.evaluations), request.licences)
    models.sort(key=lambda model: (TASKS.index(model.task), sorted(model.identity().items())))
    chosen = choose_models(models, targets)
    passes = judge_contents(models, request.allow)
    told("libraries")
    parts = together(runner_parts(request.runners, targets), library_parts(request.lite_homes, targets))
    if request.android_libraries and ANDROID not in targets:
        raise InputError("--android-library", "is for a target that is not asked for", "add --target android")
    android = read_android_libraries(request.android_libraries)
    if android.parts:
        parts[ANDROID] = android.parts
    for target, brought in parts.items():
        check_library_versions(chosen[target], brought, target.name)
    time = creation_time(one.newest for one in models)
    label = ReleaseLabel(request.name, request.version, time_text(time))
    return Gathered(
        label, time, models, chosen, passes, parts, android.jar, notices, _silent(request, models)
    )


def _silent(request: PackageRequest, models: Sequence[PackedModel]) -> list[str]:
    told = {one.reference for model in models for one in model.measured}
    return [reference for reference in dict.fromkeys(request.runs) if reference not in told]
