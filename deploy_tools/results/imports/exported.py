"""Our own exports: ``results export``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from deploy_tools.measurement.json_form import FORMAT
from deploy_tools.results.imports.content import Content
from deploy_tools.results.imports.naming import Naming
from deploy_tools.results.record import RunRecord, record_from_json, record_to_json
from edge import __version__

_KIND: Final = "ppocr-edge results"


def export_values(records: Sequence[RunRecord]) -> dict[str, Any]:
    """Runs as one JSON document."""
    return {
        "kind": _KIND,
        "format": FORMAT,
        "version": __version__,
        "runs": [record_to_json(record) for record in records],
    }


def is_export(values: object) -> bool:
    """Whether a JSON document is one."""
    return isinstance(values, Mapping) and values.get("kind") == _KIND


def runs_of_export(content: Content, values: Mapping[str, Any], naming: Naming) -> list[RunRecord]:
    """The runs of an export.

    Raises:
        InputError: It is of a newer version, or is not as it must be; or names were given, which it has.
    """
    if naming != Naming():
        raise content.refusal("is an export, which has names of its own", "leave names out")
    if values.get("format") != FORMAT:
        found = f"is an export of form {values.get('format')!r:.20}, this version knows {FORMAT}"
        raise content.refusal(found, "update ppocr-edge")
    try:
        return [record_from_json(run) for run in values["runs"]]
    except KeyError as error:
        raise content.refusal(f"is not as it must be: {error} is missing", "export it again") from None
    except (AttributeError, TypeError, ValueError) as error:
        raise content.refusal(f"is not as it must be ({error!s:.150})", "export it again") from None
