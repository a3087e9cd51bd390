"""Where the toolkit keeps what it fetched, built and measured."""

from __future__ import annotations

import os
from pathlib import Path


def home_folder() -> Path:
    """The toolkit's own folder: ``PPOCR_EDGE_HOME``, else ``$XDG_CACHE_HOME/ppocr-edge``.

    Below it: ``models/`` (the zoo's local store), ``bundles/`` (default bundles). Everything in it can be
    made again, so it is a cache folder. Not created here.
    """
    own = os.environ.get("PPOCR_EDGE_HOME")
    if own:
        return Path(own).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "ppocr-edge"


def data_folder() -> Path:
    """The user's folder of what cannot be made again, such as results: ``$XDG_DATA_HOME/ppocr-edge``.

    ``~/.local/share`` where that is not set. Not created here.
    """
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser() / "ppocr-edge"
