"""Where the inventory file is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from edge.folders import expand_user

VARIABLE: Final = "PPOCR_EDGE_INVENTORY"
FILE: Final = "devices.yml"


def inventory_file(named: Path | None = None) -> Path:
    """The inventory file: the named one, that of ``PPOCR_EDGE_INVENTORY``, or the user's own.

    The user's own is ``$XDG_CONFIG_HOME/ppocr-edge/devices.yml``, below ``~/.config`` where that is not set.
    Need not exist.

    Raises:
        InputError: It begins with ``~USER``, and there is no such user.
    """
    if named is not None:
        return expand_user(named)
    if variable := os.environ.get(VARIABLE):
        return expand_user(variable)
    config = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return expand_user(config) / "ppocr-edge" / FILE
