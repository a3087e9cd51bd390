"""Latency of networks: load, first run, steady state; several in turn where they shall be compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime, timezone
from itertools import count
from typing import Final

from deploy_tools.measurement.measurement import Measurement
from deploy_tools.scenarios.looking import Look
from deploy_tools.scenarios.opening import open_network
from deploy_tools.scenarios.plan import Measuring, Part, Unit
from deploy_tools.scenarios.sampling import Sampler, monotonic_since
from deploy_tools.scenarios.shared_core import on_one_core
from deploy_tools.scenarios.workplace import Workplace
from edge.bundle.bundle import Bundle

LOOK_EVERY: Final = 2.0
"""Seconds of measuring between two looks at the device."""


def measure_latency(unit: Unit, place: Workplace, told: Callable[[float], None]) -> Measuring:
    """Measure the networks of a unit; of several a batch each in turn, A B B A A B ….

    In turn, so that whatever happens meanwhile happens to all of them. What is measured comes at the end.

    Args:
        unit: Its parts have one bundle each.
        place: Where.
        told: How much of it is done, 0 to 1.

    Raises:
        PpocrEdgeError: It cannot be measured.
    """
    conditions = unit.conditions
    began, start = datetime.now(timezone.utc), time.monotonic()
    clock = monotonic_since(start)
    parts = on_one_core(unit.parts, place.device)
    with ExitStack() as stack:
        opened = [_open(part, unit, place, clock, stack) for part in parts]
        samplers = [sampler for _, sampler in opened]
        looks: list[Look] = []
        place.add_look(looks, clock())
        for sampler in samplers:
            sampler.load()
            sampler.warm_up(conditions.warmup)
        _take_all(samplers, unit, place, clock, looks, told)
        seconds = clock()
        for part, (bundle, sampler) in zip(parts, opened, strict=True):
            info = sampler.predictor.info
            yield Measurement(
                case=part.case,
                environment=place.environment(info, part.settings, bundle.nb.opt_version),
                started=began,
                seconds=seconds,
                series=sampler.series(looks),
                readings=tuple(look.reading for look in looks),
                peak_rss_mb=sampler.predictor.peak_rss_mb or None,
                inputs=part.hashes,
            )


def _open(
    part: Part, unit: Unit, place: Workplace, clock: Callable[[], float], stack: ExitStack
) -> tuple[Bundle, Sampler]:
    bundle, tensor, predictor = open_network(part, unit.conditions, place.device)
    stack.callback(predictor.close)
    return bundle, Sampler(predictor, tensor, clock)


def _take_all(
    samplers: Sequence[Sampler],
    unit: Unit,
    place: Workplace,
    clock: Callable[[], float],
    looks: list[Look],
    told: Callable[[float], None],
) -> None:
    """Batches in turn until there is enough of each, or the time is over; looks at the device in between."""
    conditions, begin = unit.conditions, clock()
    limit = conditions.limit * len(samplers)
    looked = begin
    for number in count():
        # every other round the other way round: A B, B A, A B …
        turn = samplers if number % 2 == 0 else samplers[::-1]
        for sampler in turn:
            sampler.batch(conditions, wake=number > 0, in_turn=len(samplers) > 1)
        gone = clock() - begin
        told(min(1.0, max(gone / limit, min(_share(sampler, unit) for sampler in samplers))))
        over = gone >= limit or all(sampler.enough(conditions) for sampler in samplers)
        if over or clock() - looked >= LOOK_EVERY:
            place.add_look(looks, clock())
            looked = clock()
        if over:
            return


def _share(sampler: Sampler, unit: Unit) -> float:
    """How much of what is wanted a network has."""
    conditions = unit.conditions
    runs = len(sampler.runs.values) / max(conditions.runs, 1)
    return min(runs, sampler.seconds / conditions.seconds if conditions.seconds else runs)
