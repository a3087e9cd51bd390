"""``ppocr-edge devices add``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from deploy_tools.cli.console import print_json, remark
from deploy_tools.cli.devices_view import entry_json, show_probe
from deploy_tools.cli.inventory_option import inventory_option
from deploy_tools.cli.visible import printable
from deploy_tools.cli.waiting import waiting_for
from deploy_tools.devices.inventory.address import address_text, ssh_address
from deploy_tools.devices.inventory.entry import (
    AdbAddress,
    DeviceEntry,
    HostAddress,
    HostKeys,
    SshAddress,
)
from deploy_tools.devices.inventory.place import inventory_file
from deploy_tools.devices.inventory.reading import MOST_THREADS, POWER_MODES
from deploy_tools.devices.inventory.writing import add_entry, check_entry
from edge.errors import DeviceError, InputError

_FOR_SSH = ("identity", "ask_password", "accept_new_host_key")


@click.command(
    epilog="""\b
Examples:
  ppocr-edge devices add pi4 --ssh pi@10.0.0.7 --lite-home inference_lite_lib.armlinux.armv8.gcc
  ppocr-edge devices add box --ssh box --python /opt/venv/bin/python    # 'box' of ~/.ssh/config
  ppocr-edge devices add pixel --adb 0A1B2C3D --lite-home inference_lite_lib.android.armv8
  ppocr-edge devices add tv --adb 10.0.0.9:5555 --no-probe
"""
)
@click.argument("name")
@click.option("--ssh", metavar="[USER@]HOST[:PORT]", help="A device that answers SSH.")
@click.option("--adb", metavar="SERIAL", help="An Android device, as 'adb devices' lists it, or HOST:PORT.")
@click.option("--this-host", is_flag=True, help="This host, as if it were a device.")
@click.option(
    "--identity", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Private key for SSH."
)
@click.option("--ask-password", is_flag=True, help="Ask for SSH's password when it is needed.")
@click.option(
    "--accept-new-host-key",
    is_flag=True,
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
@click.option("--replace", is_flag=True, help="Take the place of a device of this name.")
@click.option("--no-probe", is_flag=True, help="Do not ask the device what it is.")
@inventory_option
@click.option("--json", "as_json", is_flag=True, help="Print what was added and found out as JSON.")
def add(
    name: str, replace: bool, no_probe: bool, inventory: Path | None, as_json: bool, **options: Any
) -> None:
    """Give a device a NAME, for --device NAME, and see what it can run.

    The device is asked what it is; where it does not answer, it is not added. To change a device, add it anew
    with --replace.
    """
    for option in ("adb", "python", "folder"):
        _check_line(option, options[option])
    path = inventory_file(inventory)
    entry = DeviceEntry(
        name=name,
        address=_address(options),
        folder=options["folder"],
        lite_home=_lite_home(options["lite_home"]),
        python=options["python"],
        threads=options["threads"],
        power_mode=options["power_mode"],
    )
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


def _address(options: dict[str, Any]) -> SshAddress | AdbAddress | HostAddress:
    ways = [way for way in ("ssh", "adb", "this_host") if options[way]]
    if len(ways) != 1:
        given = " and ".join("--" + way.replace("_", "-") for way in ways)
        found = f"{given} do not go together" if ways else "nothing says how to reach the device"
        raise InputError("devices add", found, "give one of --ssh, --adb and --this-host")
    if ways == ["ssh"]:
        return ssh_address(
            options["ssh"],
            identity=options["identity"].expanduser().absolute() if options["identity"] else None,
            ask_password=options["ask_password"],
            host_keys=HostKeys.ACCEPT_NEW if options["accept_new_host_key"] else HostKeys.STRICT,
        )
    for option in _FOR_SSH:
        if options[option]:
            raise InputError(f"--{option.replace('_', '-')}", "is for devices with --ssh", "leave it out")
    return AdbAddress(options["adb"]) if ways == ["adb"] else HostAddress()


def _check_line(option: str, text: str | None) -> None:
    if text is not None and (
        not text or not text.isprintable() or text.startswith("-") or text != text.strip()
    ):
        raise InputError(
            f"--{option} {text!r:.80}",
            "is not a line of printable text, without spaces around it and '-' before it",
            "name it otherwise",
        )


def _lite_home(folder: Path | None) -> Path | None:
    if folder is None:
        return None
    folder = folder.expanduser().absolute()
    if not folder.is_dir():
        found = "is not a folder" if folder.exists() else "no such folder"
        raise InputError(
            f"--lite-home {folder}", found, "name a Paddle-Lite library folder (include and lib)"
        )
    return folder
