"""The quick benchmark of one bundle on one device: every sample kept, percentiles derived."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from deploy_tools.devices.base import Device
from edge.bundle.bundle import Bundle
from edge.predictor.protocol import Array

_TOGETHER_MS: Final = 1000.0


@dataclass(frozen=True)
class BenchResult:
    """What was measured. Times in milliseconds inside the runner, without the transport.

    Attributes:
        bundle: Folder of the bundle.
        device: Name of the device.
        library: Library and version that ran it.
        shape: Of the input.
        load_ms: Loading the model.
        first_ms: The first run, which also prepares the network for the input size.
        warmup_ms: The runs before measuring, the first excluded.
        samples_ms: Every measured run.
        peak_rss_mb: Highest resident memory of the runner, in MB (10**6 bytes).
    """

    bundle: str
    device: str
    library: str
    shape: tuple[int, ...]
    load_ms: float
    first_ms: float
    warmup_ms: tuple[float, ...]
    samples_ms: tuple[float, ...]
    peak_rss_mb: float

    def percentile(self, percent: float) -> float:
        """A percentile of the samples in ms, linearly interpolated between ranks."""
        return float(np.percentile(self.samples_ms, percent))

    def to_json(self) -> dict[str, Any]:
        """Plain values with the percentiles."""
        values = dict(vars(self))
        values["shape"] = list(self.shape)
        values["warmup_ms"] = list(self.warmup_ms)
        values["samples_ms"] = list(self.samples_ms)
        return {**values, **{f"p{percent}_ms": self.percentile(percent) for percent in (50, 90, 99)}}


def bench_bundle(
    bundle: Bundle,
    device: Device,
    tensor: Array,
    *,
    warmup: int,
    repeats: int,
    force: bool = False,
    run_seconds: float = 120.0,
    ran: Callable[[], None] = lambda: None,
) -> BenchResult:
    """Measure a bundle.

    Args:
        bundle: What to measure.
        device: Where.
        tensor: The input.
        warmup: Runs before measuring, at least 1: the first run is reported by itself.
        repeats: Measured runs.
        force: See :meth:`Device.open`.
        run_seconds: Time limit of one run.
        ran: Called after every run.

    Raises:
        TensorError: The input does not suit the network.
        PredictorError: The device cannot run the bundle, or died over it.
    """
    predictor = device.open(bundle, force=force, run_seconds=run_seconds)
    try:
        times: list[float] = []
        while (left := max(1, warmup) + repeats - len(times)) > 0:
            measured = predictor.measure([tensor], min(left, _at_once(times)))
            times += measured
            for _ in measured:
                ran()
        info = predictor.info
        return BenchResult(
            bundle=str(bundle.folder),
            device=device.name,
            library=f"{info['library']} {info['library_version']}",
            shape=tuple(tensor.shape),
            load_ms=float(info["load_ms"]),
            first_ms=times[0],
            warmup_ms=tuple(times[1 : max(1, warmup)]),
            samples_ms=tuple(times[max(1, warmup) :]),
            peak_rss_mb=predictor.peak_rss_mb,
        )
    finally:
        predictor.close()


def _at_once(times: Sequence[float]) -> int:
    """How many runs to ask for: quick ones together, as a device that waits between them falls asleep."""
    return max(1, int(_TOGETHER_MS / max(times[-1], 1e-3))) if times else 1
