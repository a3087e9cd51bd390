"""What does not leave the house, unless somebody says so and it is written down."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from deploy_tools.release.contents.model import PackedModel
from edge.errors import ReleaseError

Allow = Literal["failed-gates", "no-gates", "unmeasured-int8", "mixed-opt"]
ALLOW: Final[dict[Allow, str]] = {
    "failed-gates": "models that failed a gate of their recipe",
    "no-gates": "models that no recipe judged, or only as an early look",
    "unmeasured-int8": "INT8 models that no ARM device was seen to compute",
    "mixed-opt": "models that different versions of opt wrote",
}


@dataclass(frozen=True)
class Pass:
    """Something that was let pass.

    Attributes:
        allow: The word that lets it.
        models: Names of the models it is about.
        found: What is wrong.
    """

    allow: Allow
    models: tuple[str, ...]
    found: str

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "models": list(self.models)}


@dataclass(frozen=True)
class _Objection:
    exception: Pass
    subject: object
    remedy: str


def judge_contents(models: Sequence[PackedModel], allowed: Collection[str]) -> tuple[Pass, ...]:
    """Make sure that models may leave the house together.

    Args:
        models: Of the release.
        allowed: Words of `ALLOW`.

    Returns:
        What was wrong and is allowed; nothing that is allowed and was not needed.

    Raises:
        ReleaseError: Something is wrong that is not allowed; names the word that would let it pass.
    """
    objections = [*_of_models(models), *_of_versions(models)]
    for objection in objections:
        word = objection.exception.allow
        if word not in allowed:
            found = objection.exception.found
            remedy = f"{objection.remedy}, or let it pass and have that written down by --allow {word}"
            others = dict.fromkeys(one.exception.allow for one in objections)
            more = [other for other in others if other != word and other not in allowed]
            if more:
                remedy += f" (which leaves {', '.join(f'--allow {other}' for other in more)})"
            raise ReleaseError(objection.subject, found, remedy)
    return tuple(objection.exception for objection in objections)


def _of_models(models: Sequence[PackedModel]) -> Iterator[_Objection]:
    for model in models:
        gates, folder = model.findings.gates, model.bundle.folder
        names = (model.name,)
        if gates == "failed":
            said = "; ".join(one.line for one in model.findings.verdicts if one.passed is False)
            found = f"failed a gate of recipe {model.findings.recipe} ({said:.300})"
            yield _Objection(
                Pass("failed-gates", names, found), folder, "make it better by 'ppocr-edge slim'"
            )
        elif gates != "passed":
            found = (
                "was not judged by the gates of its recipe"
                if gates == "not judged"
                else "was never judged by gates: no recipe made it, or an older version converted it"
            )
            remedy = "make it by 'ppocr-edge slim' without --quick, and convert that"
            yield _Objection(Pass("no-gates", names, found), folder, remedy)
        if model.bundle.nb.precision == "int8" and not model.measured_on_arm:
            yield _Objection(
                Pass("unmeasured-int8", names, _unmeasured(model)),
                folder,
                "measure it by 'ppocr-edge measure parity' on an ARM device and add --run last",
            )


def _unmeasured(model: PackedModel) -> str:
    differs = [one for one in model.measured if one.is_parity and one.on_arm and one.measurement.verdict]
    if differs:
        one = differs[-1].measurement
        return f"computes in INT8, and on {one.environment.device} {one.verdict}"
    return "computes in INT8, which no ARM device was seen to do: Paddle's simulation may differ from it"


def _of_versions(models: Sequence[PackedModel]) -> Iterator[_Objection]:
    written: dict[str, list[PackedModel]] = {}
    for model in models:
        written.setdefault(model.bundle.nb.opt_version, []).append(model)
    if len(written) < 2:
        return
    said = ", ".join(f"{version} ({written[version][0].name})" for version in sorted(written))
    found = f"were written by different versions of opt: {said}; no library is the right one for all"
    names = tuple(model.name for model in models)
    yield _Objection(Pass("mixed-opt", names, found), "the models", "convert all with one opt")
