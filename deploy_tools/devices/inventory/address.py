"""Addresses as people write and read them."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Final

from deploy_tools.devices.inventory.entry import AdbAddress, HostAddress, HostKeys, SshAddress
from deploy_tools.devices.inventory.reading import HIGHEST_PORT
from edge.errors import InputError

_ODD: Final = frozenset(string.whitespace) | frozenset("[]")


def ssh_address(
    text: str,
    option: str = "--ssh",
    *,
    identity: Path | None = None,
    ask_password: bool = False,
    host_keys: HostKeys = HostKeys.STRICT,
) -> SshAddress:
    """An address from ``[USER@]HOST[:PORT]``; an IPv6 address with a port stands in brackets.

    Args:
        text: As the user wrote it.
        option: What named it, for messages.
        identity: See `SshAddress`.
        ask_password: See `SshAddress`.
        host_keys: See `SshAddress`.

    Raises:
        InputError: It is none.
    """
    user, _, place = text.rpartition("@")
    if place.startswith("["):
        host, bracket, after = place[1:].partition("]")
        colon, port = after[:1], after[1:]
        sound = bracket and colon in ("", ":") and bool(colon) == bool(port)
    elif place.count(":") == 1:
        host, _, port = place.partition(":")
        sound = bool(port)
    else:  # more colons are an address of IPv6
        host, port, sound = place, "", True
    words = [host, user] if user or "@" in text else [host]
    if not sound or any(not word or word.startswith("-") or set(word) & _ODD for word in words):
        raise InputError(
            f"{option} {text!r:.80}",
            "is not [USER@]HOST[:PORT]",
            "write for example pi@10.0.0.7 or board:2222",
        )
    return SshAddress(host, user or None, _port(port, option), identity, ask_password, host_keys)


def address_text(address: SshAddress | AdbAddress | HostAddress) -> str:
    """An address on one line, for tables and messages."""
    if isinstance(address, AdbAddress):
        return f"adb {address.serial}"
    if isinstance(address, HostAddress):
        return "this host"
    host = f"[{address.host}]" if ":" in address.host and address.port else address.host
    user = f"{address.user}@" if address.user else ""
    return f"ssh {user}{host}" + (f":{address.port}" if address.port else "")


def _port(text: str, option: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= HIGHEST_PORT):
        raise InputError(option, f"{text!r:.20} is no port", f"write a number from 1 to {HIGHEST_PORT}")
    return int(text)
