"""Ed25519 keys of releases, and the short name by which people tell them apart."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deploy_tools.release.trust.times import day_text, read_day

_LINE: Final = "ed25519"
_KEY_BYTES: Final = 32


@dataclass(frozen=True)
class PublicKey:
    """What tells whether a signature is its owner's.

    Attributes:
        raw: The 32 bytes of RFC 8032.
        expires: After this, nothing it signed is trusted any more; None for never.
    """

    raw: bytes
    expires: datetime | None = None

    @property
    def id(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the raw key."""
        return hashlib.sha256(self.raw).hexdigest()[:16]

    def is_signed(self, message: bytes, signature: bytes) -> bool:
        """Whether this key's owner signed exactly this message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def line(self) -> str:
        """The key in one word: ``ed25519:ID:BASE64``, with ``:YYYY-MM-DD`` behind it where it expires."""
        words = [_LINE, self.id, base64.b64encode(self.raw).decode()]
        return ":".join([*words, day_text(self.expires)] if self.expires else words)

    def pem(self) -> str:
        """The key as other programs read it, X.509 SubjectPublicKeyInfo in PEM."""
        key = Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@dataclass(frozen=True, repr=False)
class PrivateKey:
    """What signs. Its owner's alone: it is never printed.

    Attributes:
        key: The key itself.
        expires: As of its public half.
    """

    key: Ed25519PrivateKey
    expires: datetime | None = None

    @property
    def public(self) -> PublicKey:
        """The half that everybody may have."""
        return PublicKey(self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), self.expires)

    def sign(self, message: bytes) -> bytes:
        """The signature of a message, 64 bytes; the same every time."""
        return self.key.sign(message)


def is_key_line(text: str) -> bool:
    """Whether a text means to be what :meth:`PublicKey.line` gives."""
    return text.startswith(f"{_LINE}:")


def read_key_line(text: str) -> PublicKey:
    """The key of one word.

    Raises:
        ValueError: It is damaged; says how.
    """
    words = text.split(":")
    if not is_key_line(text) or len(words) not in (3, 4):
        raise ValueError("is no key such as ed25519:ID:BASE64")
    try:
        raw = base64.b64decode(words[2].encode(), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("has a key that is not base64") from None
    if len(raw) != _KEY_BYTES:
        raise ValueError(f"has a key of {len(raw)} bytes instead of {_KEY_BYTES}")
    key = PublicKey(raw, read_day(words[3]) if len(words) == 4 else None)
    if key.line() != text:
        raise ValueError(f"is damaged: it names key {words[1]!r:.20}, but holds {key.id}")
    return key
