"""The demo's steps: models to bundles, a page to text, bundles to latencies."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy_tools.bench import BenchResult, bench_bundle
from deploy_tools.default_bundles import DEFAULT_MODELS, default_bundle
from deploy_tools.demo.canvas import PageLine
from deploy_tools.demo.page import render_sample_page
from deploy_tools.devices.base import Device
from deploy_tools.draw import draw_result
from deploy_tools.reader import open_ocr
from edge.bundle.bundle import Bundle
from edge.ocr.image import load_image
from edge.ocr.result import PageResult

CASES = tuple((task, target) for target in ("x86", "arm") for task in DEFAULT_MODELS)
REPEATS = 10
WARMUP = 3


@dataclass(frozen=True)
class DemoPage:
    """What the demo reads.

    Attributes:
        path: The picture.
        truth: Its lines where they are known: those of the page that the demo renders itself.
    """

    path: Path
    truth: tuple[PageLine, ...]


def prepare_page(image: Path | None, folder: Path) -> DemoPage:
    """The given picture, or the sample page, rendered into ``folder/page.png``."""
    if image is not None:
        load_image(image)  # a picture that cannot be read ends the demo before anything is converted
        return DemoPage(image, ())
    page = render_sample_page()
    path = folder / "page.png"
    page.image.save(path)
    return DemoPage(path, page.lines)


def convert_models(folder: Path, done: Callable[[], None]) -> dict[tuple[str, str], Bundle]:
    """The default models as bundles for x86 and ARM; those that are there and whole are kept.

    Returns:
        Bundles by task and target.
    """

    def convert(case: tuple[str, str]) -> Bundle:
        bundle = default_bundle(case[0], target=case[1], parent=folder)
        done()
        return bundle

    # the work is done by child processes, two at a time
    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(CASES, pool.map(convert, CASES), strict=True))


def read_page(page: DemoPage, bundles: Mapping[str, Bundle], device: Device, folder: Path) -> PageResult:
    """Read the page; writes ``result.json`` and ``result.png`` into the folder."""
    ocr = open_ocr(bundles, device)
    try:
        result = ocr.read(page.path)
    finally:
        ocr.close()
    document = {"image": str(page.path), **result.to_json()}
    (folder / "result.json").write_text(
        json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    picture = load_image(page.path).picture
    draw_result(picture, result.lines, size=(result.width, result.height)).save(folder / "result.png")
    return result


def measure(bundles: Mapping[str, Bundle], device: Device, ran: Callable[[], None]) -> list[BenchResult]:
    """Latency of every bundle on its golden input."""
    return [
        bench_bundle(bundle, device, bundle.golden()[0], warmup=WARMUP, repeats=REPEATS, ran=ran)
        for bundle in bundles.values()
    ]
