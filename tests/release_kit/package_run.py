"""``package`` called in this process."""

from __future__ import annotations

from tests.deploy_tools.cli.command_run import CommandRun


class PackageRun:
    """Makes ``made-1.0`` in ``out``.

    Args:
        command: That calls it.
    """

    def __init__(self, command: CommandRun) -> None:
        self._command = command

    @property
    def err(self) -> str:
        """What the last call wrote to standard error."""
        return self._command.err

    def __call__(self, *words: object, code: int = 0, version: str = "1.0") -> str:
        """What it writes to standard output; its exit code is checked."""
        named = ("--name", "made", "--version", version, "-o", "out")
        return self._command(*map(str, words), *named, code=code)
