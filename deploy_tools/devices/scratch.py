"""Files of this host that are there only while a device is given something."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy_tools.conversion.workshop import workshop

_NAME: Final = "ppocr-edge-device"


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder, gone afterwards; what killed processes left of theirs is removed first.

    Raises:
        OSError: It cannot be made.
    """
    with workshop(Path(tempfile.gettempdir()) / _NAME) as folder:
        yield folder
