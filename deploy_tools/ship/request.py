"""What is asked of a whole way to a release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from deploy_tools.release.request import PackageRequest
from deploy_tools.release.trust.keys import PrivateKey
from deploy_tools.ship.recipe import ShipRecipe

WORK: Final = ".work"


@dataclass(frozen=True)
class ShipRequest:
    """A recipe, and where the release goes.

    Attributes:
        recipe: What to do; with a version.
        out: Folder that gets ``NAME-VERSION``, and ``.work`` for what can be gone on with.
        key: To sign with; None leaves the release unsigned.
        expires: When the signature ends; None for never.
        again: Replace a release of this name and version that is another one.
        results: Results store; None for the user's own.
        threads: To compute with.
        run_seconds: Time limit of a single run on a device.
    """

    recipe: ShipRecipe
    out: Path
    threads: int
    key: PrivateKey | None = None
    expires: datetime | None = None
    again: bool = False
    results: str | None = None
    run_seconds: float = 600.0

    @property
    def work(self) -> Path:
        """Folder of everything that is made on the way; that of a name is used for all its versions."""
        return self.out.absolute() / WORK / self.recipe.name

    @property
    def release(self) -> Path:
        """Where the release goes."""
        return self.out / f"{self.recipe.name}-{self.recipe.version}"

    def package(self, bundles: tuple[Path, ...], runs: tuple[Path, ...]) -> PackageRequest:
        """What is to be packed."""
        recipe = self.recipe
        return PackageRequest(
            bundles=bundles,
            targets=recipe.targets,
            name=recipe.name,
            version=recipe.version,
            allow=recipe.allow,
            runs=tuple(map(str, runs)),
            runners=recipe.runners,
            lite_homes=tuple(f"{target}={folder}" for target, folder in recipe.lite_homes.items()),
            android_libraries=recipe.android_libraries,
            licences=recipe.licences,
            notices=recipe.notices,
        )
