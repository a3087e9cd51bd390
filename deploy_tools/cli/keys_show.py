"""``ppocr-edge keys show``."""

from __future__ import annotations

from pathlib import Path

import click

from deploy_tools.cli.console import print_json
from deploy_tools.cli.key_password import key_password, password_option
from deploy_tools.cli.keys_view import key_json, print_key


@click.command(
    epilog="""\b
Examples:
  ppocr-edge keys show release.key.pub
  ppocr-edge keys show release.key --json | jq -r .line
  ppocr-edge keys show release.key --pem > release.key.pub
""",
)
@click.argument("key")
@click.option("--pem", is_flag=True, help="Print the public key as PEM alone.")
@password_option
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def show(key: str, pem: bool, password_file: Path | None, as_json: bool) -> None:
    """Show the id and the public half of KEY: a public or private key's file, or a key in one word.

    For a private key its password is needed.
    """
    from deploy_tools.release.trust.key_files import is_private_key, read_private_key, read_public_key
    from deploy_tools.release.trust.keys import is_key_line

    if not is_key_line(key) and is_private_key(Path(key)):
        path = Path(key)
        found = read_private_key(path, key_password(path, password_file)).public
    else:
        found = read_public_key(key)
    if as_json:
        print_json(key_json(found))
    elif pem:
        click.echo(found.pem(), nl=False)
    else:
        print_key(found)
