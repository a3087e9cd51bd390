"""``ppocr-edge package``: bundles that passed become a release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.table import Table

from deploy_tools.cli.console import print_json, remark, stderr_console, stdout_console, warn
from deploy_tools.cli.key_password import password_option
from deploy_tools.cli.results_option import results_option
from deploy_tools.cli.visible import printable
from edge.errors import InputError

if TYPE_CHECKING:
    from deploy_tools.release.comparing import Difference
    from deploy_tools.release.gathering import Gathered
    from deploy_tools.release.package import Written
    from deploy_tools.release.trust.keys import PrivateKey

EXIT_DIFFERENT: Final = 1
_ALLOW: Final = ("failed-gates", "no-gates", "unmeasured-int8", "mixed-opt")

EPILOG: Final = """\b
Examples:
  ppocr-edge package bundles/det-arm bundles/cls-arm bundles/rec-arm --target linux-arm64 --target android \\
      --name ppocr --version 1.2.0 -o releases --key release.key
  ppocr-edge package bundles/*-arm --target linux-arm64 --name ppocr --version 1.2.0 -o releases \\
      --runner runner-arm64 --run last
  ppocr-edge package bundles/*-arm --target linux-arm64 --name ppocr --version 1.2.0 -o releases --check

\b
Exit code 1 with --check: it is not the same any more. 2: something is wrong, or must not leave the house.
"""

_folder = click.Path(path_type=Path, file_okay=False)


@click.command(epilog=EPILOG)
@click.argument("bundles", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="BUNDLE...")
@click.option(
    "--target",
    "targets",
    multiple=True,
    required=True,
    help="linux-arm64, linux-armhf, linux-x86_64 or android; repeatable.",
)
@click.option("--name", required=True, help="Of the release.")
@click.option("--version", required=True, help="Of the release.")
@click.option("-o", "--output", type=_folder, required=True, help="Folder that gets NAME-VERSION.")
@click.option(
    "--run",
    "runs",
    multiple=True,
    metavar="RUN",
    help="A run of 'measure' whose figures go along: id, tag, last, or file; repeatable.",
)
@results_option
@click.option(
    "--runner",
    "runners",
    multiple=True,
    type=_folder,
    metavar="DIR",
    help="What 'runner build' wrote; for the Linux target it was built for. Repeatable.",
)
@click.option(
    "--lite-home",
    "lite_homes",
    multiple=True,
    metavar="TARGET=DIR",
    help="Paddle-Lite folder whose library and headers go along, for programs of one's own; repeatable.",
)
@click.option(
    "--android-library",
    "android_libraries",
    multiple=True,
    type=_folder,
    metavar="DIR",
    help="Paddle-Lite folder for Android whose library and Java API go along; one for each ABI.",
)
@click.option(
    "--allow",
    multiple=True,
    type=click.Choice(_ALLOW),
    help="Let pass what would be refused, and write that into the release; repeatable.",
)
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Private key to sign it with, as 'keys new' makes it.",
)
@password_option
@click.option("--again", is_flag=True, help="Replace a release of this name and version that is another one.")
@click.option("--check", is_flag=True, help="Make it again, elsewhere, and say whether it is the same.")
@click.option("--json", "as_json", is_flag=True, help="Print what was made, or differs, as JSON.")
def package(output: Path, key: Path | None, password_file: Path | None, **options: Any) -> int:
    """Make a release of BUNDLEs: archives for every target, model cards, notices, SBOM, sums and signature.

    The same bundles give the same bytes, in any folder, at any time. Refused are models that failed the gates
    of their recipe or were never judged by any, INT8 models that no ARM device was seen to compute, and
    models of different versions of opt; --allow lets them pass, and is written down.
    """
    from deploy_tools.release.gathering import gather
    from deploy_tools.release.package import check_release, write_release
    from deploy_tools.release.request import PackageRequest

    as_json, again, check = (options.pop(name) for name in ("as_json", "again", "check"))
    if check and (key is not None or again):
        raise InputError(
            "--check", "writes nothing, so there is nothing to sign or replace", "leave the other out"
        )
    private = _private_key(key, password_file)  # asked for at the beginning, not after minutes
    with stderr_console().status("reading the bundles") as status:

        def told(what: str) -> None:
            status.update(f"packing: {printable(what)}")

        gathered = gather(PackageRequest(**options), told)
        if check:
            differences = check_release(gathered, output, told)
        else:
            written = write_release(gathered, output, key=private, again=again, told=told)
    for one in gathered.passes:
        warn(f"let pass by --allow {one.allow}: {', '.join(one.models)}: {one.found}")
    for word in sorted(set(options["allow"]) - {one.allow for one in gathered.passes}):
        remark(f"--allow {word}: was not needed, and is not written down")
    if check:
        return _show_check(gathered, output, differences, as_json=as_json)
    _show(gathered, written, as_json=as_json)
    return 0


def _private_key(key: Path | None, password_file: Path | None) -> PrivateKey | None:
    if key is None:
        if password_file is not None:
            raise InputError("--password-file", "is of a key, and none is given", "add --key")
        return None
    from deploy_tools.cli.key_password import key_password
    from deploy_tools.release.trust.key_files import read_private_key

    return read_private_key(key, key_password(key, password_file))


def _show(gathered: Gathered, written: Written, *, as_json: bool) -> None:
    from deploy_tools.release.contents.manifest import read_release_manifest

    manifest = read_release_manifest(written.folder)
    if as_json:
        print_json(
            {
                "folder": str(written.folder),
                "kept": written.kept,
                "signed": written.signed,
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
            table.add_row(name, f"{entry.size / 1e6:.2f} MB", f"{entry.sha256[:16]}…")
    click.echo(f"{written.folder}{'  (was there already, the same)' if written.kept else ''}")
    for model in gathered.models:
        about = model.bundle.manifest
        gates = f"gates: {model.findings.gates}"
        click.echo(f"  {model.task}  {printable(model.name)}  {about.precision} for {about.target}  {gates}")
    stdout_console().print(table)
    if not written.signed:
        remark("not signed: add --key FILE ('ppocr-edge keys new' makes one)")


def _show_check(gathered: Gathered, output: Path, differences: list[Difference], *, as_json: bool) -> int:
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
