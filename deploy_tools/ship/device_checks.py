"""Asking devices at the beginning what they are: none is found to be off, or of no use, after an hour."""

from __future__ import annotations

from deploy_tools.devices.find import find_devices
from deploy_tools.ship.bundles import processors
from deploy_tools.ship.early_checks import check_integers
from deploy_tools.ship.measured_runs import was_measured
from deploy_tools.ship.request import ShipRequest
from edge.errors import InputError


def check_devices(request: ShipRequest) -> None:
    """Make sure that every device answers and runs what will be converted.

    None is asked where an earlier call has measured everything: it may be off again.

    Raises:
        DeviceError: One cannot be reached, or is of a kind that nothing is converted for.
        InputError: One runs no model of the release; or none is for ARM, and INT8 models must be seen there.
    """
    names = request.recipe.measuring.devices
    if not names or was_measured(request):
        return
    made = processors(request.recipe)
    arm = False
    for device in find_devices(",".join(names)):
        try:
            kinds = (device.target or "").split(",")
        finally:
            device.close()
        if not set(kinds) & set(made):
            raise InputError(
                f"--device {device.name}",
                f"runs models for {', '.join(kinds)}, this release will have those for {', '.join(made)}",
                "leave it out, or add a target that it can run",
            )
        arm = arm or "arm" in kinds
    check_integers(request.recipe, arm=arm)
