"""``ppocr-edge measure ocr``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from deploy_tools.cli.bundle_options import TASKS, pipeline_options, split_images
from deploy_tools.cli.measure_options import (
    conditions_of,
    measure_options,
    one_each,
    sampling_options,
    setting_options,
    settings_in,
)
from deploy_tools.cli.measure_run import measure_command

if TYPE_CHECKING:
    from deploy_tools.devices.base import NamedDevice
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
@pipeline_options
@setting_options
@sampling_options(runs=3, seconds=0.0, limit=300.0)
@measure_options
def ocr(images: tuple[str, ...], assignments: tuple[str, ...], no_cls: bool, **options: Any) -> int:
    """Read IMAGES, files or folders of them, as 'run' does, and measure the stages.

    detect, classify and recognize are what the stages took seen from here, with the work of this host and the
    way to the device; network is what the networks took there. Texts and a small picture of each result are
    kept.
    """
    words, named = split_images(images, assignments)

    def plan(devices: Sequence[NamedDevice], inventory: str) -> Plan:
        from deploy_tools.pictures import expand_images
        from deploy_tools.reader import load_for
        from deploy_tools.scenarios.planning import plan_photographs

        one_each(options, "ocr")
        photographs = list(dict.fromkeys(expand_images(words)))
        tasks = [task for task in TASKS if task != "cls" or not no_cls]
        bundles = {task: load_for(task, named[task]) if task in named else None for task in tasks}
        (settings,) = settings_in(options)
        return plan_photographs(
            devices, photographs, bundles, settings, conditions_of(options), inventory=inventory
        )

    return measure_command("ocr", options, words, plan)
