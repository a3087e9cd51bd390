"""One pipeline of the default models on this host's Paddle-Lite, for every test that reads text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from deploy_tools.devices.local import LocalDevice
from deploy_tools.reader import open_ocr
from edge.bundle.bundle import Bundle
from edge.ocr.pipeline import OCR


@pytest.fixture(scope="session")
def ocr(default_bundles: Mapping[str, Bundle]) -> Iterator[OCR]:
    """The default pipeline; use with ``@pytest.mark.embedded``."""
    opened = open_ocr(default_bundles, LocalDevice())
    yield opened
    opened.close()
