"""Which Python the scripts take, and what they say where there is none."""

from __future__ import annotations

import sys
from pathlib import Path

from small_machine import Machine, base_python

FIND = 'find_python && printf "%s\\n" "$PYTHON"'


def disguise(machine: Machine, name: str, change: str) -> None:
    """Put the real interpreter on PATH, with something about it changed before it is asked."""
    machine.command(name, f"exec {base_python()} -I -c '{change}; exec(sys.argv[1])' \"${{@: -1}}\"")


def test_takes_the_first_3_10_that_runs_past_shims_and_other_versions(machine: Machine) -> None:
    machine.command("python3", "echo 'pyenv: python3: command not found' >&2; exit 127")
    disguise(machine, "python", 'import sys; sys.version_info = (3, 12, 1, "final", 0)')
    both = "PYTHON_REJECTED=(); try_python python3 || try_python python"
    rejected = machine.shell(both + ' || printf "%s\\n" "${PYTHON_REJECTED[@]}"')
    assert rejected.stdout.splitlines() == [
        "python3 (does not run: pyenv: python3: command not found)",
        "python (Python 3.12.1)",
    ]
    found = machine.shell(FIND)
    assert found.stdout.strip() == str(machine.commands / "python3.10")


def test_refuses_a_3_10_built_without_a_module_it_needs(machine: Machine) -> None:
    (machine.commands / "python3.10").unlink()
    disguise(machine, "python3.10", 'import sys; sys.modules["sqlite3"] = None')
    found = machine.shell(f'{FIND} || printf "%s\\n" "${{PYTHON_REJECTED[@]}}"')
    assert found.returncode == 0
    version = ".".join(map(str, sys.version_info[:3]))
    assert found.stdout == f"{machine.commands}/python3.10 (Python {version}, but built without sqlite3)\n"


def test_finds_the_newest_pyenv_version_that_no_shim_selects(bare_machine: Machine, tmp_path: Path) -> None:
    bare_machine.command("python3.10", "echo 'pyenv: version not selected' >&2; exit 127")
    for version in ("3.9.18", "3.10.2", "3.10.13"):
        folder = tmp_path / "pyenv" / "versions" / version / "bin"
        folder.mkdir(parents=True)
        (folder / "python3.10").symlink_to(base_python())
    bare_machine.environment["PYENV_ROOT"] = str(tmp_path / "pyenv")
    found = bare_machine.shell(FIND)
    assert "/versions/3.10.13/" in found.stdout


def test_looks_underneath_an_environment_that_is_active(machine: Machine, tmp_path: Path) -> None:
    machine.run(base_python(), "-m", "venv", "--without-pip", tmp_path / "venv")
    (machine.commands / "python3.10").unlink()
    machine.environment["PATH"] = f"{tmp_path / 'venv' / 'bin'}:{machine.environment['PATH']}"
    found = machine.shell(FIND)
    assert found.returncode == 0, found.stderr
    assert "/venv/" not in found.stdout


def test_the_python_named_by_the_variable_is_taken_or_refused_but_never_passed_over(machine: Machine) -> None:
    machine.environment["PPOCR_EDGE_PYTHON"] = str(base_python())
    assert machine.shell(FIND).stdout.strip() == str(base_python())

    disguise(machine, "mine", 'import sys; sys.version_info = (3, 9, 1, "final", 0)')
    machine.environment["PPOCR_EDGE_PYTHON"] = "mine"
    refused = machine.script("demo")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "PPOCR_EDGE_PYTHON: mine (Python 3.9.1) cannot be used" in refused.stderr


def test_without_any_python_says_what_to_install_and_leaves_nothing(bare_machine: Machine) -> None:
    before = sorted(bare_machine.checkout.iterdir())
    refused = bare_machine.script("demo")
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert "no Python 3.10 (found: nothing)" in refused.stderr
    assert "apt-get install python3-venv" in refused.stderr
    assert "uv python install 3.10" in refused.stderr
    assert sorted(bare_machine.checkout.iterdir()) == before


def test_with_another_python_that_has_no_pip_says_so(bare_machine: Machine) -> None:
    disguise(
        bare_machine,
        "python3",
        # as Debian's own: neither ensurepip nor pip
        'import sys; sys.version_info = (3, 11, 2, "final", 0); sys.modules.update(ensurepip=None, pip=None)',
    )
    refused = bare_machine.script("test")
    assert refused.returncode == 2
    assert "python3 (Python 3.11.2)" in refused.stderr
    assert "no pip" in refused.stderr
