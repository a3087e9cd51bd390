"""What every device can do, whatever wire leads to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from deploy_tools.devices.settings import USUAL, RunSettings
from edge.bundle.bundle import Bundle
from edge.predictor.protocol import Array, Predictor


class DevicePredictor(Predictor, Protocol):
    """A predictor that also knows what its last run cost where it ran."""

    @property
    def info(self) -> Mapping[str, Any]:
        """Library, its version and load time in ms, from the runner; loads the model if need be."""
        ...

    def measure(self, inputs: Sequence[Array], runs: int) -> Sequence[float]:
        """Run the network up to so often, with nothing sent between the runs; the time of each in ms."""
        ...

    @property
    def waits_ms(self) -> Sequence[float]:
        """How long others kept each run of the last `measure` from the processor, in ms; empty: unknown."""
        ...

    @property
    def seconds(self) -> float:
        """Time the last run took on the device, without the transport."""
        ...

    @property
    def peak_rss_mb(self) -> float:
        """Highest resident memory of the runner so far, in MB (10**6 bytes)."""
        ...


class NamedDevice(Protocol):
    """What is known of a device before anything leads to it: enough to plan what it shall do."""

    @property
    def name(self) -> str:
        """As the user names it."""
        ...

    @property
    def note(self) -> str:
        """What a reader of its figures must know; empty where there is nothing."""
        ...

    @property
    def settings(self) -> RunSettings:
        """Of the library where nothing else is asked for."""
        ...


class Device(NamedDevice, Protocol):
    """A place that runs models, most of them with a Paddle-Lite library."""

    @property
    def target(self) -> str | None:
        """What a model must be converted for to run here; None where inference models run as they are."""
        ...

    def open(
        self,
        bundle: Bundle,
        *,
        force: bool = False,
        run_seconds: float = 120.0,
        settings: RunSettings = USUAL,
    ) -> DevicePredictor:
        """Begin to make a bundle ready to run.

        Does not wait until it is, so that several can load at the same time. Whether the library there suits
        the bundle shows with the predictor's first ``info`` or ``run``.

        Args:
            bundle: What to run.
            force: Run it although it is known not to compute correctly here.
            run_seconds: Time limit of one run.
            settings: Of the library. What the runner cannot do of them shows as the library does.

        Raises:
            PredictorError: The device cannot run the bundle, or should not without ``force``.
            DeviceError: The device cannot be reached, refuses, or is in use.
        """
        ...

    def close(self) -> None:
        """Close every predictor on it that is open, and whatever leads to it. May be called again."""
        ...
