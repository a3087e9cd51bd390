"""Why nothing is packed although nothing went wrong: the models are not what the recipe asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Why = Literal["gates", "parity", "slower"]


@dataclass(frozen=True)
class Objection:
    """One reason.

    Attributes:
        subject: What it is about.
        found: The figures.
    """

    subject: str
    found: str


class Stopped(Exception):  # noqa: N818  (no error: it is what gates are for)
    """A gate was failed, outputs differ, or something got slower.

    Args:
        why: Which of these.
        objections: All of them.
        remedies: What can be done, a sentence each.
    """

    def __init__(self, why: Why, objections: Sequence[Objection], remedies: Sequence[str]) -> None:
        self.why = why
        self.objections = tuple(objections)
        self.remedies = tuple(remedies)
        super().__init__(f"{why}: {'; '.join(f'{one.subject}: {one.found}' for one in objections)}")

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "stopped": self.why,
            "objections": [asdict(one) for one in self.objections],
            "remedies": list(self.remedies),
        }
