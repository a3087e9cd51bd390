"""Files of keys: ``NAME`` with the private key, encrypted, its owner's alone; ``NAME.pub`` for everybody.

Above the PEM stand lines that say which key it is and when it expires; other programs pass over them.
"""

from __future__ import annotations

import os
import re
import stat
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from deploy_tools.release.trust.encrypting import encrypted_pem
from deploy_tools.release.trust.keys import PrivateKey, PublicKey, is_key_line, read_key_line
from deploy_tools.release.trust.new_file import write_new_file
from deploy_tools.release.trust.times import day_text, read_day
from edge.errors import InputError
from edge.regular_file import regular_file_size

SHORTEST_PASSWORD: Final = 12
_LONGEST: Final = 1 << 14
_PEM: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----\n?")
_EXPIRES: Final = re.compile(r"^# expires (.*)$", re.MULTILINE)
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def public_path(private: Path) -> Path:
    """Where the public half of a key is: ``NAME.pub``."""
    return private.with_name(private.name + ".pub")


def write_new_key(path: Path, password: str, expires: datetime | None = None) -> PublicKey:
    """Make a key and write its two files; nothing is ever overwritten.

    Args:
        path: Of the private key; mode 0600, encrypted. The public one is beside it.
        password: At least `SHORTEST_PASSWORD` characters.
        expires: From when on what it signs is not trusted any more; the end of a day.

    Raises:
        InputError: One of the files is there already or cannot be written, or the password is too short.
    """
    check_new_password(password)
    check_free(path)
    key = PrivateKey(Ed25519PrivateKey.generate(), expires)
    pkcs8 = key.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    head = _head(key.public)
    write_new_file(path, head.encode() + encrypted_pem(pkcs8, password.encode()), 0o600)
    # a missing public half can be had by `keys show` from the private one; not the other way round
    write_new_file(public_path(path), (head + key.public.pem()).encode(), 0o644)
    return key.public


def check_free(path: Path) -> None:
    """Make sure that neither file of a new key is there.

    Raises:
        InputError: One is.
    """
    for each in (path, public_path(path)):
        if os.path.lexists(each):
            raise InputError(each, "is there already and keys are never overwritten", "choose another name")


def check_new_password(password: str) -> None:
    """Make sure that a password is worth encrypting with.

    Raises:
        InputError: It is too short.
    """
    if len(password) < SHORTEST_PASSWORD:
        found = f"has {len(password)} characters" if password else "is empty"
        raise InputError("the password", found, f"take at least {SHORTEST_PASSWORD}, best several words")


def is_private_key(path: Path) -> bool:
    """Whether a file holds a private key, encrypted or not; it may be read by others.

    Raises:
        InputError: The file cannot be read.
    """
    found = _PEM.search(_read(path))
    return found is not None and found[1].endswith(b"PRIVATE KEY")


def check_private_key(path: Path) -> None:
    """Make sure that a file holds an encrypted private key that is its owner's alone.

    Raises:
        InputError: It does not, or cannot be read.
    """
    _encrypted(path, _read(path))


def read_private_key(path: Path, password: str) -> PrivateKey:
    """A private key from its file.

    Raises:
        InputError: Others may read the file, it is not encrypted, holds no Ed25519 key, or the password is
            another one.
    """
    content = _read(path)
    try:
        key = load_pem_private_key(_encrypted(path, content), password.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        remedy = "give the one it was made with, by --password-file or when asked"
        raise InputError(
            path, "cannot be decrypted: the password is another one, or it is damaged", remedy
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(path, "holds a key of another kind", "releases are signed with Ed25519")
    return PrivateKey(key, _expires(path, content))


def read_public_key(text: str | Path) -> PublicKey:
    """A public key.

    Args:
        text: Path of a file that holds it as PEM or in one word, or that word itself (``ed25519:ID:BASE64``).

    Raises:
        InputError: There is none.
    """
    if is_key_line(str(text)):
        return _line("--key", str(text))
    path = Path(text)
    content = _read(path)
    found = _PEM.search(content)
    if found is None:
        words = content.split()
        if len(words) == 1 and words[0].isascii() and is_key_line(words[0].decode()):
            return _line(path, words[0].decode())
        raise InputError(path, "holds no public key", "give the .pub file of the release's maker")
    if found[1].endswith(b"PRIVATE KEY"):
        raise InputError(path, "is a private key", f"give its public half, {public_path(path).name}")
    try:
        key = load_pem_public_key(found[0])
    except (ValueError, UnsupportedAlgorithm):
        raise InputError(path, "holds a damaged public key", "fetch it again") from None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(path, "holds a key of another kind", "releases are signed with Ed25519")
    return PublicKey(key.public_bytes(Encoding.Raw, PublicFormat.Raw), _expires(path, content))


def check_owners_alone(path: Path) -> None:
    """Make sure that nobody but its owner may touch a file that holds a secret.

    Raises:
        InputError: Others may.
    """
    mode = path.stat().st_mode
    if stat.S_ISREG(mode) and mode & _OTHERS:
        raise InputError(path, f"others may read it (mode {stat.S_IMODE(mode):04o})", f"chmod 600 {path}")


def _encrypted(path: Path, content: bytes) -> bytes:
    """The PEM of a private key."""
    found = _PEM.search(content)
    if found is None or not found[1].endswith(b"PRIVATE KEY"):
        raise InputError(path, "holds no private key", "give the file that 'ppocr-edge keys new' made")
    check_owners_alone(path)
    if found[1] != b"ENCRYPTED PRIVATE KEY":
        remedy = f"encrypt it: openssl pkcs8 -topk8 -v2 aes-256-cbc -iter 600000 -in {path} -out NEW"
        raise InputError(path, "holds a private key that is not encrypted", remedy)
    return found[0]


def _head(key: PublicKey) -> str:
    text = f"# ppocr-edge release key {key.id}\n"
    return text + (f"# expires {day_text(key.expires)}\n" if key.expires else "")


def _expires(path: Path, content: bytes) -> datetime | None:
    found = _EXPIRES.search(content.decode("utf-8", "replace"))
    if found is None:
        return None
    try:
        return read_day(found[1])
    except ValueError as error:
        raise InputError(path, f"expires at {error}", "fetch the key again") from None


def _line(subject: str | Path, text: str) -> PublicKey:
    try:
        return read_key_line(text)
    except ValueError as error:
        raise InputError(subject, str(error), "copy the whole line of 'ppocr-edge keys show'") from None


def _read(path: Path) -> bytes:
    try:
        regular_file_size(path, lambda found: InputError(path, found, "give the file of a key"), _LONGEST)
        return path.read_bytes()
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})", "give the file of a key") from None
    except ValueError:
        raise InputError(str(path), "is no name of a file", "give the file of a key") from None
