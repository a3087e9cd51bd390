"""What the recipe's result says of a model, read from its bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from deploy_tools.release.contents.figure import Figure, figures_of
from edge.bundle.bundle import Bundle
from edge.errors import BundleError

Gates = Literal["passed", "failed", "not judged", "none"]
_GATES: Final[tuple[Gates, ...]] = get_args(Gates)


@dataclass(frozen=True)
class GateVerdict:
    """How a gate was judged.

    Attributes:
        line: What was found and what is allowed, for people.
        passed: None where it could not be judged.
    """

    line: str
    passed: bool | None


@dataclass(frozen=True)
class Findings:
    """How a model was judged, and on what.

    Attributes:
        gates: All together; ``none`` where no recipe judged it.
        recipe: Name of the recipe; empty where none made it.
        model: Name of the model that it began with.
        model_sha256: Hashes of that model's files, by name.
        steps: What was done, a line for each step.
        verdicts: On the gates.
        cost: Parameters, multiplications and bytes, by name.
        figures: Of its accuracy.
        device: Name of the ARM device that it was judged on; empty for Paddle alone.
    """

    gates: Gates = "none"
    recipe: str = ""
    model: str = ""
    model_sha256: Mapping[str, str] | None = None
    steps: tuple[str, ...] = ()
    verdicts: tuple[GateVerdict, ...] = ()
    cost: Mapping[str, int] | None = None
    figures: tuple[Figure, ...] = ()
    device: str = ""


def read_findings(bundle: Bundle) -> Findings:
    """What a bundle's manifest tells of the result that it was made of.

    Raises:
        BundleError: That part of it is damaged.
    """
    result = bundle.manifest.source.get("result")
    if result is None:
        return Findings()
    try:
        return _findings(result)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BundleError(
            bundle.folder, f"its manifest's 'source.result' is damaged ({error!s:.80})", "convert it again"
        ) from None


def _findings(result: Mapping[str, Any]) -> Findings:
    gates = result["gates"]
    if gates not in _GATES:
        raise ValueError(f"gates are {gates!r:.40}")
    verdicts = tuple(map(_verdict, result["verdicts"]))
    judged = [verdict.passed for verdict in verdicts if verdict.passed is not None]
    if gates == "passed" and (result["quick"] or not judged or not all(judged)):
        raise ValueError("gates are said to be passed, and its verdicts say otherwise")
    return Findings(
        gates=gates,
        recipe=_line(result["recipe"]),
        model=_line(result["model"]),
        model_sha256={_line(name): _line(one) for name, one in result["model_sha256"].items()},
        steps=_lines(result["steps"]),
        verdicts=verdicts,
        cost={_line(name): int(value) for name, value in result["cost"].items()},
        figures=figures_of(result["accuracy"]),
        device=_line(result["device"] or ""),
    )


def _verdict(values: Mapping[str, Any]) -> GateVerdict:
    passed = values["passed"]
    if passed is not None and not isinstance(passed, bool):
        raise ValueError(f"a gate is {passed!r:.40}")
    return GateVerdict(_line(values["line"]), passed)


def _lines(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise TypeError(f"{values!r:.40} is no list")
    return tuple(_line(value) for value in values)


def _line(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(f"{value!r:.40} is no line of text")
    return value
