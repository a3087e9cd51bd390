"""Where the toolkit keeps what it fetched, built and measured."""

from __future__ import annotations

import os
from pathlib import Path

from edge.errors import InputError


def expand_user(path: str | Path) -> Path:
    """A path that may begin with ``~`` or ``~USER``, as shells expand it.

    Raises:
        InputError: There is no such user.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise InputError(path, "there is no such user", "write the whole path") from None


def home_folder() -> Path:
    """The toolkit's own folder: ``PPOCR_EDGE_HOME``, else ``$XDG_CACHE_HOME/ppocr-edge``.

    Below it: ``models/`` (the zoo's local store), ``bundles/`` (default bundles). Everything in it can be
    made again, so it is a cache folder. Not created here.
    """
    own = os.environ.get("PPOCR_EDGE_HOME")
    if own:
        return expand_user(own)
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return expand_user(cache) / "ppocr-edge"


def data_folder() -> Path:
    """The user's folder of what cannot be made again, such as results: ``$XDG_DATA_HOME/ppocr-edge``.

    ``~/.local/share`` where that is not set. Not created here.
    """
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return expand_user(data) / "ppocr-edge"
