"""``known_hosts``: whose key is whose."""

from __future__ import annotations

import base64
import binascii
import fcntl
import fnmatch
import hashlib
import hmac
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy_tools.devices.wire.ssh.config import text_of
from edge.errors import InputError


@dataclass(frozen=True)
class KnownKey:
    """A line that names a host.

    Attributes:
        kind: Of the key: ``ssh-ed25519``.
        blob: The key.
        revoked: It must not be accepted.
        place: ``FILE:LINE``.
    """

    kind: str
    blob: bytes
    revoked: bool
    place: str


@dataclass(frozen=True)
class KnownHosts:
    """Files of known keys.

    Attributes:
        files: In the order in which they are read; new keys go into the first.
    """

    files: Sequence[Path]

    def of(self, name: str) -> list[KnownKey]:
        """What is known of a host.

        Certificates of authorities are left out: the library beneath does not check them.

        Args:
            name: As `host_name` says it.

        Raises:
            InputError: A file cannot be read.
        """
        return [key for file in self.files for key in _read(file, name)]

    def add(self, name: str, kind: str, blob: bytes, *, hashed: bool = False) -> Path:
        """Write down a key; other processes may do so at the same time.

        Args:
            name: As `host_name` says it.
            kind: Of the key.
            blob: The key.
            hashed: So that the file does not tell the name.

        Returns:
            The file.

        Raises:
            InputError: The file cannot be written.
        """
        file = self.files[0]
        shown = _hashed(name, secrets.token_bytes(20)) if hashed else name
        line = f"{shown} {kind} {base64.b64encode(blob).decode()}\n".encode()
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.touch(mode=0o600)
            with file.open("r+b") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX)
                text = stream.read()
                stream.write(line if not text or text.endswith(b"\n") else b"\n" + line)
        except OSError as error:
            raise InputError(file, f"cannot be written ({error.strerror})", "see its permissions") from None
        return file


def host_name(host: str, port: int) -> str:
    """A host as the files name it."""
    return host.lower() if port == 22 else f"[{host.lower()}]:{port}"


def fingerprint(blob: bytes) -> str:
    """Of a key, as OpenSSH shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _read(file: Path, name: str) -> Iterator[KnownKey]:
    for number, line in enumerate((text_of(file) or "").splitlines(), start=1):
        marker, *fields = line.split() if line.startswith("@") else ("", *line.split())
        if len(fields) < 3 or fields[0].startswith("#") or marker not in ("", "@revoked"):
            continue
        if not _names(fields[0], name):
            continue
        try:
            blob = base64.b64decode(fields[2], validate=True)
        except binascii.Error:
            continue
        yield KnownKey(fields[1], blob, marker == "@revoked", f"{file}:{number}")


def _names(patterns: str, name: str) -> bool:
    """Whether a line's first field is about a host."""
    if patterns.startswith("|1|"):
        try:
            salt = base64.b64decode(patterns.split("|")[2])
        except (binascii.Error, IndexError):
            return False
        return hmac.compare_digest(_hashed(name, salt), patterns)
    named = False
    for pattern in patterns.lower().split(","):
        # brackets mean the port, not a set of characters
        plain = pattern.removeprefix("!").replace("[", "[[]")
        if fnmatch.fnmatchcase(name, plain):
            if pattern.startswith("!"):
                return False
            named = True
    return named


def _hashed(name: str, salt: bytes) -> str:
    # the format of the file prescribes SHA-1; nothing is protected by it but names from curious eyes
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"
