"""The scripts that install: every shell reads them, shellcheck finds nothing, old adb servers take them."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from deploy_tools.devices.store.asking import MARK, compact
from deploy_tools.release.install import contents, filling, looking, preparing, selftest, switching

MODULES = (contents, filling, looking, preparing, selftest, switching)
SCRIPTS = {
    f"{module.__name__.rpartition('.')[2]} {name}": text
    for module in MODULES
    for name, text in vars(module).items()
    if isinstance(text, str) and (MARK.decode().strip() in text or "selftest" in text) and "\n" in text
    if name != "__doc__"
}
SHELLS = (["dash"], ["bash", "--posix"], ["busybox", "sh"], ["mksh"])
# words that are meant to be several, and variables that another part of a script reads
NOT_ASKED = "SC2086,SC2154,SC2034"


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


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_shell_reads_it(name: str) -> None:
    for shell in SHELLS:
        if shutil.which(shell[0]):
            done = subprocess.run(
                [*shell, "-n", "-c", compact(SCRIPTS[name])], capture_output=True, text=True
            )
            assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", SCRIPTS)
def test_shellcheck_finds_nothing(name: str) -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed (apt-get install shellcheck)")
    command = ["shellcheck", "--shell=sh", f"--exclude={NOT_ASKED}", "-"]
    done = subprocess.run(command, input=SCRIPTS[name], capture_output=True, text=True)
    assert done.stdout == ""


@pytest.mark.parametrize("name", SCRIPTS)
def test_old_adb_servers_take_it(name: str) -> None:
    assert len(compact(SCRIPTS[name])) + 3 * SCRIPTS[name].count("'") < 3500
