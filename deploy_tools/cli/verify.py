"""``ppocr-edge verify``: whether a release is what its maker signed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from deploy_tools.cli.console import print_json, stderr_console, warn
from deploy_tools.cli.trusted_keys import trusted_keys_option
from deploy_tools.cli.visible import printable
from edge.errors import InputError

if TYPE_CHECKING:
    from deploy_tools.release.trust.verify import Verified

EPILOG: Final = """\b
Examples:
  ppocr-edge verify ppocr-1.2.0 --key release.key.pub
  ppocr-edge verify ppocr-1.2.0 --key release.key.pub --only linux-arm64
  ppocr-edge verify downloads/ppocr-1.2.0-linux-arm64.tar.gz --key release.key.pub
  ppocr-edge verify ppocr-1.2.0 --key ed25519:51ec…:aWQ…= --json | jq -r .version

\b
Exit code 0: all of it is what was signed. 2: it is not, and one line says which file and why.
"""


@click.command(epilog=EPILOG)
@click.argument("release", type=click.Path(path_type=Path))
@trusted_keys_option
@click.option(
    "--only", multiple=True, metavar="FILE|TARGET", help="Look at this file, or this target's; repeatable."
)
@click.option("--at", metavar="DAY", help="Ask whether it held on this day (UTC), not whether it does now.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print what was found as JSON, also where it is refused."
)
def verify(
    release: Path, keys: tuple[str, ...], only: tuple[str, ...], at: str | None, as_json: bool
) -> None:
    """Verify RELEASE: its signature, every hash, no file too many or too few, every archive from the inside.

    RELEASE is the folder of a release, or one of its archives beside SHA256SUMS and SHA256SUMS.sig; with
    manifest.json there as well, that too is compared. Nothing is unpacked, and no network is used.
    """
    from deploy_tools.release.trust.key_files import read_public_key
    from deploy_tools.release.trust.verify import verify_release
    from edge.errors import ReleaseError

    if not keys:
        raise InputError(
            "--key", "is not given", "give the public key of the release's maker, such as release.key.pub"
        )
    trusted = [read_public_key(key) for key in keys]
    now = _day(at)
    try:
        with stderr_console().status("verifying …") as status:
            step = lambda name: status.update(f"verifying {printable(name)} …")  # noqa: E731
            found = verify_release(release, trusted, only=only, now=now, step=step)
    except ReleaseError as error:
        if as_json:
            print_json(_refusal(release, error))
        raise
    if as_json:
        print_json(_json(found))
        return
    _print(found)


def _day(text: str | None) -> datetime | None:
    from deploy_tools.release.trust.times import read_day

    try:
        return None if text is None else read_day(text)
    except ValueError as error:
        raise InputError("--at", str(error), "write a day") from None


def _refusal(release: Path, error: InputError) -> dict[str, Any]:
    return {
        "verified": False,
        "release": str(release),
        "file": error.subject,
        "found": error.found,
        "remedy": error.remedy,
    }


def _json(found: Verified) -> dict[str, Any]:
    from deploy_tools.release.trust.times import time_text

    return {
        "verified": True,
        "release": str(found.folder),
        "whole": found.whole,
        "name": found.name,
        "version": found.version,
        "key": found.key,
        "signed": time_text(found.signed) if found.signed else None,
        "expires": time_text(found.expires) if found.expires else None,
        "targets": list(found.targets),
        "models": [vars(model) for model in found.models],
        "allow": list(found.allowed),
        "files": dict(found.files),
    }


def _print(found: Verified) -> None:
    from deploy_tools.release.trust.times import time_text

    signed = time_text(found.signed) if found.signed else ""
    until = f", until {time_text(found.expires)}" if found.expires else ""
    whole = f"all {len(found.files)} files" if found.whole else ", ".join(found.files)
    rows = [
        ("release", f"{found.name} {found.version}"),
        ("signed", f"by {found.key} at {signed}{until}"),
        ("verified", whole),
        *([("targets", ", ".join(found.targets))] if found.targets else []),
        *(("model", f"{model}, opt {model.opt_version}, {model.sha256[:12]}") for model in found.models),
    ]
    for label, value in rows:
        click.echo(f"{label:<9} {printable(value)}")
    for exception in found.allowed:
        warn(f"its maker let pass: {exception}")
