"""How releases on devices are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from rich.table import Table

from deploy_tools.cli.console import stdout_console, warn
from deploy_tools.cli.visible import printable
from edge.sizes import size_text

if TYPE_CHECKING:
    from deploy_tools.release.install.looking import Shelf
    from deploy_tools.release.install.outcome import Installed


def show_installed(device: str, done: Installed, *, back: bool) -> None:
    """What came of one device.

    Args:
        device: Its name.
        done: What came of it.
        back: It went back to the release before.
    """
    click.echo(printable(f"{device}: {done.name} {done.version} is current{_how(done, back=back)}"))
    click.echo(printable(f"  {done.current}"))
    if done.previous:
        click.echo(printable(f"  before: {done.previous} (--rollback)"))
    if done.removed:
        click.echo(printable(f"  removed: {', '.join(done.removed)}"))
    for note in done.notes:
        warn(f"{device}: {note}")


def show_lists(found: Sequence[tuple[str, Sequence[Shelf]]], name: str) -> None:
    """Releases of devices as a table; what was brought last first.

    Args:
        found: Device and its releases.
        name: That was asked for; empty for all.
    """
    table = Table(
        "device", "name", "version", "", "target", "signed by", "selftest", box=None, pad_edge=False
    )
    for device, names in found:
        if not names:
            click.echo(printable(f"{device}: has no releases{f' of the name {name}' if name else ''}"))
        for shelf in names:
            marks = {shelf.current: "current", shelf.previous: "previous"}
            for folder in shelf.order:
                record = shelf.records.get(folder)
                known = (record.target, record.key or "nobody", record.selftest) if record else ("", "", "")
                row = (device, shelf.name, shelf.version(folder), marks.get(folder, ""), *known)
                table.add_row(*map(printable, row))
    if table.row_count:
        stdout_console().print(table)


def _how(done: Installed, *, back: bool) -> str:
    if back:
        return " again"
    if done.kept:
        return f", as it was (selftest {done.selftest})" if done.selftest else ", as it was"
    sent = f"{size_text(done.sent)} sent"
    if done.copied:
        sent += f", {size_text(done.copied)} were there"
    return f" ({done.target}, {sent}; selftest {done.selftest})"
