"""``ppocr-edge run``: read the text in images."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from deploy_tools.cli.bundle_options import (
    TASKS,
    device_options,
    load_bundles,
    pipeline_options,
    split_images,
)
from deploy_tools.cli.console import remark
from deploy_tools.cli.device_bars import DeviceBars, device_bars
from deploy_tools.cli.on_devices import tell_failures, work_on
from deploy_tools.cli.run_report import Report
from edge.errors import ImageError, InputError, PpocrEdgeError, PredictorError

if TYPE_CHECKING:
    from deploy_tools.devices.base import Device
    from deploy_tools.pictures import PicturePlan
    from edge.bundle.bundle import Bundle
    from edge.ocr.pipeline import OCR

EPILOG = """\b
Examples:
  ppocr-edge run photo.jpg
  ppocr-edge run photo.jpg --draw result.png
  ppocr-edge run scans/ --json > results.jsonl
  ppocr-edge run a.jpg b.jpg --bundle det=bundles/d-x86 cls=bundles/c-x86 rec=bundles/r-x86 --draw out/
  ppocr-edge run scans/ --device pi4,pixel

\b
With --json every image gives one line:
  {"image": …, "width": …, "height": …,
   "lines": [{"text": …, "score": …, "box_score": …, "rotated": …, "quad": …}, …], "seconds": {…}}
or {"image": …, "error": …} where it could not be read. With several devices it begins with "device": …,
and a device that failed gives {"device": …, "error": …}.
"""


@click.command(epilog=EPILOG)
@click.argument("images", nargs=-1, required=True, metavar="IMAGE...")
@pipeline_options
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

    Goes on after an image that cannot be read, and ends with a count. Exit code 2 if any could not. Several
    devices read at the same time, each all images.
    """
    from deploy_tools.devices.find import find_devices
    from deploy_tools.pictures import expand_images
    from edge.ocr.image import check_image

    words, named = split_images(images, assignments)
    paths = expand_images(words)
    with device_bars(hidden=sys.stdout.isatty()) as bars:
        devices = find_devices(options["device"], options["inventory"], sending=bars.sending)
        plans = _plans(devices, paths, draw)
        if len(paths) == 1:  # before bundles are made ready for it
            check_image(paths[0])
        several = len(devices) > 1
        reports = {
            device.name: Report(
                device.name if several else "", as_json=as_json, images=len(paths), plan=plans[device.name]
            )
            for device in devices
        }
        bundles = _Bundles(named, use_cls=not options["no_cls"], quiet=several or bars.shown)

        def read(device: Device) -> int:
            from deploy_tools.reader import open_ocr  # slow: after what a typing error can make go wrong

            ocr = open_ocr(
                bundles.load(device),
                device,
                force=options["force"],
                run_seconds=options["time_limit"],
                min_score=options["min_score"],
            )
            with closing(ocr):
                return _read_all(ocr, paths, reports[device.name], bars)

        outcomes = work_on(devices, read)
    for outcome in outcomes:
        if outcome.error is not None:
            reports[outcome.device.name].failed_device(outcome.error)
    failed = tell_failures(outcomes) != 0 or any(outcome.result for outcome in outcomes)
    return PpocrEdgeError.exit_code if failed else 0


def _read_all(ocr: OCR, paths: list[Path], report: Report, bars: DeviceBars) -> int:
    """Read all pictures; how many failed."""
    start, failures, lines = time.perf_counter(), 0, 0
    with bars.work(report.label("reading"), len(paths)) as told:
        for number, path in enumerate(paths, start=1):
            try:
                lines += report.page(path, ocr.read(path))
            except (ImageError, PredictorError) as error:
                if len(paths) == 1:
                    raise
                failures += 1
                report.failed(path, error)
            told(number)
    if len(paths) > 1:
        seconds, read = time.perf_counter() - start, len(paths) - failures
        counts = f"{read} of {len(paths)} images read, {failures} failed, {lines} lines, {seconds:.1f} s"
        remark(report.label(counts))
    return failures


class _Bundles:
    """The bundles of every device: the named ones, and default ones for what it runs on."""

    def __init__(self, named: dict[str, Path], *, use_cls: bool, quiet: bool) -> None:
        self._named = named
        self._use_cls = use_cls
        self._quiet = quiet
        self._loaded: dict[str, dict[str, Bundle]] = {}
        self._turn = threading.Lock()

    def load(self, device: Device) -> dict[str, Bundle]:
        tasks = set(TASKS) - (set() if self._use_cls else {"cls"})
        # where all are named the device need not be asked what it is before it is looked at
        target = "" if tasks <= set(self._named) else (device.target or "x86")
        with self._turn:
            if target not in self._loaded:
                self._loaded[target] = load_bundles(
                    self._named, use_cls=self._use_cls, target=target, quiet=self._quiet
                )
            return self._loaded[target]


def _plans(devices: Sequence[Device], paths: list[Path], draw: Path | None) -> dict[str, PicturePlan]:
    """Where drawn results go, by device: of several each has its own folder."""
    from deploy_tools.pictures import plan_pictures

    if draw is None or len(devices) == 1:
        return {device.name: plan_pictures(paths, draw) for device in devices}
    if draw.suffix or draw.is_file():
        raise InputError(f"--draw {draw}", f"one file for {len(devices)} devices", "name a folder")
    return {device.name: plan_pictures(paths, draw / quote(device.name, safe=" ")) for device in devices}
