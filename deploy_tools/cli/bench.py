"""``ppocr-edge bench``: latency and memory of bundles."""

from __future__ import annotations

import itertools
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from deploy_tools.cli.bundle_options import device_options, input_option
from deploy_tools.cli.console import print_json, remark, stdout_console
from deploy_tools.cli.device_bars import device_bars
from deploy_tools.cli.on_devices import tell_failures, tell_notes, work_on
from deploy_tools.cli.results_option import results_option
from deploy_tools.cli.visible import printable
from edge.errors import InputError, TensorError

if TYPE_CHECKING:
    from deploy_tools.bench import BenchResult
    from deploy_tools.devices.base import Device
    from deploy_tools.measurement.measurement import Measurement
    from edge.bundle.bundle import Bundle
    from edge.predictor.protocol import Array

EPILOG = """\b
Examples:
  ppocr-edge bench bundles/ch_PP-OCRv4_det-x86
  ppocr-edge bench bundles/*-x86 --repeats 50
  ppocr-edge bench bundles/ch_PP-OCRv4_det-x86 --size 640x640 --json
  ppocr-edge bench bundles/ch_PP-OCRv4_det-arm --device pi4,pixel --tag main

'ppocr-edge measure' takes longer, and finds out what disturbed its samples.
"""


def _parse_size(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[int, int] | None:
    from deploy_tools.scenarios.size import parse_size

    try:
        return None if value is None else parse_size(value)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from None


@click.command(epilog=EPILOG)
@click.argument("bundles", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="BUNDLE...")
@click.option(
    "--size",
    callback=_parse_size,
    metavar="HxW",
    help="Input height and width; default: the bundle's golden input.",
)
@input_option
@click.option("--warmup", type=click.IntRange(1), default=3, show_default=True, help="Runs before measuring.")
@click.option("--repeats", type=click.IntRange(1), default=20, show_default=True, help="Measured runs.")
@click.option("--save", is_flag=True, help="Store the results: see 'ppocr-edge results'.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Store them under this name; repeatable.")
@results_option
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
    if options["results"] and not (options["save"] or options["tags"]):
        raise InputError("--results", "is given, and nothing is to be stored", "add --save")
    with device_bars() as bars:
        devices = find_devices(options["device"], options["inventory"], sending=bars.sending)
        cases = [(bundle, _input(bundle, options)) for bundle in map(load_bundle, bundles)]
        keeping = _Keeping(options, cases, devices)
        runs = options["warmup"] + options["repeats"]
        results: dict[str, list[BenchResult]] = {device.name: [] for device in devices}

        def measure(device: Device) -> None:
            label = f"measuring on {device.name}" if len(devices) > 1 else "measuring"
            with bars.work(label, len(cases) * runs) as told:
                count = itertools.count(1)
                for bundle, tensor in cases:
                    result = bench_bundle(
                        bundle,
                        device,
                        tensor,
                        warmup=options["warmup"],
                        repeats=options["repeats"],
                        force=options["force"],
                        run_seconds=options["time_limit"],
                        ran=lambda: told(next(count)),
                    )
                    results[device.name].append(result)
                    keeping.note(result, bundle, device)

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
    keeping.keep()
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


class _Keeping:
    """Stores what is measured, where that is wanted.

    Raises:
        InputError: A tag cannot be one, or a bundle is named twice.
    """

    def __init__(
        self, options: dict[str, Any], cases: Sequence[tuple[Bundle, Array]], devices: Sequence[Device]
    ) -> None:
        self._wanted = bool(options["save"] or options["tags"])
        self._options = options
        self._measured: list[Measurement] = []
        if not self._wanted:
            return
        from deploy_tools.results.tags import check_tag
        from deploy_tools.scenarios.planning import Wanted
        from deploy_tools.scenarios.quick import plan_bench

        for tag in options["tags"]:
            check_tag(tag)
        sizes = [options["size"]] if options["size"] else []
        self._plan = plan_bench(
            devices, Wanted([bundle for bundle, _ in cases], sizes=sizes, file=options["file"])
        )

    def note(self, result: BenchResult, bundle: Bundle, device: Device) -> None:
        """Remember a result.

        Raises:
            DeviceError: Its device cannot be asked what it is.
        """
        if not self._wanted:
            return
        from deploy_tools.scenarios.quick import as_measurement

        folder = str(bundle.folder.absolute())
        (case,) = [
            part.case
            for unit in self._plan.units
            for part in unit.parts
            if unit.device == device.name and folder in part.bundles.values()
        ]
        self._measured.append(as_measurement(result, case, bundle, device))

    def keep(self) -> None:
        """Store what was noted.

        Raises:
            InputError: It cannot be.
        """
        if not self._measured:
            return
        from deploy_tools.results.opening import open_results
        from deploy_tools.scenarios.quick import keep_bench

        command = shlex.join(["ppocr-edge", *sys.argv[1:]])
        with open_results(self._options["results"]) as store:
            run = keep_bench(self._plan, store, self._measured, command=command, tags=self._options["tags"])
            remark(f"run {run.id}, kept in {store.place.shown}")


def _input(bundle: Bundle, options: dict[str, Any]) -> Array:
    from deploy_tools.scenarios.inputs import own_input, sized_input, timed_input

    if options["file"]:
        return own_input(bundle, options["file"])
    if options["size"] is None:
        return timed_input(bundle)
    height, width = options["size"]
    try:
        return sized_input(bundle, height, width)
    except TensorError as error:
        raise InputError(
            f"--size {height}x{width}", f"does not suit {bundle.folder}", f"{error.remedy}"
        ) from None
