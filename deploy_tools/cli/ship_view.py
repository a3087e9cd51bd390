"""Printing the plan, the result, or why there is none, of a whole way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from deploy_tools.cli.slim_progress import duration
from deploy_tools.cli.visible import printable
from deploy_tools.release.contents.manifest import read_release_manifest
from edge.sizes import size_text

if TYPE_CHECKING:
    from deploy_tools.ship.reporter import StepLine
    from deploy_tools.ship.request import ShipRequest
    from deploy_tools.ship.shipping import Shipped
    from deploy_tools.ship.stopped import Stopped

_WHY: Final = {
    "gates": "gates were not passed",
    "parity": "outputs on a device are not what they should be",
    "slower": "slower than the last release",
}


def plan_lines(request: ShipRequest, steps: Sequence[StepLine]) -> Iterator[str]:
    """What would be done."""
    recipe = request.recipe
    yield f"{recipe.name} {recipe.version} for {', '.join(recipe.targets)}"
    if recipe.description:
        yield recipe.description
    yield ""
    for number, line in enumerate(steps, 1):
        yield f"{number:>3}  {line.verb:<8} {printable(line.what)}"
    yield ""
    for word in recipe.allow:
        yield f"allow  {word}"
    slims = any(line.verb == "slim" for line in steps)
    preview = "; how long 'slim' takes: ppocr-edge slim … --preview" if slims else ""
    yield f"Steps are kept in {request.out / '.work'}{preview}"


def shipped_lines(request: ShipRequest, shipped: Shipped) -> Iterator[str]:
    """What was made, and what was let pass."""
    written, verified = shipped.written, shipped.verified
    there = "  (was there already, the same)" if written.kept else ""
    yield f"{printable(str(written.folder))}{there}"
    for model in shipped.gathered.models:
        about, nb = model.bundle.manifest, model.bundle.nb
        yield (
            f"  {model.task}  {printable(model.name)}  {about.precision} for {about.target}  "
            f"{size_text(nb.size)}  gates: {model.findings.gates}"
        )
    for name, entry in read_release_manifest(written.folder).files.items():
        if "/" not in name:
            yield f"  {name}  {size_text(entry.size)}"
    signed = f"signed by {verified.key}" if verified.key else "NOT SIGNED"
    yield f"Verified  {len(verified.files)} files, {signed}"
    for (word, found), models in _passes(shipped).items():
        yield f"Allowed   {word}: {printable(', '.join(models))}: {printable(found)}"
    needless = [word for word in request.recipe.allow if word not in {one.allow for one in shipped.passes}]
    for word in needless:
        yield f"Note      {word} is allowed and was not needed; the release does not say it"
    yield f"Took      {duration(sum(one.seconds for one in shipped.took))}"


def _passes(shipped: Shipped) -> dict[tuple[str, str], list[str]]:
    """Names of models by what was let pass of them."""
    passes: dict[tuple[str, str], list[str]] = {}
    for one in sorted(shipped.passes, key=lambda one: one.allow):
        passes.setdefault((one.allow, one.found), []).extend(one.models)
    return passes


def shipped_json(shipped: Shipped) -> dict[str, Any]:
    """The same as plain values."""
    written, verified = shipped.written, shipped.verified
    return {
        "folder": str(written.folder),
        "kept": written.kept,
        "signed": written.signed,
        "key": verified.key or None,
        "verified": sorted(verified.files),
        "allowed": [one.to_json() for one in shipped.passes],
        "steps": [one.to_json() for one in shipped.took],
        "manifest": json.loads(read_release_manifest(written.folder).to_json()),
    }


def stopped_lines(stopped: Stopped) -> Iterator[str]:
    """Why there is no release, and what can be done."""
    for one in stopped.objections:
        yield f"ppocr-edge: {printable(one.subject)}: {printable(one.found)}"
    yield f"nothing is packed: {_WHY[stopped.why]}"
    for remedy in stopped.remedies:
        yield f"  {printable(remedy)}"
