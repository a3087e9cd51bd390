"""``ppocr-edge measure ocr``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from deploy_tools.cli.bundle_options import TASKS, FiniteRange, is_assignment, parse_assignments
from deploy_tools.cli.measure_options import (
    conditions_of,
    measure_options,
    one_each,
    sampling_options,
    setting_options,
)
from deploy_tools.cli.measure_run import measure_command

if TYPE_CHECKING:
    from deploy_tools.devices.base import Device
    from deploy_tools.scenarios.plan import Plan


@click.command(
    epilog="""\b
Examples:
  ppocr-edge measure ocr photo.jpg --device pi4
  ppocr-edge measure ocr photos/ --device pi4,pixel --threads 4 --tag main
  ppocr-edge measure ocr photos/ --bundle det=bundles/d-arm cls=bundles/c-arm rec=bundles/r-arm --device pi4
  ppocr-edge measure ocr --resume last
"""
)
@click.argument("images", nargs=-1, metavar="IMAGE...")
@click.option(
    "--bundle",
    "assignments",
    multiple=True,
    metavar="TASK=FOLDER",
    help="Bundle for det, cls or rec; default: PP-OCRv4.",
)
@click.option("--no-cls", is_flag=True, help="Do not look for upside-down lines.")
@click.option(
    "--min-score", type=FiniteRange(0, 1), default=0.5, show_default=True, help="Drop lines read with less."
)
@setting_options
@sampling_options(runs=3, seconds=0.0, limit=300.0)
@measure_options
def ocr(images: tuple[str, ...], assignments: tuple[str, ...], no_cls: bool, **options: Any) -> int:
    """Read IMAGES, files or folders of them, as 'run' does, and measure the stages.

    detect, classify and recognize are what the stages took seen from here, with the work of this host and the
    way to the device; network is what the networks took there. Texts and a small picture of each result are
    kept.
    """
    named = parse_assignments([*assignments, *(word for word in images if is_assignment(word))])
    words = [word for word in images if not is_assignment(word)]

    def plan(devices: Sequence[Device], inventory: str) -> Plan:
        from deploy_tools.pictures import expand_images
        from deploy_tools.reader import load_for
        from deploy_tools.scenarios.planning import plan_photographs, settings_of

        one_each(options, "ocr")
        photographs = list(dict.fromkeys(expand_images(words)))
        tasks = [task for task in TASKS if task != "cls" or not no_cls]
        bundles = {task: load_for(task, named[task]) if task in named else None for task in tasks}
        (settings,) = settings_of(
            options["threads"] or (), options["power_modes"] or (), options["cores"] or ()
        )
        return plan_photographs(
            devices, photographs, bundles, settings, conditions_of(options), inventory=inventory
        )

    return measure_command("ocr", options, words, plan)
