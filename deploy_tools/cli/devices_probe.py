"""``ppocr-edge devices probe``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy_tools.cli.console import print_json
from deploy_tools.cli.devices_view import entry_json, show_probe
from deploy_tools.cli.inventory_option import inventory_option
from deploy_tools.cli.visible import printable
from deploy_tools.cli.waiting import waiting_for
from deploy_tools.devices.inventory.chosen import chosen_entries
from deploy_tools.devices.inventory.reading import load_inventory
from edge.errors import PpocrEdgeError

if TYPE_CHECKING:
    from deploy_tools.devices.inventory.entry import DeviceEntry
    from deploy_tools.devices.probe.facts import Probe


@click.command(
    epilog="""\b
Examples:
  ppocr-edge devices probe pi4
  ppocr-edge devices probe pi4 pixel
  ppocr-edge devices probe all --json
""",
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@inventory_option
@click.option("--json", "as_json", is_flag=True, help="Print everything that was found out as JSON.")
def probe(names: tuple[str, ...], inventory: Path | None, as_json: bool) -> int:
    """Show what devices are, and what they can run; 'all' for every device that has a name.

    Nothing is changed on them. With several devices, one that does not answer does not hide the others; the
    exit code is then 2.
    """
    from deploy_tools.devices.probe.ability import abilities
    from deploy_tools.devices.probe.probe import probe_device
    from deploy_tools.devices.several import ask_devices

    entries = chosen_entries(load_inventory(inventory), names, "device")
    rows = []
    waiting_for(f"asking {', '.join(entry.name for entry in entries)}")
    found = list(ask_devices(entries, probe_device))
    for entry, result in found:
        if isinstance(result, PpocrEdgeError):
            click.echo(f"ppocr-edge: {printable(result.one_line())}", err=True)
        elif not as_json:
            show_probe(entry, result, abilities(result, entry))
        rows.append(_row(entry, result))
    if as_json:
        print_json(rows)
    return 0 if all(row["ok"] for row in rows) else PpocrEdgeError.exit_code


def _row(entry: DeviceEntry, result: Probe | PpocrEdgeError) -> dict[str, Any]:
    from deploy_tools.devices.probe.ability import abilities

    device = {"name": entry.name, "device": entry_json(entry)}
    if isinstance(result, PpocrEdgeError):
        return {**device, "ok": False, "error": result.one_line()}
    can = [ability.to_json() for ability in abilities(result, entry)]
    return {**device, "ok": True, "probe": result.to_json(), "abilities": can}
