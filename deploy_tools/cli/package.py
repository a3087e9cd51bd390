"""``ppocr-edge package``: bundles that passed become a release."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from deploy_tools.cli.allow_option import allow_option
from deploy_tools.cli.console import remark, stderr_console, warn
from deploy_tools.cli.package_view import pass_lines, print_check, print_release, print_remarks
from deploy_tools.cli.results_option import results_option
from deploy_tools.cli.signing_options import read_signing, signing_options
from deploy_tools.cli.visible import printable
from edge.errors import InputError

EPILOG: Final = """\b
Examples:
  ppocr-edge package bundles/det-arm bundles/cls-arm bundles/rec-arm --target linux-arm64 --target android \\
      --name ppocr --version 1.2.0 -o releases --key release.key
  ppocr-edge package bundles/*-arm --target linux-arm64 --name ppocr --version 1.2.0 -o releases \\
      --runner runner-arm64 --run last --key release.key --expires 2y
  ppocr-edge package bundles/my_rec-arm --target android --name mine --version 1.0 -o releases \\
      --allow no-gates --licence my_rec=MIT --notice LICENSE.txt
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
    "--accuracy",
    "evaluations",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="What 'evaluate BUNDLE --json' printed, whose measures go along; repeatable.",
)
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
@allow_option("Let pass what would be refused, and write that into the release; repeatable.")
@signing_options
@click.option(
    "--licence",
    "licences",
    multiple=True,
    metavar="[MODEL=]SPDX",
    help="Licence of a model of your own, or of all of them, as SPDX writes it; repeatable.",
)
@click.option(
    "--notice",
    "notices",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Text that goes into THIRD_PARTY_NOTICES.md, such as your own licence's; repeatable.",
)
@click.option(
    "--again",
    is_flag=True,
    help="Replace a release of this name and version that is another one, or sign anew.",
)
@click.option("--check", is_flag=True, help="Make it again, elsewhere, and say whether it is the same.")
@click.option("--json", "as_json", is_flag=True, help="Print what was made, or differs, as JSON.")
def package(
    output: Path, key: Path | None, password_file: Path | None, expires: str | None, **options: Any
) -> int:
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
            "--check",
            "writes nothing, so there is nothing to sign or replace",
            f"leave {'--key' if key is not None else '--again'} out",
        )
    signing = read_signing(key, password_file, expires)
    with stderr_console().status("reading the bundles") as status:

        def told(what: str) -> None:
            status.update(f"packing: {printable(what)}")

        gathered = gather(PackageRequest(**options), told)
        if check:
            differences = check_release(gathered, output, told)
        else:
            written = write_release(
                gathered, output, key=signing.key, expires=signing.end, again=again, told=told
            )
    for one, models in pass_lines(gathered.passes):
        warn(f"let pass by --allow {one.allow}: {', '.join(models)}: {one.found}")
    for word in sorted(set(options["allow"]) - {one.allow for one in gathered.passes}):
        remark(f"--allow {word}: was not needed, and is not written down")
    if check:
        return print_check(gathered, output, differences, as_json=as_json)
    print_release(gathered, written, signing.key, as_json=as_json)
    print_remarks(gathered, written, signing.key, signing.end)
    return 0
