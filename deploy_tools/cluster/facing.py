"""Which of this host's addresses faces another host."""

from __future__ import annotations

import socket

from deploy_tools.cluster.address import Address
from edge.errors import InputError


def facing(other: Address) -> str:
    """The address of this host from which packets to another leave; nothing is sent.

    Raises:
        InputError: There is none.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(other.host, other.port, type=socket.SOCK_DGRAM)[
            0
        ]
        with socket.socket(family, kind, protocol) as probe:
            probe.connect(place)
            return str(probe.getsockname()[0])
    except OSError as error:
        raise InputError(
            str(other), f"no way leads there ({error.strerror or error})", "check the name, or name --listen"
        ) from None
