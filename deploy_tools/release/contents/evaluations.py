"""What ``evaluate --json`` printed of models of a release: how good they are on a device."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from deploy_tools.release.contents.figure import Figure, measures_of
from deploy_tools.release.contents.model import PackedModel
from edge.bundle.strict_json import strict_json
from edge.errors import InputError
from edge.regular_file import regular_file_size

LONGEST: Final = 1 << 28
"""Bytes of a file, which has the raw result of every picture."""


def with_evaluations(models: Sequence[PackedModel], paths: Sequence[Path]) -> list[PackedModel]:
    """Models with what was evaluated of them.

    Args:
        models: Of the release.
        paths: Files that ``evaluate --json`` wrote.

    Raises:
        InputError: A file cannot be read, is none of these, or is of none of the models.
    """
    found: dict[str, list[Figure]] = {model.bundle.nb.sha256: [] for model in models}
    for path in paths:
        for sha256, figures in _read(path):
            if sha256 not in found:
                raise InputError(
                    f"--accuracy {path}",
                    "is of none of these models",
                    "evaluate the bundles of the release: 'ppocr-edge evaluate BUNDLE --device … --json'",
                )
            found[sha256] += figures
    return [replace(model, evaluated=tuple(found[model.bundle.nb.sha256])) for model in models]


def _read(path: Path) -> Iterable[tuple[str, list[Figure]]]:
    subject, remedy = f"--accuracy {path}", "give what 'ppocr-edge evaluate BUNDLE --json' printed"
    try:
        regular_file_size(path, lambda found: InputError(subject, found, remedy), LONGEST)
        content = path.read_bytes()
        values = strict_json(content.decode("utf-8"))
        run = hashlib.sha256(content).hexdigest()[:12]
        rows = values.get("devices", [values])
        return [_of_device(row, run) for row in rows if "error" not in row]
    except OSError as error:
        raise InputError(subject, f"cannot be read ({error.strerror})", remedy) from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        found = f"has no {error}" if isinstance(error, KeyError) else "is no result of an evaluation"
        raise InputError(subject, found, remedy) from None


def _of_device(row: Mapping[str, Any], run: str) -> tuple[str, list[Figure]]:
    sha256 = row["sha256"]
    if not isinstance(sha256, str):
        raise TypeError("the model is no bundle")
    data = Path(row["data"]["path"])
    # labels are often called the same, in a folder that tells more
    name = "/".join(data.parts[-2:])
    return sha256, [replace(one, run=run) for one in measures_of(row["device"], name, row["measures"])]
