"""``ppocr-edge keys new``."""

from __future__ import annotations

from pathlib import Path

import click

from deploy_tools.cli.console import print_json, remark
from deploy_tools.cli.expiry import FORMS, last_day
from deploy_tools.cli.key_password import key_password, password_option
from deploy_tools.cli.keys_view import key_json, print_key


@click.command(
    epilog="""\b
Examples:
  ppocr-edge keys new release.key
  ppocr-edge keys new release.key --expires 2028-12-31
  ppocr-edge keys new ci.key --expires 1y --password-file /run/secrets/password
""",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--expires", metavar="DAY|SPAN", help=FORMS)
@password_option
@click.option("--json", "as_json", is_flag=True, help="Print the public key as JSON.")
def new(file: Path, expires: str | None, password_file: Path | None, as_json: bool) -> None:
    """Make a key: FILE, the private one, encrypted and readable by you alone, and FILE.pub for everybody.

    Nothing is ever overwritten. The password is asked for twice, unless it comes from a file or from
    PPOCR_EDGE_KEY_PASSWORD; without it the key is lost. After the last day nothing that the key signed is
    trusted any more.
    """
    from deploy_tools.release.trust.key_files import check_free, public_path, write_new_key
    from deploy_tools.release.trust.times import current_time

    end = last_day(expires, current_time())
    check_free(file)
    key = write_new_key(file, key_password(file, password_file, new=True), end)
    if as_json:
        print_json({"private": str(file), "public": str(public_path(file)), **key_json(key)})
        return
    print_key(key)
    remark(f"{file} signs: keep it, and its password, where only releases are made")
    remark(f"{public_path(file)} verifies: give it to everybody, on another way than the releases")
