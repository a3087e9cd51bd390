"""Which models go to which target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from deploy_tools.release.contents.model import PackedModel
from deploy_tools.release.targets.target import ReleaseTarget
from edge.errors import InputError, ReleaseError

TASKS: Final = ("det", "cls", "rec")
"""In the order of their work."""
_KERNELS: Final = {"arm": frozenset({"arm", "opencl"}), "x86": frozenset({"x86"})}
"""Of what a processor may have a library; what a model needs of it stands in its card."""
Chosen = Mapping[ReleaseTarget, Sequence[PackedModel]]


def choose_models(models: Sequence[PackedModel], targets: Sequence[ReleaseTarget]) -> Chosen:
    """The models of every target, at most one for a task.

    Raises:
        ReleaseError: A model is there twice, or for no target, or two of a target do the same.
        InputError: There is no model for a target.
    """
    seen: dict[str, PackedModel] = {}
    for model in models:
        folder = model.bundle.folder
        other = seen.setdefault(model.bundle_sha256, model)
        if other is not model:
            raise ReleaseError(folder, f"is the same bundle as {other.bundle.folder}", "give it once")
        if not any(_suits(model, target) for target in targets):
            names = ", ".join(target.name for target in targets)
            raise ReleaseError(
                folder,
                f"was converted for {model.bundle.manifest.target}, which suits none of {names}",
                "leave it out, or add its --target",
            )
    return {target: _of_target(models, target) for target in targets}


def _suits(model: PackedModel, target: ReleaseTarget) -> bool:
    return model.bundle.nb.runs_on(_KERNELS[target.processor])


def _of_target(models: Sequence[PackedModel], target: ReleaseTarget) -> Sequence[PackedModel]:
    found = [model for model in models if _suits(model, target)]
    if not found:
        raise InputError(
            f"--target {target.name}",
            f"no bundle is for {target.processor}",
            f"convert the models with --target {target.processor} and give those bundles too",
        )
    by_task: dict[str, PackedModel] = {}
    for model in found:
        other = by_task.setdefault(model.task, model)
        if other is not model:
            raise ReleaseError(
                model.bundle.folder,
                f"is a second {model.task} model for {target.name}, beside {other.bundle.folder}",
                "give one of a task; make two releases of both",
            )
    return [by_task[task] for task in TASKS if task in by_task]
