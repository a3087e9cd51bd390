"""``ppocr-edge devices list``."""

from __future__ import annotations

from pathlib import Path

import click

from deploy_tools.cli.console import print_json, stdout_console
from deploy_tools.cli.devices_view import entry_json, entry_table
from deploy_tools.cli.inventory_option import inventory_option
from deploy_tools.devices.inventory.reading import load_inventory


@click.command(
    "list",
    epilog="""\b
Examples:
  ppocr-edge devices list
  ppocr-edge devices list --inventory lab.yml --json
""",
)
@inventory_option
@click.option("--json", "as_json", is_flag=True, help="Print everything that the file says as JSON.")
def list_devices(inventory: Path | None, as_json: bool) -> None:
    """List the devices that have names. No device is asked anything."""
    found = load_inventory(inventory)
    if as_json:
        print_json([entry_json(entry) for entry in found.all])
    elif not found.all:
        click.echo(f"{found.path} names no devices; add one with 'ppocr-edge devices add'")
    else:
        stdout_console().print(entry_table(found.all))
