"""How a public key is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from deploy_tools.release.trust.keys import PublicKey


def print_key(key: PublicKey) -> None:
    """For people, and for copying."""
    click.echo(f"key      {key.id}")
    click.echo(f"expires  {_day(key) or 'never'}")
    click.echo(f"public   {key.line()}")
    click.echo(key.pem(), nl=False)


def key_json(key: PublicKey) -> dict[str, Any]:
    """For machines."""
    return {
        "key": key.id,
        "algorithm": "Ed25519",
        "expires": _day(key),
        "line": key.line(),
        "pem": key.pem(),
    }


def _day(key: PublicKey) -> str | None:
    from deploy_tools.release.trust.times import day_text

    return None if key.expires is None else day_text(key.expires)
