"""The machines that tests of scripts/ run on."""

from __future__ import annotations

import hashlib
import os
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from small_machine import REPOSITORY, TOOLS, Machine, base_python

collect_ignore = ["tiny_checkout"]  # a checkout to copy: its tests are run by scripts/test inside the copy


@pytest.fixture
def bare_machine(tmp_path: Path) -> Machine:
    """A machine without any Python, uv or apt-get."""
    checkout = tmp_path / "check out"  # a space: paths are quoted, or the tests fail
    shutil.copytree(REPOSITORY / "scripts", checkout / "scripts")
    shutil.copytree(REPOSITORY / ".ci", checkout / ".ci")
    shutil.copytree(Path(__file__).parent / "tiny_checkout", checkout, dirs_exist_ok=True)
    write_wheel: Callable[..., Path] = runpy.run_path(str(checkout / "backend.py"))["write_wheel"]
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheel = write_wheel(wheels, "tinydep", "1.5", {"tinydep.py": "VERSION = '1.5'\n"})
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (checkout / "requirements.lock").write_text(f"tinydep==1.5 \\\n    --hash=sha256:{digest}\n")

    commands = tmp_path / "bin"
    commands.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None, f"{tool} is not on this machine"
        (commands / tool).symlink_to(found)
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        "PATH": str(commands),
        "HOME": str(home),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "UV_NO_CONFIG": "1",
        "UV_OFFLINE": "1",
        "UV_FIND_LINKS": str(wheels),
    }
    return Machine(checkout, commands, environment)


@pytest.fixture
def machine(bare_machine: Machine) -> Machine:
    """A machine whose ``python3.10`` is the interpreter underneath the one that runs these tests."""
    (bare_machine.commands / "python3.10").symlink_to(base_python())
    return bare_machine
