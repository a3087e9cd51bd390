"""``ppocr-edge measure sustained``."""

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

if TYPE_CHECKING:
    from deploy_tools.devices.base import NamedDevice
    from deploy_tools.scenarios.plan import Plan


@click.command(
    epilog="""\b
Examples:
  ppocr-edge measure sustained bundles/ch_PP-OCRv4_det-arm --device pixel --minutes 10
  ppocr-edge measure sustained bundles/det-arm --device pi4 --threads 4 --power-mode high
"""
)
@click.argument("bundles", nargs=-1, type=click.Path(path_type=Path), metavar="BUNDLE...")
@click.option(
    "--minutes",
    type=FiniteRange(0.01, 1440),
    default=5.0,
    show_default=True,
    help="How long each network is kept running.",
)
@size_option
@setting_options
@measure_options
def sustained(bundles: tuple[Path, ...], minutes: float, **options: Any) -> int:
    """Keep networks running for minutes: how much slower they get as the device gets hot.

    Temperatures and frequencies are read every other second, between runs. Nothing is warmed up before: how
    it begins is part of the curve.
    """

    def plan(devices: Sequence[NamedDevice], inventory: str) -> Plan:
        from deploy_tools.scenarios.planning import plan_networks

        one_each(options, "sustained")
        wanted = wanted_of(options, bundles)
        conditions = conditions_of(options, runs=1, seconds=minutes * 60, limit=minutes * 60, warmup=0.0)
        return plan_networks("sustained", devices, wanted, conditions, inventory=inventory)

    return measure_command("sustained", options, bundles, plan)
