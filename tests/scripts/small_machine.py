"""A small checkout with the real scripts, and a PATH on which nothing but what they need stands."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
# All that the scripts call. Every Debian and Ubuntu has it: bash, coreutils, grep, mawk, util-linux.
TOOLS = (
    "awk bash cat dirname env flock grep id mkdir mv readlink rm sha256sum sort timeout uname".split()  # noqa: SIM905
)


@dataclass
class Machine:
    """A checkout, and the environment its scripts run in."""

    checkout: Path
    commands: Path
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, name: str, text: str) -> Path:
        """Put a bash script of this name on PATH."""
        path = self.commands / name
        # What stands there may be a link to the system's own command: replace it, never write through it.
        path.unlink(missing_ok=True)
        with path.open("x") as file:
            file.write(f"#!/usr/bin/env bash\n{text}\n")
        path.chmod(0o755)
        return path

    def start(self, *words: str | Path, cwd: Path | None = None) -> subprocess.Popen[str]:
        """Start a command in a session of its own."""
        return subprocess.Popen(
            [str(word) for word in words],
            cwd=cwd or self.checkout,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        process = self.start(*words, cwd=cwd)
        stdout, stderr = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def script(
        self, name: str, *words: str | Path, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the checkout's scripts."""
        return self.run(self.checkout / "scripts" / name, *words, cwd=cwd)

    def shell(self, code: str) -> subprocess.CompletedProcess[str]:
        """Run bash code after the scripts' shared part was read."""
        root = shlex.quote(str(self.checkout))
        start = f'set -euo pipefail; ROOT={root}; source "$ROOT/scripts/lib/environment.sh"\n'
        return self.run(self.commands / "bash", "-c", start + code)

    def with_uv(self) -> Machine:
        """Put the pinned uv on PATH: preparing takes a second then."""
        (self.commands / "uv").symlink_to(Path(sys.executable).with_name("uv"))
        return self


def base_python() -> Path:
    """The real interpreter underneath this environment."""
    return Path(os.path.realpath(sys.executable))
