"""A YAML file that people write, as nodes that know their lines: bounded, nothing expands or executes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from edge.errors import InputError
from edge.regular_file import regular_file_size

MAX_BYTES: Final = 1 << 16
MAX_DEPTH: Final = 12
MAX_NODES: Final = 4000


@dataclass(frozen=True)
class DocumentKind:
    """What a file is, for messages.

    Attributes:
        noun: Such as ``recipe``.
        page: Of the documentation that says how it is written.
    """

    noun: str
    page: str

    @property
    def wanted(self) -> str:
        """What to give instead of something that is none."""
        return f"give a {self.noun}, a small YAML file"

    @property
    def write(self) -> str:
        """Where it stands how it is written."""
        return f"write it as in {self.page}"


RECIPE: Final = DocumentKind("recipe", "docs/slim.md")


def read_text(path: Path, kind: DocumentKind = RECIPE) -> str:
    """The text of a file.

    Args:
        path: The file.
        kind: What it should be.

    Raises:
        InputError: The file cannot be read, is no regular file, too large, or not UTF-8.
    """

    def refuse(found: str) -> InputError:
        return InputError(path, found, kind.wanted)

    try:
        regular_file_size(path, refuse, MAX_BYTES)
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise refuse(f"cannot be read ({error.strerror})") from None
    except ValueError:  # a null character in the path, or no UTF-8
        raise refuse("is not UTF-8 text") from None


def parse_document(text: str, name: str, kind: DocumentKind = RECIPE) -> yaml.MappingNode:
    """The outermost mapping of a YAML text.

    Args:
        text: The document.
        name: Of the file, for messages.
        kind: What it should be.

    Raises:
        InputError: It is not YAML, not one mapping, uses anchors, aliases, tags or several documents, or is
            nested too deeply or too large.
    """
    try:
        _check_events(text, name, kind)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise InputError(
            f"{name}:{line}", f"is not YAML ({error.problem or error.context})", kind.write
        ) from None
    except yaml.YAMLError as error:  # characters that YAML does not allow
        raise InputError(name, f"is not YAML ({' '.join(str(error).split())[:200]})", kind.write) from None
    if not isinstance(node, yaml.MappingNode):
        raise InputError(name, "is not a mapping of keys to values", kind.write)
    return node


def _check_events(text: str, name: str, kind: DocumentKind) -> None:
    """Look at the document piece by piece, before anything is built of it."""
    depth = nodes = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        mark = event.start_mark
        subject = f"{name}:{mark.line + 1 if mark else 1}"
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise InputError(subject, "begins a second document", f"keep one {kind.noun} in one file")
        if isinstance(event, yaml.NodeEvent):
            nodes += 1
            if event.anchor is not None:
                raise InputError(subject, "uses an anchor or an alias (& or *)", "write the value out")
            if (tag := getattr(event, "tag", None)) is not None:
                raise InputError(subject, f"uses a tag ({tag!r:.60})", "write a plain value")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            found = "is nested too deeply" if depth > MAX_DEPTH else "has too many values"
            raise InputError(subject, found, kind.wanted)
