"""``ppocr-edge bench``: latency and memory of bundles."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.table import Table

from deploy_tools.cli.bundle_options import device_options
from deploy_tools.cli.console import print_json, stdout_console
from deploy_tools.cli.device_bars import device_bars
from deploy_tools.cli.on_devices import tell_failures, tell_notes, work_on
from deploy_tools.cli.visible import printable
from edge.errors import InputError, TensorError

if TYPE_CHECKING:
    from deploy_tools.bench import BenchResult
    from deploy_tools.devices.base import Device
    from edge.bundle.bundle import Bundle
    from edge.predictor.protocol import Array

EPILOG = """\b
Examples:
  ppocr-edge bench bundles/ch_PP-OCRv4_det-x86
  ppocr-edge bench bundles/*-x86 --repeats 50
  ppocr-edge bench bundles/ch_PP-OCRv4_det-x86 --size 640x640 --json
  ppocr-edge bench bundles/ch_PP-OCRv4_det-arm --device pi4,pixel
"""

MAX_SIDE: Final = 2048
"""In pixels; a detection network takes 5 GB for that."""


def _parse_size(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[int, int] | None:
    if value is None:
        return None
    match = re.fullmatch(r"([0-9]{1,9})[xX]([0-9]{1,9})", value)
    if match is None:
        raise click.BadParameter(
            f"{value!r} is not HEIGHTxWIDTH, write for example 640x640", context, parameter
        )
    height, width = int(match[1]), int(match[2])
    if not (1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE):
        raise click.BadParameter(
            f"{value!r} is out of range, use sides of 1 to {MAX_SIDE} pixels", context, parameter
        )
    return height, width


@click.command(epilog=EPILOG)
@click.argument("bundles", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="BUNDLE...")
@click.option(
    "--size",
    callback=_parse_size,
    metavar="HxW",
    help="Input height and width; default: the bundle's golden input.",
)
@click.option(
    "--input",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.npy",
    help="Input tensor of your own.",
)
@click.option("--warmup", type=click.IntRange(1), default=3, show_default=True, help="Runs before measuring.")
@click.option("--repeats", type=click.IntRange(1), default=20, show_default=True, help="Measured runs.")
@click.option("--json", "as_json", is_flag=True, help="Print every sample as JSON.")
@device_options
def bench(bundles: tuple[Path, ...], as_json: bool, **options: Any) -> int:
    """Measure BUNDLES on devices: load, first run, p50/p90/p99 of the steady state, peak memory.

    Times are taken inside the runner, around the run alone. Every sample is kept (--json). Several devices
    measure at the same time; exit code 2 if any failed, after the results of the others.
    """
    from deploy_tools.bench import bench_bundle
    from deploy_tools.devices.find import find_devices
    from edge.bundle.bundle import load_bundle

    if options["size"] and options["file"]:
        raise InputError("--size", "does not go together with --input", "choose one")
    with device_bars() as bars:
        devices = find_devices(options["device"], options["inventory"], sending=bars.sending)
        cases = [(bundle, _input(bundle, options)) for bundle in map(load_bundle, bundles)]
        runs = options["warmup"] + options["repeats"]
        results: dict[str, list[BenchResult]] = {device.name: [] for device in devices}

        def measure(device: Device) -> None:
            label = f"measuring on {device.name}" if len(devices) > 1 else "measuring"
            with bars.work(label, len(cases) * runs) as told:
                count = itertools.count(1)
                for bundle, tensor in cases:
                    results[device.name].append(
                        bench_bundle(
                            bundle,
                            device,
                            tensor,
                            warmup=options["warmup"],
                            repeats=options["repeats"],
                            force=options["force"],
                            run_seconds=options["time_limit"],
                            ran=lambda: told(next(count)),
                        )
                    )

        outcomes = work_on(devices, measure)
    measured = [result for device in devices for result in results[device.name]]
    if as_json:
        failed = [
            {"device": outcome.device.name, "error": outcome.error.one_line()}
            for outcome in outcomes
            if outcome.error is not None
        ]
        print_json([*(result.to_json() for result in measured), *failed])
    elif measured:
        stdout_console().print(bench_table(measured, several=len(devices) > 1))
        tell_notes([device for device in devices if results[device.name]])
    return tell_failures(outcomes)


def bench_table(results: list[BenchResult], *, several: bool = False) -> Table:
    """A table of results; times in ms.

    Args:
        results: The results.
        several: They are from several devices: say which.
    """
    table = Table(*(["device"] if several else []), "bundle", "input", box=None, pad_edge=False)
    for name in ("load", "first", "p50", "p90", "p99", "runs", "peak MB"):
        table.add_column(name, justify="right")
    for result in results:
        table.add_row(
            *([printable(result.device)] if several else []),
            Path(result.bundle).name,
            "x".join(map(str, result.shape)),
            f"{result.load_ms:.1f} ms",
            f"{result.first_ms:.1f} ms",
            *(f"{result.percentile(percent):.1f} ms" for percent in (50, 90, 99)),
            str(len(result.samples_ms)),
            f"{result.peak_rss_mb:.0f}",
        )
    return table


def _input(bundle: Bundle, options: dict[str, Any]) -> Array:
    if options["file"]:
        return _own_input(bundle, options["file"])
    golden = bundle.golden()[0]
    if options["size"] is None:
        return golden
    height, width = options["size"]
    import numpy as np

    # a real picture, repeated: latency may depend on values (denormals), noise would be no fair stand-in
    _, _, rows, columns = golden.shape
    tiles = np.tile(golden, (1, 1, -(-height // rows), -(-width // columns)))
    tensor = np.ascontiguousarray(tiles[:, :, :height, :width])
    try:
        bundle.manifest.input.check(tensor)
    except TensorError as error:
        raise InputError(
            f"--size {height}x{width}", f"does not suit {bundle.folder}", f"{error.remedy}"
        ) from None
    return tensor


def _own_input(bundle: Bundle, path: Path) -> Array:
    from edge.predictor.npy import NpyError, read_npy

    subject, remedy = f"--input {path}", "write it with numpy.save"
    try:
        array = read_npy(path)
        bundle.manifest.input.check(array)
    except NpyError as error:
        raise InputError(subject, f"is not a .npy tensor, {error}", remedy) from None
    except OSError as error:
        raise InputError(subject, f"cannot be read ({error.strerror})", remedy) from None
    except TensorError as error:
        raise InputError(
            subject, f"{error.found}, which does not suit {bundle.folder}", error.remedy
        ) from None
    return array
