"""What to convert a model for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from edge.errors import InputError

Weights = Literal["int8", "int16"]

KNOWN_TARGETS: Final = ("arm", "x86", "opencl")


@dataclass(frozen=True)
class ConversionOptions:
    """Target and precision of a conversion.

    Attributes:
        target: ``arm``, ``x86`` or ``arm,opencl``: as a bundle names it, the processor first.
        fp16: Compute in half precision; ARM only.
        weights: Store weights as integers of this width and compute in float.
    """

    target: str
    fp16: bool = False
    weights: Weights | None = None

    @property
    def valid_places(self) -> str:
        """The target as ``opt`` wants it: the accelerator first, what it cannot do falls to the processor."""
        return ",".join(reversed(self.target.split(",")))

    @property
    def suffix(self) -> str:
        """For folder names: ``arm``, ``arm-opencl``, ``x86-int8-weights``, ``arm-fp16``."""
        parts = [self.target.replace(",", "-")]
        if self.fp16:
            parts.append("fp16")
        if self.weights:
            parts.append(f"{self.weights}-weights")
        return "-".join(parts)


def for_model(options: ConversionOptions, weights: Weights | None) -> ConversionOptions:
    """Options with the weights a model is meant to have, where they ask for none themselves.

    Half precision and integer weights do not go together: what was asked for wins.
    """
    return options if options.fp16 or options.weights else replace(options, weights=weights)


def conversion_options(
    target: str, *, fp16: bool = False, weights: Weights | None = None
) -> ConversionOptions:
    """Check a target and what is asked of it.

    Raises:
        InputError: The target is unknown, incomplete, or cannot do what is asked.
    """
    names = [name.strip().lower() for name in target.split(",")]
    subject = f"--target {target}"
    for name in names:
        if name not in KNOWN_TARGETS:
            raise InputError(subject, f"there is no target {name!r}", "use arm, x86, or arm,opencl")
    if len(set(names)) != len(names) or ("x86" in names and len(names) > 1):
        raise InputError(subject, "these do not go together", "use arm, x86, or arm,opencl")
    if names == ["opencl"]:
        raise InputError(subject, "OpenCL lacks some operators, they need a processor", "use arm,opencl")
    ordered = ",".join(sorted(names, key=KNOWN_TARGETS.index))
    if fp16 and "arm" not in names:
        raise InputError(
            "--fp16", f"target {ordered} has no half-precision kernels", "use it with --target arm"
        )
    if fp16 and weights:
        raise InputError("--fp16", f"does not go together with --weights {weights}", "choose one")
    return ConversionOptions(ordered, fp16, weights)
