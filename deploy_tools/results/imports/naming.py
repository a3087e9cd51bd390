"""What a user says about results that do not say it themselves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Naming:
    """Names for imported results; None leaves what they say.

    Attributes:
        device: They are from.
        model: That was measured.
        precision: Of the model, such as ``int8``.
    """

    device: str | None = None
    model: str | None = None
    precision: str | None = None
