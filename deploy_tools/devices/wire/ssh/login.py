"""Logging in: keys first, then a password, as OpenSSH does it."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy_tools.devices.wire.ssh.config import ssh_folder
from deploy_tools.devices.wire.ssh.secrets import Secrets
from edge.errors import DeviceError
from edge.folders import expand_user

_DEFAULT_KEYS: Final = ("id_ed25519", "id_ecdsa", "id_rsa")
_ATTEMPTS: Final = 3


@dataclass(frozen=True)
class _Key:
    shown: str
    pkey: Any


class Login:
    """How to log in to one server; what ``paramiko`` calls an authentication strategy.

    Args:
        device: Name of the device, for messages.
        user: To log in as.
        host: Of the server, for messages and prompts.
        identity: The one key to use; None for those of the configuration, the agent and ``~/.ssh``.
        configured: ``IdentityFile`` of the configuration.
        only: Use no other keys of the agent (``IdentitiesOnly``).
        ask_password: Ask for the password where keys do not do.
        secrets: Who asks, and knows what was asked before.
    """

    def __init__(
        self,
        device: str,
        user: str,
        host: str,
        *,
        identity: Path | None,
        configured: Sequence[str],
        only: bool,
        ask_password: bool,
        secrets: Secrets,
    ) -> None:
        self._device = device
        self._user = user
        self._host = host
        self._identity = identity
        self._configured = [expand_user(name) for name in configured]
        self._only = only or identity is not None
        self._ask_password = ask_password
        self._secrets = secrets
        self._tried: list[str] = []
        self._unused: list[str] = []

    def authenticate(self, transport: Any) -> None:
        """Log in over a connection whose host key was accepted.

        Raises:
            DeviceError: The server does not let us in.
        """
        methods = self._methods(transport)
        if "publickey" in methods and not transport.is_authenticated():
            methods = self._with_keys(transport, methods)
        if not transport.is_authenticated():
            self._with_password(transport, methods)

    def _methods(self, transport: Any) -> list[str]:
        """What the server takes; asking is itself an attempt, which succeeds where nothing is needed."""
        from paramiko import BadAuthenticationType

        try:
            transport.auth_none(self._user)
        except BadAuthenticationType as error:
            return list(error.allowed_types)
        return []

    def _with_keys(self, transport: Any, methods: list[str]) -> list[str]:
        from paramiko import SSHException

        with contextlib.closing(_agent()) as agent:
            for key in self._keys(agent.get_keys()):
                try:
                    further = transport.auth_publickey(self._user, key.pkey)
                except SSHException:
                    self._tried.append(key.shown)
                    if not transport.is_active():
                        raise self._refused(
                            f"hung up after {len(self._tried)} keys: {', '.join(self._tried)}",
                            "name the right one as the device's identity",
                        ) from None
                    continue
                # a right key of several things that are asked for
                return list(further)
        return methods

    def _with_password(self, transport: Any, methods: list[str]) -> None:
        from paramiko import AuthenticationException

        takes = {"password", "keyboard-interactive"} & set(methods)
        if not takes or not self._ask_password:
            raise self._refused(*self._why_not(methods))
        what = f"password of {self._user}@{self._host}"
        for _ in range(_ATTEMPTS):
            secret = self._secrets.get(what)
            try:
                transport.auth_password(self._user, secret)
            except AuthenticationException:
                self._secrets.wrong(what)
                if not transport.is_active():
                    break
                continue
            self._secrets.right(what, secret)
            return
        raise self._refused("the password is wrong", "run it again, and take care of upper and lower case")

    def _why_not(self, methods: Sequence[str]) -> tuple[str, str]:
        found = f"it takes {', '.join(methods) or 'nothing known'}"
        found += f"; tried {', '.join(self._tried)}" if self._tried else "; there was no key to try"
        if self._unused:
            found += f"; not used: {', '.join(self._unused)}"
        remedy = f"put a key there with 'ssh-copy-id {self._user}@{self._host}'"
        if {"password", "keyboard-interactive"} & set(methods):
            remedy += ", or have its password asked for ('ask_password: true' in devices.yml)"
        return found, remedy

    def _refused(self, found: str, remedy: str) -> DeviceError:
        return DeviceError(self._device, f"does not let {self._user}@{self._host} in: {found}", remedy)

    def _keys(self, held: Sequence[Any]) -> Iterator[_Key]:
        """Keys to try, named ones first; what the agent holds is not read from its file."""
        rest = list(held)
        named = [self._identity] if self._identity is not None else self._configured
        files = named or [ssh_folder() / name for name in _DEFAULT_KEYS]
        late: list[Path] = []
        for path in files:
            public = _public_blob(path)
            mine = [key for key in rest if public is not None and key.asbytes() == public]
            if mine:
                rest.remove(mine[0])
                yield _Key(f"{path} (agent)", mine[0])
            else:
                late.append(path)
        if not self._only:
            yield from (_Key(f"{key.comment or key.fingerprint} (agent)", key) for key in rest)
        for path in late:
            pkey = self._read(path, must_be=path == self._identity)
            if pkey is not None:
                yield _Key(str(path), pkey)

    def _read(self, path: Path, *, must_be: bool) -> Any:
        """A private key; None where it is not one that can be used, unless it was named for the device."""
        if not path.exists() and not must_be:
            return None
        try:
            return self._unlock(path)
        except OSError as error:
            found = f"cannot be read ({error.strerror})"
        except DeviceError:
            if must_be:
                raise
            found = "has a passphrase, and there is no terminal to ask for it"
        except Exception as error:  # of the library and of the one beneath, of many kinds
            found = f"is no private key that can be used here ({type(error).__name__})"
        if must_be:
            raise DeviceError(
                self._device, f"identity {path} {found}", "name a private key, as 'ssh-keygen' makes them"
            )
        self._unused.append(f"{path}, which {found}")
        return None

    def _unlock(self, path: Path) -> Any:
        from paramiko import PKey

        try:
            return PKey.from_path(path)
        except TypeError:  # what the library says of a missing passphrase
            pass
        what = f"passphrase of {path}"
        for _ in range(_ATTEMPTS):
            secret = self._secrets.get(what)
            with contextlib.suppress(ValueError, TypeError):
                pkey = PKey.from_path(path, secret.encode())
                self._secrets.right(what, secret)
                return pkey
            self._secrets.wrong(what)
        raise DeviceError(
            self._device, f"the {what} is wrong", "run it again, or load the key with 'ssh-add'"
        )


def _agent() -> Any:
    from paramiko import Agent, SSHException

    try:
        with socket.socket(socket.AF_UNIX) as there:  # the library forgets its socket where it is not
            there.connect(os.environ.get("SSH_AUTH_SOCK", ""))
        return Agent()
    except (SSHException, OSError):  # it speaks something else, or is gone
        return _NoAgent()


class _NoAgent:
    def get_keys(self) -> tuple[()]:
        return ()

    def close(self) -> None:
        pass


def _public_blob(path: Path) -> bytes | None:
    """The public half beside a private key."""
    import base64

    try:
        words = Path(os.fspath(path) + ".pub").read_text().split()
        return base64.b64decode(words[1])
    except (OSError, ValueError, IndexError):
        return None
