"""How ``package`` tells of releases."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from rich.table import Table

from deploy_tools.cli.console import print_json, remark, stdout_console
from deploy_tools.cli.visible import printable
from edge.sizes import size_text

if TYPE_CHECKING:
    from datetime import datetime

    from deploy_tools.release.comparing import Difference
    from deploy_tools.release.contents.policy import Pass
    from deploy_tools.release.gathering import Gathered
    from deploy_tools.release.package import Written
    from deploy_tools.release.trust.keys import PrivateKey

EXIT_DIFFERENT: Final = 1


def pass_lines(passes: Iterable[Pass]) -> Iterator[tuple[Pass, list[str]]]:
    """What was let pass, each once, with all the models that it was found of."""
    alike: dict[tuple[str, str], list[Pass]] = {}
    for one in passes:
        alike.setdefault((one.allow, one.found), []).append(one)
    for those in alike.values():
        yield those[0], list(dict.fromkeys(name for one in those for name in one.models))


def print_release(gathered: Gathered, written: Written, key: PrivateKey | None, *, as_json: bool) -> None:
    """Say what is there now.

    Args:
        gathered: What it is made of.
        written: Where it is.
        key: That was to sign it; None where none was given.
        as_json: For programs.
    """
    from deploy_tools.release.contents.manifest import read_release_manifest

    manifest = read_release_manifest(written.folder)
    if as_json:
        print_json(
            {
                "folder": str(written.folder),
                "kept": written.kept,
                "signed": written.signed,
                "key": written.signature.key if written.signature else None,
                "expires": _day(written.signature.expires) if written.signature else None,
                "manifest": json.loads(manifest.to_json()),
            }
        )
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    for name, entry in manifest.files.items():
        if "/" not in name:
            table.add_row(name, size_text(entry.size), f"{entry.sha256[:16]}…")
    click.echo(f"{written.folder}{'  (was there already, the same)' if written.kept else ''}")
    for model in gathered.models:
        about = model.bundle.manifest
        gates = f"gates: {model.findings.gates}"
        click.echo(f"  {model.task}  {printable(model.name)}  {about.precision} for {about.target}  {gates}")
    stdout_console().print(table)
    signature = written.signature
    if signature is not None:
        last = key.expires if key is not None and key.public.id == signature.key else None
        if signature.expires is not None:
            until = f"until {_day(signature.expires)}"
        else:
            until = "for ever" if last is None else f"until {_day(last)}, the last day of the key"
        click.echo(f"signed by key {signature.key}, {until}")


def _day(time: datetime | None) -> str | None:
    from deploy_tools.release.trust.times import day_text

    return None if time is None else day_text(time)


def print_remarks(gathered: Gathered, written: Written, key: PrivateKey | None, end: datetime | None) -> None:
    """Say what whoever made a release may have wanted otherwise.

    Args:
        gathered: What it is made of.
        written: As it is there now.
        key: That was to sign it; None where none was given.
        end: Until when its signature was to hold.
    """
    from deploy_tools.release.contents.licence import UNKNOWN

    unlicensed = dict.fromkeys(one.name for one in gathered.models if one.licence == UNKNOWN)
    for name in unlicensed:
        remark(f"{printable(name)} has no licence: nobody knows who may use it; add --licence SPDX")
    for reference in gathered.silent:
        remark(f"--run {printable(reference)}: tells nothing of these models, and is left out")
    signature = written.signature
    if signature is None:
        remark("not signed: add --key FILE ('ppocr-edge keys new' makes one)")
    elif key is not None and (signature.key != key.public.id or signature.expires != end):
        remark("it was signed already, and that signature was kept; --again makes a new one")
    elif key is not None and key.expires is not None and end is not None and end > key.expires:
        remark(f"the key ends first: nothing that it signed is trusted after {_day(key.expires)}")


def print_check(gathered: Gathered, output: Path, differences: list[Difference], *, as_json: bool) -> int:
    """Say whether a release is the same that would be made now; the exit code."""
    from deploy_tools.release.package import release_folder

    folder = release_folder(gathered, output)
    if as_json:
        print_json(
            {"folder": str(folder), "same": not differences, "differences": [vars(d) for d in differences]}
        )
    elif not differences:
        click.echo(f"{folder}: made again, the same to the last byte")
    else:
        click.echo(f"{folder}: made again, it is another one")
        for difference in differences:
            click.echo(f"  {printable(str(difference))}")
    return EXIT_DIFFERENT if differences else 0
