"""What ``ppocr-edge bench --json`` prints: a list of results, and of devices that failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from deploy_tools.measurement.case import Case
from deploy_tools.measurement.environment import Environment
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.measurement.series import FIRST, LOAD, RUN, WARMUP
from deploy_tools.results.imports.content import Content
from deploy_tools.results.imports.made import made_runs, series_by_name
from deploy_tools.results.imports.model_name import model_name
from deploy_tools.results.imports.naming import Naming
from deploy_tools.results.record import RunRecord
from edge.bundle.bundle import load_bundle
from edge.errors import PpocrEdgeError

_UNKNOWN: Final = "unknown"


def is_quick_bench(values: object) -> bool:
    """Whether a JSON document is one."""
    return (
        isinstance(values, Sequence)
        and not isinstance(values, str)
        and len(values) > 0
        and all(isinstance(one, Mapping) and "device" in one for one in values)
        and all("samples_ms" in one or "error" in one for one in values)
    )


def runs_of_quick_bench(
    content: Content, values: Sequence[Mapping[str, Any]], naming: Naming
) -> list[RunRecord]:
    """Runs of the results; of a device that failed it is not told over which bundle, so it is left out.

    Raises:
        InputError: They are not as they must be, or there are none.
    """
    try:
        measured = [_measurement(content, one, naming) for one in values if "samples_ms" in one]
    except KeyError as error:
        raise content.refusal(f"is not as it must be: {error} is missing", "run bench again") from None
    except (TypeError, ValueError) as error:
        raise content.refusal(f"is not as it must be ({error!s:.150})", "run bench again") from None
    if not measured:
        raise content.refusal("holds no results: all devices failed", "see the errors in it")
    return made_runs(content, naming, "bench --json", measured)


def _measurement(content: Content, values: Mapping[str, Any], naming: Naming) -> Measurement:
    model, precision = _model_of(Path(str(values["bundle"])))
    library, _, version = str(values["library"]).rpartition(" ")
    return Measurement(
        case=Case(
            "latency",
            naming.model or model,
            naming.precision or precision,
            tuple(int(side) for side in values["shape"]),
        ),
        environment=Environment(
            naming.device or str(values["device"]), library=library or version, library_version=version
        ),
        started=content.written,
        seconds=0.0,
        series=series_by_name(
            {
                LOAD: [float(values["load_ms"])],
                FIRST: [float(values["first_ms"])],
                WARMUP: map(float, values["warmup_ms"]),
                RUN: map(float, values["samples_ms"]),
            }
        ),
        peak_rss_mb=float(values["peak_rss_mb"]),
    )


def _model_of(folder: Path) -> tuple[str, str]:
    """Name and precision of a bundle's model: as the bundle says where it is there still, else by name."""
    try:
        bundle = load_bundle(folder)
    except (PpocrEdgeError, OSError):
        return model_name(str(folder)) or _UNKNOWN, _UNKNOWN
    return bundle.manifest.name, bundle.nb.precision
