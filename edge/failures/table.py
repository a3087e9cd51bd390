"""All known failures: what Paddle-Lite and the systems under it print when they die, and why.

The rows come from provoked deaths of Paddle-Lite 2.13rc0 (``tests/edge/failures``), its sources, and public
issues of PaddleOCR and Paddle-Lite. Where rows fit the same line the earlier one holds, so special ones stand
first. What fails silently (a wrong channel count, flipped weights, a predictor that survives another shape)
leaves no line to find, and is not here.
"""

from __future__ import annotations

from typing import Final

from edge.failures.converting import CONVERTING
from edge.failures.device import DEVICE
from edge.failures.loading import LOADING
from edge.failures.row import Row
from edge.failures.running import RUNNING

TABLE: Final[tuple[Row, ...]] = (*CONVERTING, *LOADING, *RUNNING, *DEVICE)
