"""``--licence``: what the user says of models that are the user's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from deploy_tools.release.contents.licence import UNKNOWN
from deploy_tools.release.contents.licence_expression import licence_expression
from deploy_tools.release.contents.model import PackedModel
from edge.errors import InputError

OPTION = "--licence"


def with_licences(models: Sequence[PackedModel], words: Sequence[str]) -> list[PackedModel]:
    """Models with the licences that were named.

    Args:
        models: Of the release, with what their bundles tell.
        words: ``MODEL=EXPRESSION``, or an expression alone for all models of the user's own that no other
            word names.

    Raises:
        InputError: A word holds no licence, names no model of the user's own, or says what another one does.
    """
    named = read_licences(words)
    for word in words:
        name, equals, _ = word.rpartition("=")
        subject = f"{OPTION} {word}"
        if equals:
            _check_named(subject, name, models)
        elif all(model.licence != UNKNOWN for model in models):
            raise InputError(
                subject, "no model is of your own: all are PaddleOCR's, under Apache-2.0", "leave it out"
            )
    return [_licensed(model, named) for model in models]


def read_licences(words: Sequence[str]) -> dict[str, str]:
    """Licences by the names of models, that of all others by no name; see `with_licences`.

    Raises:
        InputError: A word holds no licence, or says what another one does.
    """
    named: dict[str, str] = {}
    for word in words:
        name, _, expression = word.rpartition("=")
        subject = f"{OPTION} {word}"
        try:
            licence = licence_expression(expression)
        except ValueError as error:
            remedy = "write one of SPDX's such as MIT or 'Apache-2.0 OR MIT', or LicenseRef-NAME for another"
            raise InputError(subject, str(error), remedy) from None
        if name in named:
            whose = f"of {name}" if name else "of all models"
            raise InputError(subject, f"is a second licence {whose}", f"join them: '{named[name]} AND …'")
        named[name] = licence
    return named


def _licensed(model: PackedModel, named: dict[str, str]) -> PackedModel:
    if model.licence != UNKNOWN:
        return model
    return replace(model, licence=named.get(model.name, named.get("", UNKNOWN)))


def _check_named(subject: str, name: str, models: Sequence[PackedModel]) -> None:
    own = sorted({model.name for model in models if model.licence == UNKNOWN})
    if name in own:
        return
    if any(model.name == name for model in models):
        raise InputError(subject, f"{name} is PaddleOCR's, under Apache-2.0", "leave it out")
    there = ", ".join(own) or "none"
    raise InputError(subject, "names no model of this release", f"models of your own are: {there}")
