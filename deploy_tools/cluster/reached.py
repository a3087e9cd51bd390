"""Whether anything listens at an address; Dask would try for long, and not say why not."""

from __future__ import annotations

import socket
from typing import Final

from deploy_tools.cluster.address import Address

ABSENT: Final = (
    "start one with 'ppocr-edge scheduler', or see whether the address, the network and the certificates "
    "are right"
)
"""What to do where a scheduler does not answer."""
_SECONDS: Final = 10.0


def why_not_reached(address: Address) -> str:
    """Why nothing answers there; empty where something does."""
    try:
        socket.create_connection((address.host, address.port), _SECONDS).close()
    except OSError as error:
        return error.strerror or str(error)
    return ""
