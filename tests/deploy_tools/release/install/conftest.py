"""Three signed releases of a real model, and devices that get them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.release_kit.installing import Place, Releases, host_place, make_releases


@pytest.fixture(scope="session")
def releases(passed: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Releases:
    """Releases of the angle classifier; use with ``@pytest.mark.embedded``. Not to be changed."""
    return make_releases(passed, tmp_path_factory.mktemp("releases of 'x'"))


@pytest.fixture
def place(releases: Releases, tmp_path: Path) -> Place:
    """This host as a device, with a home folder that no shell likes."""
    return host_place(releases, tmp_path / "höme of 'x' \"y\"\n$(touch pwned) `touch pwned` \\n *")
