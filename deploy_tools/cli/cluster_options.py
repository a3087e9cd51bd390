"""Options of what talks to a cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from deploy_tools.cluster.certificates import Certificates

F = TypeVar("F", bound=Callable[..., Any])
CERTIFICATE_NAMES: Final = ("tls_ca_file", "tls_cert", "tls_key")
CLUSTER_NAMES: Final = ("cluster", *CERTIFICATE_NAMES)
"""Of parameters, as commands get them."""
_FILE: Final = click.Path(path_type=Path, dir_okay=False)


def certificate_options(command: F) -> F:
    """Add ``--tls-ca-file``, ``--tls-cert`` and ``--tls-key``, which Dask's own commands have too."""
    for option in (
        click.option(
            "--tls-key", type=_FILE, metavar="FILE", help="Its private key, where it is in another file."
        ),
        click.option(
            "--tls-cert", type=_FILE, metavar="FILE", help="Certificate of this host, for tls:// addresses."
        ),
        click.option("--tls-ca-file", type=_FILE, metavar="FILE", help="Whose certificates are trusted."),
    ):
        command = option(command)
    return command


def cluster_option(command: F) -> F:
    """Add ``--cluster``, and the certificates for it."""
    return click.option(
        "--cluster",
        metavar="tcp://HOST:PORT",
        help="Measure on devices of other hosts, through this Dask scheduler; see 'ppocr-edge worker'.",
    )(certificate_options(command))


def certificates_of(options: Mapping[str, Any]) -> Certificates:
    """The certificates that options name."""
    from deploy_tools.cluster.certificates import Certificates

    return Certificates(options["tls_ca_file"], options["tls_cert"], options["tls_key"])
