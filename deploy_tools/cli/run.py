"""``ppocr-edge run``: read the text in images."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy_tools.cli.bundle_options import (
    FiniteRange,
    device_options,
    is_assignment,
    load_bundles,
    parse_assignments,
)
from deploy_tools.cli.console import print_json_line, remark, tracked
from deploy_tools.cli.visible import printable
from edge.errors import ImageError, PpocrEdgeError, PredictorError

if TYPE_CHECKING:
    from deploy_tools.pictures import PicturePlan
    from edge.ocr.pipeline import OCR
    from edge.ocr.result import PageResult

EPILOG = """\b
Examples:
  ppocr-edge run photo.jpg
  ppocr-edge run photo.jpg --draw result.png
  ppocr-edge run scans/ --json > results.jsonl
  ppocr-edge run a.jpg b.jpg --bundle det=bundles/d-x86 cls=bundles/c-x86 rec=bundles/r-x86 --draw out/

\b
With --json every image gives one line:
  {"image": …, "width": …, "height": …,
   "lines": [{"text": …, "score": …, "box_score": …, "rotated": …, "quad": …}, …], "seconds": {…}}
or {"image": …, "error": …} where it could not be read.
"""


@click.command(epilog=EPILOG)
@click.argument("images", nargs=-1, required=True, metavar="IMAGE...")
@click.option(
    "--bundle",
    "assignments",
    multiple=True,
    metavar="TASK=FOLDER",
    help="Bundle for det, cls or rec; default: PP-OCRv4.",
)
@click.option("--no-cls", is_flag=True, help="Do not look for upside-down lines.")
@click.option(
    "--min-score",
    type=FiniteRange(0, 1),
    default=0.5,
    show_default=True,
    help="Drop lines read with less.",
)
@click.option(
    "--draw",
    type=click.Path(path_type=Path),
    metavar="OUT.png",
    help="Draw the result; a folder for several images.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON line per image.")
@device_options
def run(
    images: tuple[str, ...], assignments: tuple[str, ...], as_json: bool, draw: Path | None, **options: Any
) -> int:
    """Read the text in IMAGES: files, or folders of them.

    Goes on after an image that cannot be read, and ends with a count. Exit code 2 if any could not.
    """
    from deploy_tools.devices.find import find_device
    from deploy_tools.pictures import expand_images, plan_pictures
    from edge.ocr.image import check_image

    # `--bundle det=A cls=B rec=C`: all but the first arrive among the images
    named = parse_assignments([*assignments, *(word for word in images if is_assignment(word))])
    paths = expand_images([word for word in images if not is_assignment(word)])
    plan = plan_pictures(paths, draw)
    device = find_device(options["device"])
    if len(paths) == 1:  # before bundles are made ready for it
        check_image(paths[0])
    bundles = load_bundles(named, use_cls=not options["no_cls"])
    from deploy_tools.reader import open_ocr  # slow: after what a typing error can make go wrong

    ocr = open_ocr(
        bundles,
        device,
        force=options["force"],
        run_seconds=options["time_limit"],
        min_score=options["min_score"],
    )
    try:
        return _read_all(ocr, paths, plan, as_json=as_json)
    finally:
        ocr.close()


def _read_all(ocr: OCR, paths: list[Path], plan: PicturePlan, *, as_json: bool) -> int:
    start, failures, lines = time.perf_counter(), 0, 0
    for path in tracked(paths, "reading", len(paths)):
        try:
            page = ocr.read(path)
            drawn = plan.draw(path, page)
        except (ImageError, PredictorError) as error:
            if len(paths) == 1:
                raise
            failures += 1
            _report_failure(path, error, as_json=as_json)
            continue
        lines += len(page.lines)
        _report(path, page, drawn, as_json=as_json, several=len(paths) > 1)
    if len(paths) > 1:
        seconds = time.perf_counter() - start
        read = len(paths) - failures
        remark(f"{read} of {len(paths)} images read, {failures} failed, {lines} lines, {seconds:.1f} s")
    return PpocrEdgeError.exit_code if failures else 0


def _report(path: Path, page: PageResult, drawn: Path | None, *, as_json: bool, several: bool) -> None:
    if as_json:
        picture = {} if drawn is None else {"drawn": str(drawn)}
        print_json_line({"image": str(path), **picture, **page.to_json()})
        return
    if several:
        count = f"{len(page.lines)} line{'' if len(page.lines) == 1 else 's'}"
        click.echo(f"== {printable(str(path))}: {count}, {sum(page.seconds.values()):.2f} s")
    for line in page.lines:
        click.echo(f"{line.score:.2f}  {line.text}")
    if not page.lines and not several:
        remark("no text found")
    if drawn is not None and not several:
        remark(f"drew {drawn}")


def _report_failure(path: Path, error: PpocrEdgeError, *, as_json: bool) -> None:
    if as_json:
        print_json_line({"image": str(path), "error": error.one_line()})
    remark(error.one_line())
