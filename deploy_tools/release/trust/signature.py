"""``SHA256SUMS.sig``: who signed the sums, when, and until when that holds."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from deploy_tools.release.trust.canonical import canonical_json, read_format
from deploy_tools.release.trust.keys import PrivateKey, PublicKey
from deploy_tools.release.trust.sums import SUMS_NAME
from deploy_tools.release.trust.times import read_time, time_text

FORMAT: Final = 1
SIGNATURE_NAME: Final = "SHA256SUMS.sig"
LONGEST_SIGNATURE: Final = 1 << 12
CLOCK_ERROR: Final = timedelta(days=1)
"""So much may clocks differ before a signature is one of the future."""

_DOMAIN: Final = b"ppocr-edge release 1\n"
_FIELDS: Final = {"format", "key", "signed", "expires", "signature"}
_SIGNATURE_BYTES: Final = 64


@dataclass(frozen=True)
class Signature:
    """A signature of sums.

    Attributes:
        key: The id of the key that made it.
        signed: When, as its maker says.
        expires: Until when it holds; None for ever.
        value: The signature itself, 64 bytes.
    """

    key: str
    signed: datetime
    expires: datetime | None
    value: bytes = field(repr=False)

    def to_json(self) -> bytes:
        """The file."""
        value = base64.b64encode(self.value).decode()
        return canonical_json({**_statement(self.key, self.signed, self.expires), "signature": value})

    def message(self, sums: bytes) -> bytes:
        """What is signed: what this is, the statement, and the sums, so that none can be exchanged alone."""
        statement = canonical_json(_statement(self.key, self.signed, self.expires))
        return _DOMAIN + statement + sums


def sign(sums: bytes, key: PrivateKey, signed: datetime, expires: datetime | None) -> Signature:
    """Sign the bytes of ``SHA256SUMS``."""
    empty = Signature(key.public.id, signed, expires, b"")
    return Signature(empty.key, signed, expires, key.sign(empty.message(sums)))


def read_signature(content: bytes) -> Signature:
    """The signature of its file's bytes.

    Raises:
        ValueError: It is not one.
    """
    values = read_format(content, FORMAT)
    if set(values) != _FIELDS:
        odd = sorted(set(values) ^ _FIELDS)[0]
        raise ValueError(f"{'lacks' if odd in _FIELDS else 'has an unknown'} field {odd!r:.40}")
    for name in ("key", "signed", "signature"):
        if not isinstance(values[name], str):
            raise ValueError(f"field {name!r} is no text")
    if values["expires"] is not None and not isinstance(values["expires"], str):
        raise ValueError("field 'expires' is no text")
    signature = Signature(
        values["key"],
        read_time(values["signed"]),
        None if values["expires"] is None else read_time(values["expires"]),
        _value(values["signature"]),
    )
    if signature.to_json() != content:  # base64 has several ways to write the same bytes
        raise ValueError("field 'signature' is not written as base64 is")
    return signature


def signing_key(signature: Signature, sums: bytes, keys: Sequence[PublicKey], now: datetime) -> PublicKey:
    """The key, of those that are trusted, whose owner signed these sums.

    Args:
        signature: As read; nothing of it is believed before it fits.
        sums: The bytes of ``SHA256SUMS``.
        keys: That are trusted.
        now: The time for which it is to hold.

    Raises:
        ValueError: None did, or it does not hold at that time; says why.
    """
    named = [key for key in keys if key.id == signature.key]
    if not named:
        given = ", ".join(dict.fromkeys(key.id for key in keys)) or "none"
        raise ValueError(f"is by key {signature.key!r:.20}, which is not trusted (given: {given})")
    message = signature.message(sums)
    key = next((key for key in named if key.is_signed(message, signature.value)), None)
    if key is None:
        raise ValueError(
            f"does not fit {SUMS_NAME}: one of them was changed after key {signature.key} signed it"
        )
    for what, end in (("", signature.expires), (f"key {key.id} ", key.expires)):
        if end is not None and end < now:
            raise ValueError(f"{what}expired at {time_text(end)}")
    if signature.signed > now + CLOCK_ERROR:
        raise ValueError(f"was signed at {time_text(signature.signed)}, and it is only {time_text(now)} here")
    return key


def _statement(key: str, signed: datetime, expires: datetime | None) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "key": key,
        "signed": time_text(signed),
        "expires": None if expires is None else time_text(expires),
    }


def _value(text: str) -> bytes:
    try:
        value = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("field 'signature' is not base64") from None
    if len(value) != _SIGNATURE_BYTES:
        raise ValueError(f"field 'signature' has {len(value)} bytes instead of {_SIGNATURE_BYTES}")
    return value
