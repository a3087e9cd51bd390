"""The task that Dask has workers do."""

from __future__ import annotations

import json
from typing import Any, Final

PREFIX: Final = "ppocr_edge_"
"""Of what a worker answers besides what Dask's own do."""
OPERATIONS: Final = ("hello", "who", "lacks", "put", "take", "leave")


def resource(device: str) -> str:
    """Dask's name for a device of a worker, which has one of it."""
    return f"device {device}"


def measure(text: str) -> str:
    """Measure a unit on the worker that runs this; see `deploy_tools.cluster.desk.Desk.measure`."""
    from distributed import get_worker

    worker: Any = get_worker()
    return json.dumps(worker.ppocr_edge_desk.measure(json.loads(text)))
