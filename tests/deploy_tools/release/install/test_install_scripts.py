"""The scripts that install: every shell reads them, shellcheck finds nothing, old adb servers take them."""

from __future__ import annotations

import pytest

from deploy_tools.devices.store.asking import MARK
from deploy_tools.release.install import contents, filling, looking, preparing, selftest, switching
from tests.devices_kit.shell_scripts import CHECKS, Check

MODULES = (contents, filling, looking, preparing, selftest, switching)
SCRIPTS = {
    f"{module.__name__.rpartition('.')[2]} {name}": text
    for module in MODULES
    for name, text in vars(module).items()
    if isinstance(text, str) and (MARK.decode().strip() in text or "selftest" in text) and "\n" in text
    if name != "__doc__"
}


def test_all_scripts_are_looked_at() -> None:
    assert set(SCRIPTS) == {
        "contents _LIST",
        "preparing _PREPARE",
        "filling _PUT",
        "preparing _REMOVE",
        "looking _LOOK",
        "selftest _RUN",
        "switching _OURS",
        "switching _SWITCH",
        "switching _PRUNE",
    }


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", SCRIPTS)
def test_every_shell_reads_it(name: str, check: Check) -> None:
    check(SCRIPTS[name])
