"""``ppocr-edge measure parity``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy_tools.cli.bundle_options import FiniteRange
from deploy_tools.cli.measure_options import (
    conditions_of,
    measure_options,
    one_each,
    setting_options,
    size_option,
    wanted_of,
)
from deploy_tools.cli.measure_run import measure_command
from edge.errors import InputError

if TYPE_CHECKING:
    from deploy_tools.devices.base import NamedDevice
    from deploy_tools.scenarios.plan import Plan


@click.command(
    epilog="""\b
Examples:
  ppocr-edge measure parity bundles/*-arm --device pi4,pixel
  ppocr-edge measure parity bundles/ch_PP-OCRv4_det-arm --device pi4 --paddle --size 640x640
  ppocr-edge measure parity bundles/det-slim-arm --device pi4 --tolerance 0.3

Exit code 1 where outputs differ by more than is allowed, 2 where a network could not be run.
"""
)
@click.argument("bundles", nargs=-1, type=click.Path(path_type=Path), metavar="BUNDLE...")
@click.option(
    "--paddle",
    is_flag=True,
    help="Compare with Paddle on this host too, which computes the model before its conversion.",
)
@click.option(
    "--tolerance",
    type=FiniteRange(0, 1e9),
    help="Largest difference that is allowed; default: the bundle's, 0.1 where it computes with integers.",
)
@size_option
@setting_options
@measure_options
def parity(bundles: tuple[Path, ...], paddle: bool, **options: Any) -> int:
    """Compare what devices compute with the bundle's golden output, and with Paddle."""

    def plan(devices: Sequence[NamedDevice], inventory: str) -> Plan:
        from deploy_tools.scenarios.planning import plan_networks

        one_each(options, "parity")
        if options["sizes"] and not paddle:
            raise InputError(
                "--size", "needs --paddle: golden outputs are of the golden input alone", "add --paddle"
            )
        wanted = wanted_of(options, bundles, paddle=paddle)
        return plan_networks("parity", devices, wanted, conditions_of(options), inventory=inventory)

    return measure_command("parity", options, bundles, plan)
