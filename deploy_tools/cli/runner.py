"""``ppocr-edge runner``: build the native runner, and see what that needs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from deploy_tools.cli.console import print_json, stderr_console, stdout_console
from deploy_tools.cli.visible import printable

if TYPE_CHECKING:
    from deploy_tools.native.check import Finding
    from deploy_tools.native.target import BuildTarget

EXIT_MISSING = 1
_DEFAULT = "linux-arm64"

_target_option = click.option(
    "--target",
    "target_name",
    default=_DEFAULT,
    show_default=True,
    help="System and processor: linux-arm64, linux-armhf, android-arm64, android-armv7 or linux-x86_64.",
)


@click.group(
    epilog="""\b
Examples:
  ppocr-edge runner check
  ppocr-edge runner build --lite-home inference_lite_lib.armlinux.armv8.gcc -o runner-arm64
"""
)
def runner() -> None:
    """Build the native runner: the program that runs a model on a board, in C++ and without Python."""


@runner.command(
    "build",
    epilog="""\b
Examples:
  ppocr-edge runner build --lite-home inference_lite_lib.armlinux.armv8.gcc -o runner-arm64
  ppocr-edge runner build --lite-home ~/lite-x86 --target linux-x86_64 -o runner-x86 --json
  export ANDROID_NDK_HOME=~/android-ndk-r25c
  ppocr-edge runner build --lite-home inference_lite_lib.android.armv8 --target android-arm64 -o runner-phone
""",
)
@click.option(
    "--lite-home",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Paddle-Lite inference library: include and lib, or cxx/include and cxx/lib.",
)
@_target_option
@click.option(
    "--android-platform",
    type=click.IntRange(min=1),
    metavar="LEVEL",
    help="Oldest Android API level to run on.  [default: the library's, 21 at least]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the runner.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was built as JSON.")
def build(
    lite_home: Path, target_name: str, android_platform: int | None, output: Path, as_json: bool
) -> None:
    """Build the runner against a Paddle-Lite library.

    Writes OUTPUT with the program, the libraries it needs and a manifest. The library's system, processor
    and headers are checked before the compiler is started; what was built once is not built again. Android
    targets need an NDK, named by ANDROID_NDK_HOME, ANDROID_NDK_ROOT or ANDROID_NDK.
    """
    from deploy_tools.native.build import build_runner, copy_runner
    from deploy_tools.native.target import find_target

    target = find_target(target_name)
    with stderr_console().status(f"building the runner for {target.name}"):
        built = copy_runner(build_runner(lite_home, target, platform=android_platform), output)
    if as_json:
        print_json(built.to_json())
        return
    click.echo(f"{built.program}  {built.target}  with {built.library}  by {built.compiler}")


@runner.command(
    "check",
    epilog="""\b
Examples:
  ppocr-edge runner check
  ppocr-edge runner check --lite-home inference_lite_lib.armlinux.armv8.gcc
  ppocr-edge runner check --target android-armv7
  ppocr-edge runner check --target linux-x86_64 --json
""",
)
@click.option(
    "--lite-home",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Paddle-Lite inference library to look at.",
)
@_target_option
@click.option("--json", "as_json", is_flag=True, help="Print a list of what is there and what is not.")
def check(lite_home: Path | None, target_name: str, as_json: bool) -> int:
    """Say what building the runner needs, what of it is here, and how to get the rest.

    Exit code 1 where something that a build needs is missing.
    """
    from deploy_tools.devices.emulated import LITE_HOME, TARGET
    from deploy_tools.native.check import check_build
    from deploy_tools.native.target import find_target

    target = find_target(target_name)
    option = "--lite-home"
    if lite_home is None and target == TARGET and os.environ.get(LITE_HOME):
        lite_home, option = Path(os.environ[LITE_HOME]), LITE_HOME
    findings = check_build(target, lite_home, option)
    if as_json:
        print_json([finding.to_json() for finding in findings])
    else:
        _print(findings, target)
    return EXIT_MISSING if any(finding.needed and not finding.ok for finding in findings) else 0


def _print(findings: tuple[Finding, ...], target: BuildTarget) -> None:
    table = Table("", "for", "found", "get it with", box=None, pad_edge=False)
    for finding in findings:
        table.add_row(finding.name, finding.purpose, printable(finding.found), printable(finding.remedy))
    stdout_console().print(table)
    missing = [finding.name for finding in findings if finding.needed and not finding.ok]
    click.echo(f"{target.name}: " + (f"missing {', '.join(missing)}" if missing else "can be built"))
