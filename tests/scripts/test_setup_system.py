"""Parts of the operating system: found, installed as root, or named."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_machine import Machine


@pytest.fixture
def apt_log(bare_machine: Machine) -> Path:
    """Where the stand-in for apt-get writes its words; it installs nothing on this machine."""
    log = bare_machine.checkout / "apt.log"
    bare_machine.command("apt-get", f'printf "%s\\n" "$*" >>"{log}"')
    return log


@pytest.mark.parametrize(
    ("probe", "there"),
    [
        ("libc.so.6", True),
        ("libc.so", False),
        ("libnothing-of-the-kind.so.1", False),
        ("bash", True),
        ("nothing-of-the-kind", False),
        ("/etc/os-rel*", True),
        ("/etc/nothing-of-the-kind*", False),
    ],
)
def test_looks_for_libraries_commands_and_files(bare_machine: Machine, probe: str, there: bool) -> None:
    assert (bare_machine.shell(f"has_system '{probe}'").returncode == 0) is there


def test_installs_as_root_what_is_missing_and_only_that(bare_machine: Machine, apt_log: Path) -> None:
    bare_machine.command("id", "echo 0")
    ran = bare_machine.shell("need_system one:nothing-here,bash two:nothing-here three:/nowhere,nothing-here")
    assert ran.returncode == 0
    assert ran.stderr == "ppocr-edge: installing as root: apt-get install two three\n"
    (words,) = apt_log.read_text().splitlines()
    assert words.endswith("install --yes --no-install-recommends two three")


def test_as_an_ordinary_user_names_the_line_to_type(bare_machine: Machine, apt_log: Path) -> None:
    bare_machine.command("id", "echo 1000")
    ran = bare_machine.shell("need_system one:nothing-here two:bash")
    assert ran.returncode == 1
    assert ran.stderr == "ppocr-edge: missing on this system: one; to install: sudo apt-get install one\n"
    assert not apt_log.exists()


def test_asks_for_nothing_where_all_is_there(bare_machine: Machine, apt_log: Path) -> None:
    ran = bare_machine.shell("need_system libc6:libc.so.6 bash:bash")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert not apt_log.exists()


def test_fetches_the_package_lists_only_where_the_first_try_fails(
    bare_machine: Machine, apt_log: Path
) -> None:
    bare_machine.command("id", "echo 0")
    known = bare_machine.checkout / "lists"
    bare_machine.command(
        "apt-get",
        f'printf "%s\\n" "${{@: -1}}" >>"{apt_log}"\n'
        f'case "${{@: -1}}" in update) echo known >"{known}";; *) [[ -f "{known}" ]] || exit 100;; esac',
    )
    assert bare_machine.shell("need_system one:nothing-here").returncode == 0
    assert apt_log.read_text().splitlines() == ["one", "update", "one"]


def test_says_how_to_go_on_where_apt_get_fails(bare_machine: Machine) -> None:
    bare_machine.command("id", "echo 0")
    bare_machine.command("apt-get", "echo 'E: no network' >&2; exit 100")
    ran = bare_machine.shell("need_system one:nothing-here")
    assert ran.returncode == 1
    assert "E: no network" in ran.stderr
    assert ran.stderr.splitlines()[-1].endswith("apt-get update && apt-get install one")


def test_a_stand_in_never_overwrites_what_it_stands_in_for(bare_machine: Machine, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_text("the system's own")
    (bare_machine.commands / "linked").symlink_to(real)
    bare_machine.command("linked", "echo stand-in")
    assert real.read_text() == "the system's own"
    assert bare_machine.run(bare_machine.commands / "linked").stdout == "stand-in\n"
