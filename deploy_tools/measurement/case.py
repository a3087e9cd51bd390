"""What is measured: one model or pipeline under one set of conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SCENARIOS: Final = ("latency", "ocr", "sweep", "sustained", "parity")


@dataclass(frozen=True)
class Case:
    """What is measured. Two measurements of equal cases on one device may be compared.

    Attributes:
        scenario: One of `SCENARIOS`; imported results have that which they resemble.
        subject: The model's name, or the names of a pipeline's models joined by ``+``.
        precision: As the bundle says it: ``fp32``, ``fp16``, ``int8``, ``int8-weights``; of several bundles
            joined by ``+`` where they differ.
        shape: Of the input; empty for a pipeline.
        threads: Asked of the library.
        power_mode: Asked of the library, such as ``high``; empty where it was left as it is.
        detail: What else tells it from its like, such as the photograph of the scenario ``ocr``.
    """

    scenario: str
    subject: str
    precision: str = "fp32"
    shape: tuple[int, ...] = ()
    threads: int = 1
    power_mode: str = ""
    detail: str = ""

    @property
    def key(self) -> str:
        """The case in one line, the same wherever and whenever it was measured."""
        parts = [self.scenario, self.subject, self.precision]
        parts += ["x".join(map(str, self.shape))] if self.shape else []
        parts += [f"{self.threads} thread{'s' if self.threads > 1 else ''}"]
        return " / ".join([*parts, *filter(None, (self.power_mode, self.detail))])
