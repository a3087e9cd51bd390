"""What a release is called."""

from __future__ import annotations

from dataclasses import dataclass

from deploy_tools.release.trust.release_name import ReleaseName


@dataclass(frozen=True)
class ReleaseLabel(ReleaseName):
    """What a release is called, and when it was made.

    Attributes:
        created: RFC 3339 time.
    """

    created: str
