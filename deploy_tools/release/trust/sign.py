"""Signing a release: only what fits together is signed, and what is signed is written in one step."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from deploy_tools.release.trust.held_file import small_file
from deploy_tools.release.trust.keys import PrivateKey
from deploy_tools.release.trust.new_file import write_new_file
from deploy_tools.release.trust.signature import SIGNATURE_NAME, Signature, sign
from deploy_tools.release.trust.sums import LONGEST_SUMS, SUMS_NAME
from deploy_tools.release.trust.times import signing_time, time_text
from deploy_tools.release.trust.verify import check_contents
from edge.errors import InputError, ReleaseError


def sign_release(
    folder: Path, key: PrivateKey, *, signed: datetime | None = None, expires: datetime | None = None
) -> Signature:
    """Write ``SHA256SUMS.sig`` of a release, after everything but the signature was verified.

    Args:
        folder: The release, with its ``SHA256SUMS``.
        key: Its maker's.
        signed: The time to write down; ``SOURCE_DATE_EPOCH`` or the clock's where None.
        expires: Until when the signature shall hold; for ever where None, but never longer than the key.

    Raises:
        ReleaseError: The release does not fit together, or has a signature already.
        InputError: It would expire before it is signed, or the key has expired.
    """
    when = signed or signing_time()
    if key.expires is not None and key.expires < when:
        raise InputError(f"key {key.public.id}", f"expired at {time_text(key.expires)}", "make a new one")
    if expires is not None and expires <= when:
        raise InputError(
            "the signature", f"would expire at {time_text(expires)}, before it is made", "choose a later time"
        )
    if os.path.lexists(folder / SIGNATURE_NAME):
        raise ReleaseError(folder / SIGNATURE_NAME, "is there already", "make the release anew, or remove it")
    sums = small_file(folder, SUMS_NAME, LONGEST_SUMS)
    check_contents(folder, sums)
    signature = sign(sums, key, when, expires)
    write_new_file(folder / SIGNATURE_NAME, signature.to_json(), 0o644)
    return signature
