"""Dask, set up for this toolkit before it is imported: quiet, and without servers that nobody asked for."""

from __future__ import annotations

import importlib.util
import logging
from typing import Any, Final

from edge.errors import InputError

_SETTINGS: Final[dict[str, Any]] = {
    # pages about workers and tasks would be served to whoever asks
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # looks at every thread a hundred times a second, which measuring would notice
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.diagnostics.nvml": False,
    "distributed.scheduler.active-memory-manager.start": False,
    # what is measured on one device is not another worker's to take
    "distributed.scheduler.work-stealing": False,
    # our own retries know which host has the device
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.worker-ttl": "60s",
    "distributed.comm.timeouts.connect": "10s",
    "distributed.comm.timeouts.tcp": "20s",
}
NO_PAGES: Final = "127.0.0.1:0"
"""Dask listens for HTTP whatever one says: there, and has nothing to tell."""


def set_up(option: str) -> None:
    """Set Dask up; the user's own configuration of certificates stays.

    Args:
        option: That needs it, for messages.

    Raises:
        InputError: It is not installed.
    """
    if importlib.util.find_spec("distributed") is None:
        raise InputError(
            option, "needs dask[distributed], which is not installed", "install ppocr-edge[cluster]"
        )
    import dask

    dask.config.set(_SETTINGS)
    import distributed  # noqa: F401  (its logging is there from now on)

    # what matters of it is told in our own words
    for name in ("tornado", "asyncio", *logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
