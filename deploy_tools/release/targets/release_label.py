"""What a release is called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReleaseLabel:
    """What a release is called, and when it was made.

    Attributes:
        name: Of the release.
        version: Of the release.
        created: RFC 3339 time.
    """

    name: str
    version: str
    created: str

    @property
    def top(self) -> str:
        """``NAME-VERSION``."""
        return f"{self.name}-{self.version}"
