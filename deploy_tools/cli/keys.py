"""``ppocr-edge keys``: keys that releases are signed with."""

from __future__ import annotations

from typing import Final

import click

from deploy_tools.cli.lazy_group import LazyGroup

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "new": ("deploy_tools.cli.keys_new:new", "Make a key."),
    "show": ("deploy_tools.cli.keys_show:show", "Show a key's id and its public half."),
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    epilog="""\b
Examples:
  ppocr-edge keys new release.key --expires 2y
  ppocr-edge keys show release.key.pub
""",
)
def keys() -> None:
    """Make and show keys that releases are signed with (Ed25519).

    The private one signs ('ppocr-edge package --key'), the public one verifies ('ppocr-edge verify --key').
    """
