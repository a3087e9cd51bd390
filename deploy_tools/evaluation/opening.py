"""Making a candidate ready on a device, which may want it converted first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from deploy_tools.conversion.bundle_writer import write_bundle
from deploy_tools.conversion.golden import golden_input, golden_output
from deploy_tools.conversion.options import conversion_options, for_model
from deploy_tools.conversion.source import ModelSource
from deploy_tools.conversion.workshop import workshop
from deploy_tools.devices.base import Device
from deploy_tools.devices.paddle import PaddleDevice
from deploy_tools.evaluation.candidate import Candidate
from edge.bundle.bundle import Bundle
from edge.errors import PpocrEdgeError
from edge.folders import home_folder
from edge.ocr.charset import CharacterSet, read_character_set
from edge.ocr.parameters import RecognitionParameters
from edge.predictor.protocol import Predictor
from slim.zoo.parameters import input_spec


@dataclass(frozen=True)
class OpenCandidate:
    """A model that can be run.

    Attributes:
        predictor: Runs it.
        characters: A recognizer's classes; None for the others.
    """

    predictor: Predictor
    characters: CharacterSet | None


@contextmanager
def opened(
    candidate: Candidate, device: Device, *, force: bool = False, run_seconds: float = 120.0
) -> Iterator[OpenCandidate]:
    """A candidate on a device; closed, and what was converted for it gone, at the end.

    Args:
        candidate: The model.
        device: Where to run it.
        force: Run it although it is known not to compute correctly there.
        run_seconds: Time limit of one run.

    Raises:
        InputError: The model's files cannot be used, or its dictionary does not fit.
        ConversionError: It cannot be converted for the device, or is for another task.
        PredictorError: The device cannot run it.
    """
    with ExitStack() as stack:
        form = candidate.form
        if isinstance(device, PaddleDevice) and isinstance(form, ModelSource):
            yield _open_on_paddle(form, device, run_seconds, stack)
        else:
            bundle = form if isinstance(form, Bundle) else stack.enter_context(_converted(form, device))
            yield _open_bundle(bundle, device, force, run_seconds, stack)


def _open_on_paddle(
    source: ModelSource, device: PaddleDevice, run_seconds: float, stack: ExitStack
) -> OpenCandidate:
    spec = input_spec(source.parameters)
    predictor = device.open_model(source.folder, spec, run_seconds=run_seconds)
    stack.callback(predictor.close)
    output = golden_output(source, predictor, golden_input(source.parameters))
    characters = None
    if source.dictionary is not None and isinstance(source.parameters, RecognitionParameters):
        use_space, classes = source.parameters.use_space, int(output.shape[2])
        characters = read_character_set(source.dictionary, use_space=use_space, classes=classes)
    return OpenCandidate(predictor, characters)


def _open_bundle(
    bundle: Bundle, device: Device, force: bool, run_seconds: float, stack: ExitStack
) -> OpenCandidate:
    predictor = device.open(bundle, force=force, run_seconds=run_seconds)
    stack.callback(predictor.close)
    characters = bundle.character_set() if bundle.manifest.dictionary is not None else None
    _ = predictor.info  # what does not load is told before the first picture is looked at
    return OpenCandidate(predictor, characters)


@contextmanager
def _converted(source: ModelSource, device: Device) -> Iterator[Bundle]:
    """A bundle for the device, in a folder that is gone afterwards, after a kill with the next call."""
    options = for_model(conversion_options(device.target or ""), source.weights)
    with workshop(home_folder() / "evaluation") as shop:
        # not in the workshop itself, which is locked: a bundle is put in place under a lock of its own
        bundle = write_bundle(source, options, shop / "bundles")
        try:
            yield bundle
        except PpocrEdgeError as error:
            if not error.subject.startswith(str(bundle.folder)):
                raise
            # the user knows the model, not the bundle that was made of it
            raise type(error)(
                f"{source.name} for {bundle.manifest.target}", error.found, error.remedy
            ) from error
