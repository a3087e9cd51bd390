"""Addresses of schedulers and workers, and which of them may be listened on."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from edge.errors import InputError

PORT: Final = 8786
"""Of a scheduler where none is named; Dask's own."""
TLS: Final = "tls"
_HOST: Final = r"\[[0-9A-Fa-f:.]+(?:%\w+)?\]|[^\s\[\]:/@]+"


@dataclass(frozen=True)
class Address:
    """Where a scheduler or worker listens.

    Attributes:
        scheme: ``tcp`` or ``tls``.
        host: Name or address, without brackets.
        port: 0 for any that is free.
    """

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def encrypted(self) -> bool:
        """Whether those at both ends are known to each other, and nobody listens in."""
        return self.scheme == TLS

    @property
    def loopback(self) -> bool:
        """Whether nobody but this host reaches it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_address(text: str, option: str, *, port: int = PORT) -> Address:
    """An address as users write it.

    Args:
        text: ``tcp://HOST:PORT`` or ``tls://HOST:PORT``.
        option: That named it, for messages.
        port: Where none is named.

    Raises:
        InputError: It is none.
    """
    match = re.fullmatch(rf"(tcp|tls)://({_HOST})(?::([0-9]{{1,5}}))?", text)
    if match is None or int(match[3] or port) > 65535 or match[2].startswith("-"):
        raise InputError(
            f"{option} {text!r:.80}".strip(),
            "is no address of a scheduler",
            f"write tcp://HOST:{PORT} or tls://HOST:{PORT}",
        )
    return Address(match[1], match[2].strip("[]"), int(match[3] or port))


def check_listener(address: Address, option: str, *, allow: bool) -> None:
    """Make sure that an address may be listened on.

    Args:
        address: Where to listen.
        option: That named it, for messages.
        allow: Whether the user knows what it means to listen to a network without encryption.

    Raises:
        InputError: It may not.
    """
    if address.encrypted or address.loopback or allow:
        return
    raise InputError(
        f"{option} {address}".strip(),
        "is open to a network without encryption or certificates: whoever reaches it can run programs here",
        "use tls:// with certificates, or an address of this host alone such as tcp://127.0.0.1; or add "
        "--allow-unencrypted in a network where you trust everybody",
    )
