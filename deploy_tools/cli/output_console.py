"""A rich console on standard output, of which a reader may have enough."""

from __future__ import annotations

from typing import NoReturn

from rich.console import Console


class OutputConsole(Console):
    """Leaves a closed pipe (``… | head``) to the end of the command line; rich would end with exit code 1."""

    def on_broken_pipe(self) -> NoReturn:
        """Called by rich inside the handler of a BrokenPipeError."""
        raise BrokenPipeError
