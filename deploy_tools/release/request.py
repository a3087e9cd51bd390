"""What a release is to be made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy_tools.release.contents.policy import Allow


@dataclass(frozen=True)
class PackageRequest:
    """What a release is to be made of, as the user said it.

    Attributes:
        bundles: Folders.
        targets: Names.
        name: Of the release.
        version: Of the release.
        allow: What may pass.
        runs: Runs that tell of the models: ids, tags, files.
        results: Results store of those; None for the user's own.
        runners: Folders that ``runner build`` wrote.
        lite_homes: ``TARGET=FOLDER``.
        android_libraries: Folders of Paddle-Lite for Android.
        licences: Of models of the user's own: ``MODEL=EXPRESSION``, or an expression for all of them.
        evaluations: Files that ``evaluate --json`` wrote of the bundles.
        notices: Files whose text goes into the third-party notices.
    """

    bundles: Sequence[Path]
    targets: tuple[str, ...]
    name: str
    version: str
    allow: Sequence[Allow] = ()
    runs: Sequence[str] = ()
    results: str | None = None
    runners: Sequence[Path] = ()
    lite_homes: Sequence[str] = ()
    android_libraries: Sequence[Path] = ()
    licences: Sequence[str] = ()
    evaluations: Sequence[Path] = ()
    notices: Sequence[Path] = ()
