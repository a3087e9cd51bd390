"""A command called in this process, for tests of what it prints."""

from __future__ import annotations

import pytest

from deploy_tools.cli.main import main


class CommandRun:
    """Runs a command and keeps what it wrote.

    Attributes:
        err: What the last call wrote to standard error.
    """

    def __init__(self, capsys: pytest.CaptureFixture[str], command: str) -> None:
        self._capsys = capsys
        self._command = command
        self.err = ""

    def __call__(self, *words: str, code: int = 0) -> str:
        """What it writes to standard output, given more words; its exit code is checked."""
        found = main([self._command, *words])
        out, self.err = self._capsys.readouterr()
        assert found == code, self.err
        assert "Traceback" not in self.err
        return out
