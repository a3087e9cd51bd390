"""What releases are made for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from deploy_tools.native.target import TARGETS as BUILD_TARGETS
from deploy_tools.native.target import BuildTarget
from edge.errors import InputError


@dataclass(frozen=True)
class ReleaseTarget:
    """A system that releases are made for.

    Attributes:
        name: As the user writes it.
        processor: The first part of the targets of its bundles: ``arm`` or ``x86``.
        build: What its runner is built for; None for Android, whose apps bring their own.
    """

    name: str
    processor: str
    build: BuildTarget | None


ANDROID: Final = ReleaseTarget("android", "arm", None)
TARGETS: Final = {
    target.name: target
    for target in (
        ReleaseTarget("linux-arm64", "arm", BUILD_TARGETS["linux-arm64"]),
        ReleaseTarget("linux-armhf", "arm", BUILD_TARGETS["linux-armhf"]),
        ReleaseTarget("linux-x86_64", "x86", BUILD_TARGETS["linux-x86_64"]),
        ANDROID,
    )
}


def find_targets(names: tuple[str, ...]) -> tuple[ReleaseTarget, ...]:
    """The targets of these names, each once, in the order of the list of all.

    Raises:
        InputError: There is no such target.
    """
    for name in names:
        if name not in TARGETS:
            *others, last = TARGETS
            raise InputError(
                f"--target {name}", "there is no such target", f"use {', '.join(others)} or {last}"
            )
    return tuple(target for name, target in TARGETS.items() if name in names)
