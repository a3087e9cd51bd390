"""Licences as SPDX writes them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

_OWN: Final = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")
"""SPDX's way to name a licence that its list does not have."""
_LONGEST: Final = 400


def licence_expression(text: str) -> str:
    """An SPDX licence expression in its usual spelling: ``MIT``, ``Apache-2.0 OR MIT``, ``LicenseRef-Acme``.

    Raises:
        ValueError: It is none, or names a licence that SPDX does not list; says which.
    """
    if not text.strip() or not text.isprintable() or len(text) > _LONGEST:
        raise ValueError("is no SPDX licence expression")
    licensing = _licensing()
    try:
        parsed = licensing.parse(text, validate=False)
        unknown = [key for key in licensing.unknown_license_keys(parsed) if not _OWN.fullmatch(key)]
    except Exception:  # the library raises what its parts do
        raise ValueError("is no SPDX licence expression") from None
    if parsed is None or unknown:
        names = ", ".join(unknown) or "nothing"
        raise ValueError(f"names {names}, which SPDX does not list")
    return str(parsed)


@lru_cache(maxsize=1)
def _licensing() -> Any:
    from license_expression import get_spdx_licensing  # it reads its list

    return get_spdx_licensing()
