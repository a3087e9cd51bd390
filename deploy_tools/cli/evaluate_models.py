"""Which models ``ppocr-edge evaluate`` is about: names of the zoo, bundles, results of slim, folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from deploy_tools.cli.console import warn
from deploy_tools.cli.model_options import OWN_OPTIONS, ZOO_OPTIONS, find_source, refuse_options
from edge.errors import InputError

if TYPE_CHECKING:
    from deploy_tools.evaluation.candidate import Candidate

Form = Literal["zoo", "bundle", "result", "folder"]

_NOTHING: Final = dict.fromkeys((*ZOO_OPTIONS, *OWN_OPTIONS))


def find_candidates(names: Sequence[str], options: Mapping[str, Any]) -> list[Candidate]:
    """The models of these names, which are for one task.

    What the options do not say of a folder is taken from the first other model that is no folder.

    Args:
        names: The model, and the one it is compared with where there is one.
        options: Values of :func:`deploy_tools.cli.model_options.model_options`. ``--kind`` is of the first.

    Raises:
        InputError: An option does not apply or is missing, or the models are for different tasks.
        ModelError: There is no such model.
        BundleError: A bundle cannot be used.
        SourceError: A model cannot be had.
    """
    forms = [_form(name) for name in names]
    if "folder" not in forms:
        refuse_options(options, OWN_OPTIONS, "no folder with an inference model is named")
    if "zoo" not in forms:
        refuse_options(options, ZOO_OPTIONS, "no model of the zoo is named")
    found: dict[int, Candidate] = {}
    # folders come last: they take what is not said of them from the others
    for place in sorted(range(len(names)), key=lambda place: forms[place] == "folder"):
        known = next(iter(found.values()), None)
        found[place] = _candidate(names[place], forms[place], options, place == 0, known)
    first, *others = (found[place] for place in range(len(names)))
    for other in others:
        if other.task != first.task:
            raise InputError(
                f"--against {other.name}",
                f"is for {other.task}, {first.name} for {first.task}",
                "compare models for the same task",
            )
    return [first, *others]


def _form(name: str) -> Form:
    from deploy_tools.evaluation.candidate import is_bundle_folder
    from slim.pipeline.place import read_manifest

    path = Path(name)
    if not path.is_dir():
        return "zoo"
    if is_bundle_folder(path):
        return "bundle"
    return "folder" if read_manifest(path) is None else "result"


def _candidate(
    name: str, form: Form, options: Mapping[str, Any], is_first: bool, known: Candidate | None
) -> Candidate:
    from deploy_tools.evaluation.candidate import Candidate

    if form == "bundle":
        from edge.bundle.bundle import load_bundle

        bundle = load_bundle(Path(name))
        for warning in bundle.manifest.warnings:
            warn(f"{bundle.folder}: {warning}")
        return Candidate(name, bundle)
    if form == "result":
        return Candidate(name, find_source(name, _NOTHING))
    if form == "folder":
        own = {option: options[option] for option in OWN_OPTIONS}
        return Candidate(name, find_source(name, {**_NOTHING, **own, **_borrowed(own, known)}))
    kind = options["kind"] if is_first else None
    return Candidate(name, find_source(name, {**_NOTHING, "source": options["source"], "kind": kind}))


def _borrowed(own: Mapping[str, Any], known: Candidate | None) -> dict[str, Any]:
    """What is not said of a folder and the other model knows."""
    from edge.ocr.parameters import RecognitionParameters

    if known is None or own["task"] not in (None, known.task):
        return {}
    taken: dict[str, Any] = {"task": known.task}
    parameters = known.parameters
    if isinstance(parameters, RecognitionParameters) and own["dictionary"] is None:
        taken["dictionary"] = known.dictionary
        taken["height"] = own["height"] or parameters.height
        taken["no_space"] = own["no_space"] or not parameters.use_space
    return taken
