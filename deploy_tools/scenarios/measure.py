"""Measuring one unit, whichever scenario it is of. Nothing here decides who measures what, and when."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from typing import Final

from deploy_tools.measurement.environment import Environment
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.scenarios.latency import measure_latency
from deploy_tools.scenarios.ocr import measure_ocr
from deploy_tools.scenarios.parity import measure_parity
from deploy_tools.scenarios.plan import Measuring, Unit
from deploy_tools.scenarios.workplace import Workplace
from edge.errors import PpocrEdgeError

Measure = Callable[[Unit, Workplace, Callable[[float], None]], Measuring]
_MEASURES: Final[Mapping[str, Measure]] = {
    "latency": measure_latency,
    "sweep": measure_latency,
    "sustained": measure_latency,
    "ocr": measure_ocr,
    "parity": measure_parity,
}


def measure_unit(unit: Unit, place: Workplace, told: Callable[[float], None] = lambda _: None) -> Measuring:
    """Measure a unit; each measurement comes as soon as it is there.

    Args:
        unit: What.
        place: Where; kept over the units of a device.
        told: How much of it is done, 0 to 1.

    Raises:
        PpocrEdgeError: It cannot be measured; what came before counts.
    """
    place.cool_down(unit.conditions.cool_down)
    yield from _MEASURES[unit.scenario](unit, place, told)


def failed(unit: Unit, measured: int, error: PpocrEdgeError, note: str = "") -> Iterator[Measurement]:
    """What there is to keep of a unit that failed.

    Args:
        unit: The unit.
        measured: How many of its parts came before.
        error: Why it failed.
        note: What a reader must know of the device.
    """
    environment = Environment(device=unit.device, host=platform.node(), note=note)
    now = datetime.now(timezone.utc)
    for part in unit.parts[measured:]:
        yield Measurement(part.case, environment, now, 0.0, inputs=part.hashes, error=error.one_line())
