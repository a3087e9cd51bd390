"""``ppocr-edge devices add``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from deploy_tools.cli.console import print_json, remark
from deploy_tools.cli.device_entry import REMOVABLE, entry_of
from deploy_tools.cli.devices_view import entry_json, show_probe
from deploy_tools.cli.inventory_option import inventory_option
from deploy_tools.cli.visible import printable
from deploy_tools.cli.waiting import waiting_for
from deploy_tools.devices.inventory.address import address_text
from deploy_tools.devices.inventory.entry import DeviceEntry
from deploy_tools.devices.inventory.place import inventory_file
from deploy_tools.devices.inventory.reading import MOST_THREADS, read_inventory
from deploy_tools.devices.inventory.writing import add_entry, check_entry
from edge.errors import DeviceError
from edge.runner.arguments import POWER_MODES


@click.command(
    epilog="""\b
Examples:
  ppocr-edge devices add pi4 --ssh pi@10.0.0.7 --lite-home inference_lite_lib.armlinux.armv8.gcc
  ppocr-edge devices add box --ssh box --python /opt/venv/bin/python    # 'box' of ~/.ssh/config
  ppocr-edge devices add pixel --adb 0A1B2C3D --lite-home inference_lite_lib.android.armv8
  ppocr-edge devices add tv --adb 10.0.0.9:5555 --no-probe
  ppocr-edge devices add pi4 --replace --threads 4 --without python    # all else stays
"""
)
@click.argument("name")
@click.option("--ssh", metavar="[USER@]HOST[:PORT]", help="A device that answers SSH.")
@click.option("--adb", metavar="SERIAL", help="An Android device, as 'adb devices' lists it, or HOST:PORT.")
@click.option("--this-host", is_flag=True, help="This host, as if it were a device.")
@click.option(
    "--identity", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Private key for SSH."
)
@click.option(
    "--ask-password/--no-ask-password", default=None, help="Ask for SSH's password when it is needed."
)
@click.option(
    "--accept-new-host-key/--no-accept-new-host-key",
    default=None,
    help="Trust an SSH server that is not known yet; a changed key is refused all the same.",
)
@click.option(
    "--lite-home",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Paddle-Lite library on this host for the device: the native runner is built from it.",
)
@click.option("--python", metavar="PROGRAM", help="Python of the device that has paddlelite and numpy.")
@click.option("--folder", metavar="DIR", help="Where files are kept there; default: .ppocr-edge at home.")
@click.option("--threads", type=click.IntRange(1, MOST_THREADS), help="Threads of the library.")
@click.option("--power-mode", type=click.Choice(POWER_MODES), help="Which cores the library uses.")
@click.option(
    "--replace", is_flag=True, help="Change the device of this name: what is not named anew stays as it is."
)
@click.option(
    "--without",
    type=click.Choice(REMOVABLE),
    multiple=True,
    help="With --replace: take this away; repeatable.",
)
@click.option("--no-probe", is_flag=True, help="Do not ask the device what it is.")
@inventory_option
@click.option("--json", "as_json", is_flag=True, help="Print what was added and found out as JSON.")
def add(
    name: str, replace: bool, no_probe: bool, inventory: Path | None, as_json: bool, **options: Any
) -> None:
    """Give a device a NAME, for --device NAME, and see what it can run.

    The device is asked what it is; where it does not answer, it is not added. To change a device, name it
    with --replace and what shall be different.
    """
    path = inventory_file(inventory)
    known = read_inventory(path).entries.get(name) if replace else None
    entry = entry_of(name, options, known)
    check_entry(path, entry, replace=replace)
    result: dict[str, Any] = {"device": entry_json(entry), "inventory": str(path)}
    if not no_probe:
        result |= _probed(entry, quiet=as_json)
    add_entry(path, entry, replace=replace)
    if as_json:
        print_json(result)
        return
    if no_probe:
        click.echo(printable(f"{name}  {address_text(entry.address)}"))
    remark(f"added to {path}; look at it closely with: ppocr-edge doctor --device {shlex.quote(name)}")


def _probed(entry: DeviceEntry, *, quiet: bool) -> dict[str, Any]:
    """Ask the device, and show what it is."""
    from deploy_tools.devices.probe.ability import abilities
    from deploy_tools.devices.probe.probe import probe_device
    from deploy_tools.devices.wire.open import open_wire

    wire = open_wire(entry)
    try:
        waiting_for(f"asking {wire.address}")
        probe = probe_device(wire, entry)
    except DeviceError as error:
        raise type(error)(
            error.subject,
            f"{error.found} (not added)",
            f"{error.remedy}; or add it unseen with --no-probe".removeprefix("; "),
        ) from error
    finally:
        wire.close()
    can = abilities(probe, entry)
    if not quiet:
        show_probe(entry, probe, can)
    return {"probe": probe.to_json(), "abilities": [one.to_json() for one in can]}
