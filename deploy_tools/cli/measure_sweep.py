"""``ppocr-edge measure sweep``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy_tools.cli.measure_options import (
    conditions_of,
    measure_options,
    sampling_options,
    setting_options,
    size_option,
    wanted_of,
)
from deploy_tools.cli.measure_run import measure_command
from edge.errors import InputError

if TYPE_CHECKING:
    from deploy_tools.devices.base import NamedDevice
    from deploy_tools.scenarios.plan import Plan
    from deploy_tools.scenarios.sweep_file import SweepFile


@click.command(
    epilog="""\b
Examples:
  ppocr-edge measure sweep bundles/*-arm --threads 1,2,4 --power-mode high,low --device pi4,pixel
  ppocr-edge measure sweep bundles/det-arm bundles/det-slim-arm --size 320x320,640x640 --device all
  ppocr-edge measure sweep sweep.yml --tag weekly
  ppocr-edge measure sweep --resume last

\b
sweep.yml, with paths from its own folder; options of the command line count before it:
  sweep: 1
  bundles: [bundles/det-arm, bundles/det-slim-arm]
  devices: [pi4, pixel]
  threads: [1, 2, 4]
  power_mode: [high, low]
  size: [320x320, 640x640]
"""
)
@click.argument("bundles", nargs=-1, type=click.Path(path_type=Path), metavar="BUNDLE...|FILE.yml")
@size_option
@setting_options
@sampling_options(runs=30, seconds=2.0, limit=60.0)
@measure_options
def sweep(bundles: tuple[Path, ...], **options: Any) -> int:
    """Measure every combination of networks, threads, power modes and input sizes, on every device.

    Precisions are those of the bundles. A size is measured with the networks that take it. What a device
    cannot do, such as threads on x86, fails and is kept as that; the rest goes on.
    """
    found = _file(bundles) if options["resume"] is None else None
    if found is not None and found.devices and not _is_named("device"):
        options["device"] = ",".join(found.devices)

    def plan(devices: Sequence[NamedDevice], inventory: str) -> Plan:
        from deploy_tools.scenarios.planning import plan_networks
        from deploy_tools.scenarios.sweep_file import SweepFile

        file = found or SweepFile(bundles)
        in_file = {"threads": file.threads, "power_modes": file.power_modes, "sizes": file.sizes}
        given = {**options, **{name: options[name] or values for name, values in in_file.items()}}
        wanted = wanted_of(given, file.bundles)
        return plan_networks("sweep", devices, wanted, conditions_of(options), inventory=inventory)

    return measure_command("sweep", options, bundles, plan)


def _is_named(parameter: str) -> bool:
    """Whether the command line names an option."""
    source = click.get_current_context().get_parameter_source(parameter)
    return source is not click.core.ParameterSource.DEFAULT


def _file(words: Sequence[Path]) -> SweepFile | None:
    """What a file says, where one is named instead of bundles.

    Raises:
        InputError: It cannot be read, or names no bundles.
    """
    from deploy_tools.scenarios.sweep_file import read_sweep

    if len(words) != 1 or words[0].suffix not in (".yml", ".yaml"):
        return None
    found = read_sweep(words[0])
    if not found.bundles:
        raise InputError(words[0], "names no bundles", "add 'bundles: [FOLDER, …]'")
    return found
