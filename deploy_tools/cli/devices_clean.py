"""``ppocr-edge devices clean``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy_tools.cli.console import print_json
from deploy_tools.cli.inventory_option import inventory_option
from deploy_tools.cli.visible import printable
from deploy_tools.cli.waiting import waiting_for
from deploy_tools.devices.inventory.chosen import chosen_entries
from deploy_tools.devices.inventory.reading import load_inventory
from edge.errors import PpocrEdgeError
from edge.sizes import size_text

if TYPE_CHECKING:
    from deploy_tools.devices.inventory.entry import DeviceEntry
    from deploy_tools.devices.store.cleaning import Cleaned
    from deploy_tools.devices.wire.wire import Wire


@click.command(
    epilog="""\b
Examples:
  ppocr-edge devices clean pi4
  ppocr-edge devices clean pi4 --keep bundles/det-arm --keep bundles/rec-arm
  ppocr-edge devices clean all --dry-run --json
""",
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@inventory_option
@click.option(
    "--keep",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    metavar="BUNDLE",
    help="Leave the files of this bundle there; repeatable.",
)
@click.option("--all-hosts", is_flag=True, help="Also the runners that other hosts use there.")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.option("--json", "as_json", is_flag=True, help="Print what was removed as JSON.")
def clean(
    names: tuple[str, ...],
    inventory: Path | None,
    keep: tuple[Path, ...],
    all_hosts: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Remove from devices what this toolkit left there: models, runners, what was sent in part.

    A device that somebody uses is not touched, and the runners that other hosts use there stay. What is
    needed again is sent again by the next run. With several devices, one that fails does not hide the others;
    the exit code is then 2.
    """
    from deploy_tools.devices.several import ask_devices
    from deploy_tools.devices.store.store import DeviceStore

    entries = chosen_entries(load_inventory(inventory), names, "device")
    kept = _hashes(keep)

    def cleaned(wire: Wire, entry: DeviceEntry) -> Cleaned:
        return DeviceStore(wire, entry.folder).clean(kept, dry_run=dry_run, all_hosts=all_hosts)

    rows: list[dict[str, Any]] = []
    waiting_for(f"cleaning {', '.join(entry.name for entry in entries)}")
    for entry, result in ask_devices(entries, cleaned):
        if isinstance(result, PpocrEdgeError):
            rows.append({"name": entry.name, "ok": False, "error": result.one_line()})
            click.echo(f"ppocr-edge: {printable(result.one_line())}", err=True)
            continue
        rows.append({"name": entry.name, "ok": True, "removed": not dry_run, **result.to_json()})
        if not as_json:
            click.echo(printable(f"{entry.name}: {_line(result, dry_run=dry_run)}"))
    if as_json:
        print_json(rows)
    return 0 if all(row["ok"] for row in rows) else PpocrEdgeError.exit_code


def _hashes(bundles: tuple[Path, ...]) -> frozenset[str]:
    """SHA-256 of all files of some bundles."""
    if not bundles:
        return frozenset()
    from edge.bundle.bundle import load_bundle

    manifests = [load_bundle(bundle).manifest for bundle in bundles]
    return frozenset(file.sha256 for manifest in manifests for file in manifest.files.values())


def _line(done: Cleaned, *, dry_run: bool) -> str:
    runners = (
        "1 runner of other hosts stays" if done.others == 1 else f"{done.others} runners of other hosts stay"
    )
    return _removed(done, dry_run=dry_run) + (f"; {runners} (--all-hosts)" if done.others else "")


def _removed(done: Cleaned, *, dry_run: bool) -> str:
    if not any((done.objects, done.parts, done.runners, done.runs)):
        return "there is nothing to remove"
    counts = (
        (done.objects, "file", "files"),
        (done.parts, "half sent file", "half sent files"),
        (done.runners, "runner", "runners"),
        (done.runs, "folder of a run", "folders of runs"),
    )
    what = ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in counts if count)
    if not done.freed_bytes:  # another name for them stays
        return f"would remove {what}" if dry_run else f"removed {what}"
    room = size_text(done.freed_bytes)
    return f"would remove {what} ({room})" if dry_run else f"removed {what}, {room} are free again"
