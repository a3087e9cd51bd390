"""``ppocr-edge devices unlock``."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from deploy_tools.cli.inventory_option import inventory_option
from deploy_tools.cli.visible import printable
from deploy_tools.devices.inventory.reading import load_inventory


@click.command(
    epilog="""\b
Examples:
  ppocr-edge devices unlock pi4
""",
)
@click.argument("name")
@inventory_option
def unlock(name: str, inventory: Path | None) -> None:
    """Take a device's lock away from whoever holds it.

    Where an owner crashed no unlocking is needed, and where its host is gone the device notices within 90
    seconds. This is for an owner that is alive and should not be; it learns of it within ten seconds.
    """
    from deploy_tools.devices.store.store import DeviceStore
    from deploy_tools.devices.wire.open import open_wire

    entry = load_inventory(inventory).find(name, "device")
    with closing(open_wire(entry)) as wire:
        holder = DeviceStore(wire, entry.folder).unlock()
    if holder is None:
        text = "nobody holds its lock"
    elif holder.alive:
        text = f"the lock was taken away from {holder}"
    else:
        text = f"removed a lock that was left by {holder}"
    click.echo(printable(f"{name}: {text}"))
