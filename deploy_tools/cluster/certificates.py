"""Certificates, which Dask asks of both sides of a connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy_tools.cluster.address import Address
from edge.errors import InputError


@dataclass(frozen=True)
class Certificates:
    """Files in PEM form. What is None is left to Dask's own configuration (``distributed.comm.tls``).

    Attributes:
        authority: Whose certificates are trusted.
        certificate: Our own.
        key: Its private key; may stand in the file of the certificate.
    """

    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    @property
    def options(self) -> Mapping[str, Path]:
        """Those that were named, by their options."""
        named = {
            "--tls-ca-file": self.authority,
            "--tls-cert": self.certificate,
            "--tls-key": self.key,
        }
        return {option: path for option, path in named.items() if path is not None}


def security_of(address: Address, certificates: Certificates) -> Any:
    """What Dask needs for an address: a ``distributed.Security``, None without encryption.

    Raises:
        InputError: A file cannot be used, one is missing, or they do not go together with the address.
    """
    named = certificates.options
    if not address.encrypted:
        for option, path in named.items():
            raise InputError(
                f"{option} {path}", f"does not go together with {address}", "write tls:// in place of tcp://"
            )
        return None
    for option, path in named.items():
        _check_readable(option, path)
    from distributed import Security

    own = {"cert": certificates.certificate, "key": certificates.key}
    given: dict[str, Any] = {
        f"tls_{role}_{what}": str(path)
        for role in ("client", "worker", "scheduler")
        for what, path in own.items()
        if path is not None
    }
    if certificates.authority is not None:
        given["tls_ca_file"] = str(certificates.authority)
    security = Security(require_encryption=True, **given)
    if security.tls_ca_file is None or security.tls_client_cert is None:
        raise InputError(
            str(address),
            "needs certificates",
            "give --tls-ca-file, --tls-cert and --tls-key, or set Dask's distributed.comm.tls",
        )
    _check_usable(security, address)
    return security


def _check_readable(option: str, path: Path) -> None:
    try:
        with path.open("rb") as stream:
            stream.read(1)
    except OSError as error:
        raise InputError(
            f"{option} {path}", f"cannot be read ({error.strerror})", "name a file in PEM form"
        ) from None


def _check_usable(security: Any, address: Address) -> None:
    try:
        security.get_connection_args("client")
        security.get_listen_args("scheduler")
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise InputError(
            str(address),
            f"the certificates cannot be used ({error})",
            "name PEM files that belong together",
        ) from None
