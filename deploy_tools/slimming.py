"""What slimming needs of this layer: the size of a ``.nb``, and devices to measure on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy_tools.conversion.opt import run_opt
from deploy_tools.conversion.options import conversion_options
from deploy_tools.conversion.slim_result import WEIGHTS
from deploy_tools.conversion.source import ModelSource
from deploy_tools.devices.base import Device
from deploy_tools.devices.find import find_device
from deploy_tools.evaluation.candidate import Candidate
from deploy_tools.evaluation.opening import opened
from edge.errors import InputError
from edge.predictor.protocol import Predictor
from slim.pipeline.outside import FinishedModel
from slim.zoo.entry import Entry
from slim.zoo.parameters import zoo_parameters

ARM = "arm"


class OptConverter:
    """Sizes of ``.nb`` files for ARM, by ``opt``."""

    def nb_bytes(self, model: FinishedModel) -> int:
        """See :class:`slim.pipeline.outside.Converter`."""
        options = conversion_options(ARM, weights=WEIGHTS.get(model.precision))
        with TemporaryDirectory(prefix="ppocr-edge-") as folder:
            nb = run_opt(model.folder, options, Path(folder) / "model.nb")
        return nb.size


@dataclass(frozen=True)
class DevicePlace:
    """A device that results are measured on.

    Attributes:
        device: The device.
        entry: The model that is made smaller.
        run_seconds: Time limit of one run.
    """

    device: Device
    entry: Entry
    run_seconds: float

    @property
    def name(self) -> str:
        """As the user names it."""
        return self.device.name

    @property
    def computes_integers(self) -> bool:
        """ARM libraries do; the x86 build gives NaN or garbage without a word."""
        return self.device.target is not None and ARM in self.device.target.split(",")

    @contextmanager
    def open(self, model: FinishedModel) -> Iterator[Predictor]:
        """See :class:`slim.pipeline.outside.Place`."""
        source = ModelSource(
            name=model.name,
            folder=model.folder,
            task=self.entry.task.value,
            parameters=zoo_parameters(self.entry),
            dictionary=model.dictionary,
            origin={},
            weights=WEIGHTS.get(model.precision),
        )
        with opened(Candidate(model.name, source), self.device, run_seconds=self.run_seconds) as candidate:
            yield candidate.predictor


def find_place(name: str, entry: Entry, run_seconds: float) -> DevicePlace:
    """The device of a name, to measure on.

    Raises:
        InputError: There is none, or it is not one to measure results on.
    """
    device = find_device(name)
    if device.target is None:
        raise InputError(
            f"--device {name}", "is what every step is measured on anyway", "leave it out, or name a device"
        )
    return DevicePlace(device, entry, run_seconds)
