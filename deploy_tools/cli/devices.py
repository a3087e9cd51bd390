"""``ppocr-edge devices``: boards and phones by name."""

from __future__ import annotations

from typing import Final

import click

from deploy_tools.cli.lazy_group import LazyGroup

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "add": ("deploy_tools.cli.devices_add:add", "Give a device a name."),
    "list": ("deploy_tools.cli.devices_list:list_devices", "List the devices that have names."),
    "probe": ("deploy_tools.cli.devices_probe:probe", "Show what devices are and what they can run."),
    "clean": ("deploy_tools.cli.devices_clean:clean", "Remove from devices what nobody needs there."),
    "unlock": ("deploy_tools.cli.devices_unlock:unlock", "Take a device's lock away from another host."),
    "remove": ("deploy_tools.cli.devices_remove:remove", "Forget devices."),
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    epilog="""\b
Examples:
  ppocr-edge devices add pi4 --ssh pi@10.0.0.7 --lite-home inference_lite_lib.armlinux.armv8.gcc
  ppocr-edge devices add pixel --adb 0A1B2C3D
  ppocr-edge devices list
  ppocr-edge devices probe pi4
""",
)
def devices() -> None:
    """Name boards and phones once, then write --device NAME."""
