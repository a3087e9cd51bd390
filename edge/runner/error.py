"""How the runner refuses: one line on standard error and exit code 2."""

from __future__ import annotations


class RunnerError(Exception):
    """What ends the runner in one line; the message names the option, what was found, and the remedy."""
