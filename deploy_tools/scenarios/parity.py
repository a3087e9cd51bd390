"""Whether a device computes what it should: against the bundle's golden output, and against Paddle here."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Final

import numpy as np

from deploy_tools.conversion.tolerance import tolerance_of
from deploy_tools.devices.paddle import PaddleDevice
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.series import Series
from deploy_tools.scenarios.opening import open_network
from deploy_tools.scenarios.plan import Measuring, Part, Unit
from deploy_tools.scenarios.workplace import Workplace
from edge.bundle.bundle import Bundle
from edge.errors import BundleError, ModelError
from edge.predictor.protocol import Array
from slim.zoo.entry import Kind
from slim.zoo.pull import ensure

GOLDEN: Final = "golden"
PADDLE: Final = "paddle"
ALLOWED: Final = "allowed"
OLD_WEIGHTS_TOLERANCE: Final = 0.1
"""Of weights that were rounded, in bundles whose golden output is of those that were not."""


def measure_parity(unit: Unit, place: Workplace, told: Callable[[float], None]) -> Measuring:
    """Compare outputs; one measurement a part.

    Raises:
        PpocrEdgeError: A network cannot be run, there or here.
    """
    for number, part in enumerate(unit.parts, start=1):
        yield _compare(part, unit, place)
        told(number / len(unit.parts))


def difference(found: Array, expected: Array) -> float:
    """The largest absolute difference; infinite where the shapes differ."""
    if found.shape != expected.shape:
        return float("inf")
    return float(np.abs(np.subtract(found, expected, dtype=np.float64)).max())


def _compare(part: Part, unit: Unit, place: Workplace) -> Measurement:
    began, start = datetime.now(timezone.utc), time.monotonic()
    conditions = unit.conditions
    bundle, tensor, predictor = open_network(part, conditions, place.device)
    try:
        info = predictor.info
        found = predictor.run([tensor])[0]
        peak = predictor.peak_rss_mb
    finally:
        predictor.close()
    differences = {}
    golden_input, golden_output = bundle.golden()
    if np.array_equal(tensor, golden_input):
        differences[GOLDEN] = difference(found, golden_output)
    if part.paddle:
        differences[PADDLE] = difference(found, _by_paddle(bundle, tensor, conditions.run_seconds))
    allowed = conditions.tolerance if conditions.tolerance is not None else golden_tolerance(bundle)
    values = {**differences, ALLOWED: allowed}
    return Measurement(
        case=part.case,
        environment=place.environment(info, part.settings, bundle.nb.opt_version),
        started=began,
        seconds=time.monotonic() - start,
        series={name: Series(name, np.array([value]), "") for name, value in values.items()},
        peak_rss_mb=peak or None,
        inputs=part.hashes,
        verdict=_verdict(differences, allowed),
    )


def _verdict(differences: dict[str, float], allowed: float) -> str:
    bad = [
        f"differs from {'the golden output' if name == GOLDEN else 'Paddle'} by {value:.3g}"
        for name, value in differences.items()
        if not value <= allowed
    ]
    return f"{', and '.join(bad)}; {allowed:g} is allowed" if bad else ""


def golden_tolerance(bundle: Bundle) -> float:
    """How much an output may differ from the golden one where nothing else is asked for.

    A manifest may ask for less than its kind of model is usually allowed, not for more.
    """
    golden, precision = bundle.manifest.golden, bundle.nb.precision
    usual = tolerance_of(bundle.manifest.task, precision)
    if golden and (golden.of or precision == "fp32"):
        return min(golden.tolerance, usual)
    return OLD_WEIGHTS_TOLERANCE if precision.endswith("-weights") else usual


def _by_paddle(bundle: Bundle, tensor: Array, run_seconds: float) -> Array:
    """What Paddle gives for an input, with the model that the bundle was made of.

    Raises:
        BundleError: The bundle was not made of a model of the zoo, or of another than the zoo has now.
        SourceError: The model cannot be had.
    """
    source = bundle.manifest.source
    try:
        model = ensure(str(source["zoo"]), Kind(str(source["kind"])))
    except (KeyError, ValueError, ModelError):
        raise BundleError(
            bundle.folder,
            "was not made of a model of the zoo, so that Paddle cannot compute the same",
            "leave --paddle out: its golden output is Paddle's too",
        ) from None
    if any(model.sha256.get(name) != sha256 for name, sha256 in dict(source.get("sha256", {})).items()):
        raise BundleError(bundle.folder, "was made of another version of its model", "convert it again")
    predictor = PaddleDevice().open_model(model.folder, bundle.manifest.input, run_seconds=run_seconds)
    try:
        return predictor.run([tensor])[0]
    finally:
        predictor.close()
