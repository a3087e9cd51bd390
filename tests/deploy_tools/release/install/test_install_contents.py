"""What a folder on a device holds, and what is said where it is not what it should be."""

from __future__ import annotations

import pytest

from deploy_tools.release.install.contents import Contents
from deploy_tools.release.install.source import InstalledFile

WANTED = {"selftest": InstalledFile("5", 1, True), "models/det/model.nb": InstalledFile("6", 1, False)}
THERE = {"selftest": ("5", True), "models/det/model.nb": ("6", False)}


@pytest.mark.parametrize(
    ("other", "fault"),
    [
        ({}, ""),
        ({"selftest": ("5", False)}, "does not let selftest be run"),
        ({"selftest": ("4", True)}, "has another selftest"),
        ({"selftest": ("", False)}, "has no selftest"),
        # file systems where everything can be run
        ({"models/det/model.nb": ("6", True)}, "lets models/det/model.nb be run, which is no program"),
        ({"more": ("7", False)}, "has 'more', which nobody put there"),
    ],
)
def test_what_is_not_as_it_should_be(other: dict[str, tuple[str, bool]], fault: str) -> None:
    contents = Contents({**THERE, **other})
    assert contents.fault(WANTED) == fault
    assert bool(contents.lacking(WANTED)) == (fault != "" and "more" not in other)
