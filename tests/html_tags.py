"""Pages taken apart into their elements."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path


class Tags(HTMLParser):
    """Collects elements with their attributes, and what is left open; ends that do not fit are an error."""

    VOID = frozenset({"meta", "img", "br", "wbr", "link", "path", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Of an element that has an end, or never has one."""
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Of one that says itself that it has none."""
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """It ends what was opened last."""
        assert self.open.pop() == tag


def tags(page: Path) -> Tags:
    """The elements of a page."""
    parser = Tags()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser
