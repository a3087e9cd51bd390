"""Keeping passwords of URLs out of messages and of what is stored."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, quote_plus

from sqlalchemy.engine import URL

_HIDDEN: Final = "***"
_IN_URL: Final = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s]*@", re.IGNORECASE)
_IN_QUERY: Final = re.compile(r"\b((?:ssl)?password|passwd)=('[^']*'|\"[^\"]*\"|[^\s&'\"]+)", re.IGNORECASE)


def hide_in_command(text: str) -> str:
    """A command line in which no URL has a password any more."""
    return _IN_QUERY.sub(rf"\1={_HIDDEN}", _IN_URL.sub(rf"\1:{_HIDDEN}@", text))


def hide_in_text(text: str, url: URL | None) -> str:
    """A text, such as an error of a library, in which the URL's passwords do not stand."""
    for secret in _secrets(url) if url is not None else ():
        for form in (secret, quote(secret, safe=""), quote_plus(secret), quote(secret)):
            text = text.replace(form, _HIDDEN)
    return hide_in_command(text)


def _secrets(url: URL) -> list[str]:
    found = [] if url.password is None else [str(url.password)]
    for name, value in url.query.items():
        if name.lower() in ("password", "sslpassword", "passwd"):
            found += [value] if isinstance(value, str) else list(value)
    return [secret for secret in found if secret]
