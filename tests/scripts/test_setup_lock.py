"""``requirements.lock`` is what ``setup.cfg`` asks for, hashed, and names no machine."""

from __future__ import annotations

import configparser
import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from small_machine import REPOSITORY

LOCK = (REPOSITORY / "requirements.lock").read_text()
PINS = dict(re.findall(r"^([a-z0-9][a-z0-9-]*)==(\S+)", LOCK, re.MULTILINE))


def declared() -> list[Requirement]:
    """Every requirement of setup.cfg, extras included."""
    cfg = configparser.ConfigParser()
    cfg.read(REPOSITORY / "setup.cfg")
    texts = [cfg["options"]["install_requires"], *cfg["options.extras_require"].values()]
    return [Requirement(line) for text in texts for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("requirement", declared(), ids=lambda requirement: requirement.name)
def test_pins_what_setup_cfg_asks_for(requirement: Requirement) -> None:
    name = canonicalize_name(requirement.name)
    assert name in PINS, "run scripts/lock"
    assert requirement.specifier.contains(PINS[name], prereleases=True), "run scripts/lock"


def test_every_package_has_hashes_and_only_wheels_are_taken() -> None:
    assert "--only-binary :all:" in LOCK.splitlines()
    blocks = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(PINS) > 50
    for block in blocks:
        assert re.match(r"\S+==\S+ \\\n +--hash=sha256:[0-9a-f]{64}", block), block.splitlines()[0]


def test_names_no_host() -> None:
    assert "://" not in LOCK
    assert "index-url" not in LOCK
