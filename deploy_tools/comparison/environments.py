"""In what two environments differ, of what matters to a comparison of times."""

from __future__ import annotations

from typing import Any, Final

from deploy_tools.measurement.environment import Environment

# attribute -> as people call it
_MATTERS: Final = {
    "library": "library",
    "library_version": "library version",
    "runner": "runner",
    "machine": "architecture",
    "board": "board",
    "soc": "chip",
    "cores": "processor",
    "kernel": "kernel",
    "governor": "governor",
    "affinity": "bound cores",
    "charging": "charging",
    "note": "note",
}


def differences(before: Environment, after: Environment) -> tuple[str, ...]:
    """What differs and matters, each in words. What one side does not tell is no difference."""
    found = []
    for attribute, name in _MATTERS.items():
        old, new = getattr(before, attribute), getattr(after, attribute)
        told = attribute == "affinity" or (old not in (None, "") and new not in (None, ""))
        if told and old != new:
            found.append(f"{name} {_words(old)} → {_words(new)}")
    return tuple(found)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "+".join(map(str, value)) or "none"
    return str(value)
