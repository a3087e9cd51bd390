"""A whole page: one file that fetches nothing."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from importlib import resources


def page(title: str, body: str, *, style: str = "", script: str = "") -> str:
    """The page's text.

    Args:
        title: As text.
        body: As HTML.
        style: CSS of its own, after what all pages share.
        script: JavaScript of its own; no other runs, nor is anything fetched: the page forbids it.
    """
    allowed = f"script-src 'sha256-{_sha256(script)}'; " if script else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        f"{allowed}style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">"
        f"<title>{escape(title)}</title><style>{package_text('slim.html', 'base.css')}{style}</style></head>"
        f"<body>{body}{f'<script>{script}</script>' if script else ''}</body></html>\n"
    )


def section(title: str, content: str) -> str:
    """A part of the page under a heading; nothing where there is no content, which is HTML."""
    return f"<section><h2>{escape(title)}</h2>{content}</section>" if content else ""


def package_text(package: str, name: str) -> str:
    """A text file that stands in a package."""
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
