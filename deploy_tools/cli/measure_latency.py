"""``ppocr-edge measure latency``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy_tools.cli.bundle_options import input_option
from deploy_tools.cli.measure_options import (
    conditions_of,
    measure_options,
    one_each,
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


@click.command(
    epilog="""\b
Examples:
  ppocr-edge measure latency bundles/ch_PP-OCRv4_det-x86
  ppocr-edge measure latency bundles/*-arm --device pi4,pixel --threads 4 --tag main
  ppocr-edge measure latency before/det-arm after/det-arm --interleave --device pi4
  ppocr-edge measure latency bundles/det-arm --device pi4 --cores 2,3 --runs 200 --seconds 10
  ppocr-edge measure latency --resume last
"""
)
@click.argument("bundles", nargs=-1, type=click.Path(path_type=Path), metavar="BUNDLE...")
@size_option
@input_option
@click.option(
    "--interleave",
    is_flag=True,
    help="Measure the bundles in turn, A B B A ..., to compare them: what happens meanwhile happens to all.",
)
@setting_options
@sampling_options(runs=60, seconds=5.0, limit=120.0)
@measure_options
def latency(bundles: tuple[Path, ...], file: Path | None, interleave: bool, **options: Any) -> int:
    """Measure networks one by one: load, first run, and the steady state after warming up.

    Times are taken inside the runner, around the run alone. Samples that other work disturbed, or that a hot
    device took, are flagged and kept.
    """

    def plan(devices: Sequence[NamedDevice], inventory: str) -> Plan:
        from deploy_tools.scenarios.planning import plan_networks

        one_each(options, "latency")
        if options["sizes"] and file:
            raise InputError("--size", "does not go together with --input", "choose one")
        if interleave and len(bundles) < 2:
            raise InputError("--interleave", "needs several bundles", "name two, or leave it out")
        wanted = wanted_of(options, bundles, file=file)
        return plan_networks(
            "latency", devices, wanted, conditions_of(options), in_turn=interleave, inventory=inventory
        )

    return measure_command("latency", options, bundles, plan)
