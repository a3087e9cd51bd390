"""How long a silent link is waited for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """How long a silent link is waited for, in seconds.

    Attributes:
        beat: Between two lines.
        here: Without a word from the device, until this side gives the link up.
        there: Without a line, until the device does. Longer, for a host that was asleep.
    """

    beat: float = 10.0
    here: float = 40.0
    there: int = 150
