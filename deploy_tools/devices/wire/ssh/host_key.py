"""Whether a server's key is the one it should have."""

from __future__ import annotations

import contextlib
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy_tools.devices.inventory.entry import HostKeys
from deploy_tools.devices.wire.ssh.config import ssh_folder
from deploy_tools.devices.wire.ssh.known_hosts import KnownHosts, fingerprint, host_name
from edge.errors import DeviceError
from edge.folders import expand_user

_SYSTEM: Final = "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"


@dataclass(frozen=True)
class HostKeyCheck:
    """What a server's key is held against.

    Attributes:
        device: Name of the device, for messages.
        host: Of the server, as it is connected to.
        port: Of the server.
        name: As the files name it.
        known: The files.
        keys: What is done about a key they do not know.
        hashed: New names are not to be readable.
    """

    device: str
    host: str
    port: int
    name: str
    known: KnownHosts
    keys: HostKeys
    hashed: bool

    def kinds(self) -> list[str]:
        """Kinds of keys that are known, so that the server shows one of these."""
        return list(dict.fromkeys(key.kind for key in self.known.of(self.name) if not key.revoked))

    def check(self, kind: str, blob: bytes) -> None:
        """Accept a key or raise; a new one is written down where that was chosen, which is then said.

        Raises:
            DeviceError: It is not known, or another one is.
        """
        known = self.known.of(self.name)
        shown = f"{kind} {fingerprint(blob)}"
        if revoked := [key for key in known if key.revoked and key.blob == blob]:
            raise DeviceError(
                self.device,
                f"its host key {shown} is revoked ({revoked[0].place})",
                "give the device a new host key",
            )
        valid = [key for key in known if not key.revoked]
        if any(key.blob == blob for key in valid):
            return
        if valid:
            raise DeviceError(
                self.device,
                f"the host key of {self.host} is {shown}, but {valid[0].place} says "
                f"{valid[0].kind} {fingerprint(valid[0].blob)}: "
                "somebody may be in between, or the device was set up anew",
                f"if it was, forget the old key: {self._forgetting()}",
            )
        if self.keys is HostKeys.ACCEPT_NEW:
            file = self.known.add(self.name, kind, blob, hashed=self.hashed)
            with contextlib.suppress(OSError, ValueError):  # nobody listens
                sys.stderr.write(f"{self.device}: took the host key of {self.host} into {file}: {shown}\n")
            return
        raise DeviceError(
            self.device,
            f"the host key of {self.host} is not known: {shown}",
            "compare it with what 'ssh-keygen -lf' says of the key in /etc/ssh of the device, and accept it "
            f"once with '{self._connecting()}', or unseen with 'devices add --accept-new-host-key' "
            "('host_keys: accept-new' in devices.yml)",
        )

    def _forgetting(self) -> str:
        files = [file for file in self.known.files if file.exists()]
        return " ".join(
            f"'ssh-keygen -f {shlex.quote(str(file))} -R {shlex.quote(self.name)}'" for file in files[:1]
        )

    def _connecting(self) -> str:
        return f"ssh -p {self.port} {self.host}" if self.port != 22 else f"ssh {self.host}"


def host_key_check(device: str, host: str, port: int, options: Any, keys: HostKeys) -> HostKeyCheck:
    """What holds for a server.

    Args:
        device: Name of the device.
        host: Of the server, as it is connected to.
        port: Of the server.
        options: ``~/.ssh/config`` for it: the files, another name (``HostKeyAlias``), hashed names.
        keys: What is done about unknown keys; the configuration has no say in it.
    """
    default = f"{ssh_folder()}/known_hosts {ssh_folder()}/known_hosts2"
    files = [
        *_files(options.get("userknownhostsfile", default)),
        *_files(options.get("globalknownhostsfile", _SYSTEM)),
    ]
    alias = options.get("hostkeyalias")
    return HostKeyCheck(
        device=device,
        host=host,
        port=port,
        name=alias.lower() if alias else host_name(host, port),
        known=KnownHosts(files or [Path(default.split()[0])]),
        keys=keys,
        hashed=options.get("hashknownhosts", "no").lower() == "yes",
    )


def _files(value: str) -> list[Path]:
    words = shlex.split(value)
    return [expand_user(word.replace("%d", str(Path.home()))) for word in words if word != "none"]
