"""``ppocr-edge measure``: figures one can trust, kept."""

from __future__ import annotations

from typing import Final

import click

from deploy_tools.cli.lazy_group import LazyGroup

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "latency": ("deploy_tools.cli.measure_latency:latency", "Load, first run and steady state of networks."),
    "ocr": ("deploy_tools.cli.measure_ocr:ocr", "The whole pipeline on photographs, by stage."),
    "sweep": (
        "deploy_tools.cli.measure_sweep:sweep",
        "Every combination of networks, threads, power modes and sizes.",
    ),
    "sustained": (
        "deploy_tools.cli.measure_sustained:sustained",
        "Minutes under load: how much slower it gets.",
    ),
    "parity": ("deploy_tools.cli.measure_parity:parity", "Whether a device computes what it should."),
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    epilog="""\b
Examples:
  ppocr-edge measure latency bundles/*-arm --device pi4,pixel --tag main
  ppocr-edge measure latency before/det-arm after/det-arm --interleave --device pi4
  ppocr-edge measure ocr photos/ --device pi4
  ppocr-edge measure sweep bundles/*-arm --threads 1,2,4 --power-mode high,low --device all
  ppocr-edge measure sweep --resume last
  ppocr-edge measure sustained bundles/det-arm --minutes 10 --device pixel
  ppocr-edge measure parity bundles/*-arm --device pi4 --paddle
""",
)
def measure() -> None:
    """Measure on devices: every sample is kept, and how warm the device was.

    Devices measure at the same time. What is measured is stored at once (see 'ppocr-edge results'), so that a
    run that was broken off goes on with --resume.
    """
