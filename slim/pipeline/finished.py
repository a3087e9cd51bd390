"""Whether the result of a request is there already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.errors import InputError
from slim.pipeline.place import differing, read_manifest
from slim.pipeline.request import SlimRequest


def check_finished(request: SlimRequest, known: Mapping[str, Any]) -> dict[str, Any] | None:
    """The manifest of the result that is there already; None where there is none, or it is to be replaced.

    Raises:
        InputError: It is the result of something else.
    """
    manifest = read_manifest(request.out)
    if manifest is None or request.again:
        return None
    other = differing(manifest, known)
    if other is None:
        return manifest
    if request.renew:
        return None
    what = {
        "recipe": "of another recipe",
        "seed": "of another --seed",
        "quick": "of the full recipe" if request.quick else "of an early look (--quick)",
        "threads": "made with other --threads",
        "train": "of other data (--train)",
        "evaluate": "of other data (--evaluate)",
        "device": "judged on another --device",
        "model": f"of other files of {request.recipe.model}",
        "versions": "of other versions of the tools",
    }
    raise InputError(
        f"-o {request.out}",
        f"holds a result {what.get(other, f'with other {other}')}",
        "choose another folder, or add --again to replace it",
    )
