"""A private key under a password, as PKCS#8 (RFC 5958) with PBES2 (RFC 8018).

``cryptography`` writes this itself, but with 2048 rounds: a graphics card tries passwords by the million a
second. This is the same structure with as many rounds as are advised today; it and OpenSSL read any number.
"""

from __future__ import annotations

import base64
import hashlib
import os
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

ROUNDS: Final = 600_000
"""Of PBKDF2 with HMAC-SHA-256; takes 0.2 s."""

_SALT: Final = 16
_AES_KEY: Final = 32
_BLOCK: Final = 16
_INTEGER, _OCTETS, _NULL, _SEQUENCE = 0x02, 0x04, b"\x05\x00", 0x30
_PBES2: Final = bytes.fromhex("06092a864886f70d01050d")
_PBKDF2: Final = bytes.fromhex("06092a864886f70d01050c")
_HMAC_SHA256: Final = bytes.fromhex("06082a864886f70d0209")
_AES256_CBC: Final = bytes.fromhex("060960864801650304012a")
_LINE: Final = 64


def encrypted_pem(pkcs8: bytes, password: bytes) -> bytes:
    """The PEM text of a key.

    Args:
        pkcs8: The key, in DER.
        password: What it is encrypted with.
    """
    salt, start = os.urandom(_SALT), os.urandom(_BLOCK)
    key = hashlib.pbkdf2_hmac("sha256", password, salt, ROUNDS, _AES_KEY)
    padder = PKCS7(8 * _BLOCK).padder()
    encryptor = Cipher(AES(key), CBC(start)).encryptor()
    hidden = encryptor.update(padder.update(pkcs8) + padder.finalize()) + encryptor.finalize()
    rounds = ROUNDS.to_bytes(ROUNDS.bit_length() // 8 + 1, "big")
    derivation = _sequence(_der(_OCTETS, salt), _der(_INTEGER, rounds), _sequence(_HMAC_SHA256, _NULL))
    cipher = _sequence(_AES256_CBC, _der(_OCTETS, start))
    scheme = _sequence(_PBES2, _sequence(_sequence(_PBKDF2, derivation), cipher))
    text = base64.b64encode(_sequence(scheme, _der(_OCTETS, hidden))).decode()
    lines = [text[place : place + _LINE] for place in range(0, len(text), _LINE)]
    name = "ENCRYPTED PRIVATE KEY"
    return "\n".join([f"-----BEGIN {name}-----", *lines, f"-----END {name}-----", ""]).encode()


def _sequence(*parts: bytes) -> bytes:
    return _der(_SEQUENCE, b"".join(parts))


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + content
