"""Which release something is, or is of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReleaseName:
    """Which release something is, or is of.

    Attributes:
        name: Of the release.
        version: Of the release.
    """

    name: str
    version: str

    @property
    def top(self) -> str:
        """``NAME-VERSION``: the release's folder, and the one in its archives."""
        return f"{self.name}-{self.version}"

    def archive(self, target: str) -> str:
        """``NAME-VERSION-TARGET``: the name of a target's archive but for its ending."""
        return f"{self.top}-{target}"
