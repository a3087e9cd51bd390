"""What can be told at the beginning, and would otherwise be refused after an hour."""

from __future__ import annotations

from deploy_tools.comparison.sources import find_sources
from deploy_tools.devices.find import find_device
from deploy_tools.devices.local import LocalDevice
from deploy_tools.devices.paddle import PaddleDevice
from deploy_tools.release.contents.licence_words import read_licences
from deploy_tools.release.contents.naming import check_word
from deploy_tools.release.contents.notice_files import read_notices
from deploy_tools.release.targets.android_library import read_android_libraries
from deploy_tools.release.targets.libraries import library_parts, runner_parts, together
from deploy_tools.release.targets.target import find_targets
from deploy_tools.release.trust.times import signing_time, time_text
from deploy_tools.ship.last_release import is_first_release
from deploy_tools.ship.recipe import ReadyModel, ShipRecipe, SlimModel
from deploy_tools.ship.request import ShipRequest
from edge.errors import InputError


def check_request(request: ShipRequest) -> None:
    """Make sure that nothing stands in the way that is known already.

    Raises:
        InputError: Something does: models that gates will not judge and that nothing allows, INT8 models that
            nothing will measure on ARM, a device, library, run or key that cannot be used.
    """
    recipe = request.recipe
    if not recipe.version:
        raise InputError(
            "--version", "is missing, and the recipe has none", "give the version of the release"
        )
    check_word("--version", recipe.version)
    _check_gates(recipe)
    check_integers(recipe, arm=any(map(_may_be_arm, recipe.measuring.devices)))
    _check_x86(recipe)
    _check_measuring(request)
    package = request.package((), ())
    targets = find_targets(package.targets)
    together(runner_parts(package.runners, targets), library_parts(package.lite_homes, targets))
    read_android_libraries(package.android_libraries)
    read_licences(package.licences)
    read_notices(package.notices)
    _check_key(request)


def _check_gates(recipe: ShipRecipe) -> None:
    if "no-gates" in recipe.allow:
        return
    for model in recipe.models:
        if isinstance(model, SlimModel) and model.quick:
            raise InputError(
                f"{recipe.file}: models.{model.task}",
                "is an early look ('quick'), which no gates judge",
                "leave 'quick' out, or write allow: [no-gates], which the release then says of itself",
            )
        if isinstance(model, ReadyModel) and model.folder is None:
            raise InputError(
                f"{recipe.file}: models.{model.task}",
                "is taken as it was published, and no gates judge it",
                "write 'slim: RECIPE' instead, or allow: [no-gates], which the release then says of itself",
            )


def check_integers(recipe: ShipRecipe, *, arm: bool) -> None:
    """Make sure that INT8 models will be seen to be computed, or that nobody asks for it.

    Args:
        recipe: With the models.
        arm: Whether one of the devices to measure on is an ARM device.

    Raises:
        InputError: They will not.
    """
    if arm or "unmeasured-int8" in recipe.allow:
        return
    for model in recipe.models:
        if isinstance(model, SlimModel) and model.computes_integers and not model.device:
            raise InputError(
                f"{recipe.file}: models.{model.task}",
                "will compute in INT8, and no ARM device is named that would be seen to do so",
                "name one by --device or measure.devices, or write allow: [unmeasured-int8], which the "
                "release then says of itself",
            )


def _may_be_arm(device: str) -> bool:
    return device not in (LocalDevice.name, PaddleDevice.name)


def _check_x86(recipe: ShipRecipe) -> None:
    if not any(target.processor == "x86" for target in find_targets(recipe.targets)):
        return
    for model in recipe.models:
        if model.weights and model.task != "det":
            raise InputError(
                f"{recipe.file}: models.{model.task}",
                f"will have {model.weights} weights, which compute garbage on x86 (measured: NaN)",
                "leave target linux-x86_64 out, or make a release of other models for it",
            )


def _check_measuring(request: ShipRequest) -> None:
    measuring = request.recipe.measuring
    for name in measuring.devices:
        if name == PaddleDevice.name:
            raise InputError(f"--device {name}", "runs no .nb", "name a device with Paddle-Lite")
        find_device(name)
    if not measuring.devices and (measuring.against or measuring.beside or measuring.tag):
        raise InputError(
            f"{request.recipe.file}: measure",
            "names no devices, so that there is nothing to compare or to name",
            "name some by --device or measure.devices",
        )
    if measuring.against and not is_first_release(request):
        find_sources([measuring.against], request.results)


def _check_key(request: ShipRequest) -> None:
    key = request.key
    if key is not None and key.expires is not None and key.expires < signing_time():
        found = f"expired at {time_text(key.expires)}"
        raise InputError(f"key {key.public.id}", found, "make a new one by 'ppocr-edge keys new'")
