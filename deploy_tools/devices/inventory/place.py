"""Where the inventory file is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

VARIABLE: Final = "PPOCR_EDGE_INVENTORY"
FILE: Final = "devices.yml"


def inventory_file(named: Path | None = None) -> Path:
    """The inventory file: the named one, that of ``PPOCR_EDGE_INVENTORY``, or the user's own.

    The user's own is ``$XDG_CONFIG_HOME/ppocr-edge/devices.yml``, below ``~/.config`` where that is not set.
    Need not exist.
    """
    if named is not None:
        return named.expanduser()
    if variable := os.environ.get(VARIABLE):
        return Path(variable).expanduser()
    config = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(config).expanduser() / "ppocr-edge" / FILE
