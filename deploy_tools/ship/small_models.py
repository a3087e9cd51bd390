"""Models as the recipe wants them: pulled, and made small; ready to be converted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from deploy_tools.conversion.slim_result import result_source
from deploy_tools.conversion.source import ModelSource, folder_source, zoo_source
from deploy_tools.ship.recipe import ReadyModel, ShippedModel, SlimModel
from deploy_tools.ship.reporter import Ended, Reporter
from deploy_tools.ship.request import ShipRequest
from deploy_tools.slimming import OptConverter, find_place
from edge.errors import InputError, ModelError
from edge.ocr.charset import read_character_set
from edge.sizes import size_text
from slim.pipeline.request import SlimRequest
from slim.pipeline.run import check_place, slim_model
from slim.zoo.catalog import find_entry
from slim.zoo.entry import Kind
from slim.zoo.progress import Progress as PullProgress
from slim.zoo.pull import ensure


def wanted_models(model: ShippedModel) -> Iterator[tuple[str, Kind | None]]:
    """Names and kinds of what must be pulled for a model."""
    if isinstance(model, ReadyModel):
        if model.folder is None:
            yield model.name, model.kind
        return
    yield model.recipe.model, model.recipe.kind
    if any(gate.against == "published" for gate in model.recipe.gates):
        yield model.recipe.name, Kind.SLIM_INFERENCE


def pull(model: ShippedModel, reporter: Reporter) -> Ended:
    """Make sure that everything published is here.

    Raises:
        SourceError: Something cannot be had.
    """
    with reporter.pulling() as progress:
        told = _Told(progress)
        origins = [ensure(name, kind, progress=told).origin for name, kind in wanted_models(model)]
    # an address tells all in its last part
    return Ended(", ".join(one.rpartition("/")[2] for one in dict.fromkeys(origins)), kept=not told.fetched)


def slim_request(model: SlimModel, request: ShipRequest) -> SlimRequest:
    """What is asked of ``slim``.

    Raises:
        InputError: The device that is to judge the result does not exist, or does not compute it.
    """
    place = None
    if model.device:
        place = find_place(model.device, find_entry(model.recipe.model), request.run_seconds)
    asked = SlimRequest(
        recipe=model.recipe,
        out=slim_folder(model, request),
        train=model.train,
        evaluate=model.evaluate,
        seed=model.seed,
        threads=request.threads,
        quick=model.quick,
        renew=True,
        converter=OptConverter(),
        place=place,
    )
    check_place(asked)
    return asked


def slim_folder(model: SlimModel, request: ShipRequest) -> Path:
    """Where a model is made small."""
    return request.work / "slim" / model.task


def make_small(model: SlimModel, request: ShipRequest, reporter: Reporter) -> tuple[ModelSource, Ended]:
    """Follow a model's recipe, or go on with it.

    Raises:
        PpocrEdgeError: It cannot be followed.
    """
    asked = slim_request(model, request)
    with reporter.slimming() as told:
        outcome = slim_model(asked, told)
    source = result_source(asked.out)
    if source is None:
        raise ModelError(asked.out, "has vanished", "run the command again")
    size = outcome.manifest["steps"][-1]["cost"].get("nb_bytes")
    small = f", {size_text(size)} for ARM" if size else ""
    return source, Ended(f"{outcome.manifest['precision']}{small}", outcome.kept)


def ready_source(model: ReadyModel) -> ModelSource:
    """A model that is taken as it is.

    Raises:
        InputError: It is another model than the recipe says.
        SourceError: It cannot be had.
    """
    if model.folder is None:
        return zoo_source(ensure(model.name, model.kind))
    source = result_source(model.folder)
    if source is None:
        return folder_source(
            model.folder, model.task, model.dictionary, height=model.height, use_space=model.space
        )
    if source.task != model.task:
        raise InputError(
            model.folder, f"is a {source.task} model", f"write it under {source.task}, not {model.task}"
        )
    return source


def check_ready_model(model: ReadyModel, recipe: str) -> None:
    """Make sure that a model of a folder is there and, of a recognizer, that its characters can be read.

    Args:
        model: The model; a published one is looked at when it is pulled.
        recipe: File of the recipe, for messages.

    Raises:
        InputError: The characters are not known, or it is another model than the recipe says.
        ModelError: The folder holds none.
    """
    if model.folder is None:
        return
    if model.task == "rec" and model.dictionary is None and result_source(model.folder) is None:
        raise InputError(
            f"{recipe}: models.rec",
            f"is {model.folder}, a recognizer whose characters are not known",
            "write 'dictionary: FILE' beside it, one character a line",
        )
    source = ready_source(model)
    if source.dictionary is not None:
        read_character_set(source.dictionary, use_space=model.space)


class _Told:
    """Passes on what happens during a pull, and notes whether anything was fetched."""

    def __init__(self, progress: PullProgress) -> None:
        self._progress = progress
        self.fetched = False

    def started(self, label: str, total: int | None) -> None:
        """A file begins."""
        self.fetched = True
        self._progress.started(label, total)

    def advanced(self, done: int) -> None:
        """So many of its bytes are here."""
        self._progress.advanced(done)

    def note(self, text: str) -> None:
        """A remark."""
        self._progress.note(text)
