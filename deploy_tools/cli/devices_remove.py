"""``ppocr-edge devices remove``."""

from __future__ import annotations

from pathlib import Path

import click

from deploy_tools.cli.inventory_option import inventory_option
from deploy_tools.cli.visible import printable
from deploy_tools.devices.inventory.address import address_text
from deploy_tools.devices.inventory.reading import load_inventory
from deploy_tools.devices.inventory.writing import remove_entry


@click.command(
    epilog="""\b
Examples:
  ppocr-edge devices remove pi4
  ppocr-edge devices clean pi4 && ppocr-edge devices remove pi4    # its files there go first
""",
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@inventory_option
def remove(names: tuple[str, ...], inventory: Path | None) -> None:
    """Forget devices. They are not asked anything, and files on them stay: see 'devices clean'."""
    found = load_inventory(inventory)
    for name in names:  # all of them are there, or none is removed
        found.find(name, "device")
    for name in dict.fromkeys(names):
        entry = remove_entry(found.path, name)
        click.echo(printable(f"removed {name}  {address_text(entry.address)}"))
