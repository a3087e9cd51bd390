"""Taking typed values out of a mapping of a YAML file, with errors that name file, line and key."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence
from typing import Final, NoReturn, TypeVar

import yaml

from edge.errors import InputError

T = TypeVar("T")
W = TypeVar("W", bound=str)
_WHOLE: Final = re.compile(r"[-+]?[0-9]+(_[0-9]+)*")
_NUMBER: Final = re.compile(r"[-+]?([0-9]+(_[0-9]+)*)?(\.[0-9]*)?([eE][-+]?[0-9]+)?")
_POINTS: Final = re.compile(r"([0-9.]+) *points?")
_PERCENT: Final = re.compile(r"([0-9.]+) *%")
_LONGEST_TEXT: Final = 200
_LONGEST_DIGITS: Final = 18


class Fields:
    """A mapping of a YAML file; its keys are taken one by one, and those nobody took are refused.

    A getter without a default refuses a missing key. Bounds include their ends.

    Args:
        node: The mapping.
        name: Of the file, for messages.
        way: Keys that lead to it, such as ``steps.prune``.
        whole: What the file is, where there is no key to name.

    Raises:
        InputError: A key stands twice, or is no text.
    """

    def __init__(self, node: yaml.MappingNode, name: str, way: str = "", whole: str = "recipe") -> None:
        self._name = name
        self._way = way
        self._whole = whole
        self._line = node.start_mark.line + 1
        self._values: dict[str, yaml.Node] = {}
        self._lines: dict[str, int] = {}
        self._taken: dict[str, None] = {}
        for key, value in node.value:
            self._add(key, value)

    @property
    def line(self) -> int:
        """Where the mapping begins, counted from 1."""
        return self._line

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys, in their order."""
        return tuple(self._values)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        self._taken.setdefault(key)
        return key in self._values

    def text(self, key: str, default: str | None = None, *, longest: int = _LONGEST_TEXT) -> str:
        """A line of printable text, at most 200 characters where no other bound is given."""
        node = self._get(key, default)
        return self._text(key, node, longest) if node is not None else _given(default)

    def whole(self, key: str, default: int | None = None, *, least: int = 0, most: int = 10**9) -> int:
        """A whole number."""
        node = self._get(key, default)
        if node is None:
            return _given(default)
        plain = _plain(node)
        number = int(plain) if plain and len(plain) <= _LONGEST_DIGITS and _WHOLE.fullmatch(plain) else None
        if number is None or not least <= number <= most:
            self._expected(key, node, f"a whole number, {least} to {most}")
        return number

    def number(
        self, key: str, default: float | None = None, *, least: float = 0.0, most: float = 1e9
    ) -> float:
        """A number."""
        node = self._get(key, default)
        if node is None:
            return _given(default)
        number = _as_number(_plain(node))
        if number is None or not least <= number <= most:
            self._expected(key, node, f"a number, {least:g} to {most:g}")
        return number

    def share(self, key: str, default: float | None = None) -> float:
        """A number from 0 to 1."""
        return self.number(key, default, most=1.0)

    def points(self, key: str) -> float:
        """A difference of two percentages, written as ``0.5 points``; 0.5 for that."""
        return self._hundredths(key, _POINTS, "percentage points, such as '0.5 points'")

    def percent(self, key: str) -> float:
        """A percentage, written as ``95 %``; 95.0 for that."""
        return self._hundredths(key, _PERCENT, "a percentage, such as '95 %'")

    def flag(self, key: str, default: bool | None = None) -> bool:
        """``true`` or ``false``."""
        node = self._get(key, default)
        if node is None:
            return _given(default)
        plain = _plain(node)
        if plain not in ("true", "false"):
            self._expected(key, node, "true or false")
        return plain == "true"

    def choice(self, key: str, options: Sequence[W], default: W | None = None) -> W:
        """One of some words."""
        node = self._get(key, default)
        if node is None:
            return _given(default)
        plain = node.value if isinstance(node, yaml.ScalarNode) else None
        if plain not in options:
            self._expected(key, node, f"one of {', '.join(options)}{nearest(plain, options)}")
        return options[options.index(plain)]

    def texts(self, key: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        """A list of lines of text."""
        return tuple(self._text(key, node) for node in self._list(key, default)) or tuple(default or ())

    def wholes(
        self, key: str, default: Sequence[int] | None = None, *, least: int = 0, most: int = 10**9
    ) -> tuple[int, ...]:
        """A list of whole numbers."""
        numbers = []
        for node in self._list(key, default):
            plain = _plain(node)
            fits = plain and len(plain) <= _LONGEST_DIGITS and _WHOLE.fullmatch(plain)
            if not fits or not least <= int(str(plain)) <= most:
                self._expected(key, node, f"a list of whole numbers, {least} to {most}")
            numbers.append(int(str(plain)))
        return tuple(numbers) or tuple(default or ())

    def numbers(
        self, key: str, default: Sequence[float] | None = None, *, least: float = 0.0, most: float = 1e9
    ) -> tuple[float, ...]:
        """A list of numbers."""
        numbers = []
        for node in self._list(key, default):
            number = _as_number(_plain(node))
            if number is None or not least <= number <= most:
                self._expected(key, node, f"a list of numbers, {least:g} to {most:g}")
            numbers.append(number)
        return tuple(numbers) or tuple(default or ())

    def inner(self, key: str) -> Fields:
        """A mapping inside this one; an empty one where nothing stands behind the key."""
        node = self._get(key, None)
        return self._fields(key, node, self._way_to(key))

    def inner_or_none(self, key: str) -> Fields | None:
        """The same, None where the key is missing."""
        return self.inner(key) if self.has(key) else None

    def items(self, key: str) -> tuple[Fields, ...]:
        """A list of mappings; empty where the key is missing."""
        if not self.has(key):
            return ()
        nodes = self._list(key, None)
        return tuple(
            self._fields(key, node, f"{self._way_to(key)}[{number}]") for number, node in enumerate(nodes, 1)
        )

    def refuse(self, key: str, found: str, remedy: str) -> NoReturn:
        """Complain of a key's value.

        Raises:
            InputError: Always.
        """
        line = self._lines.get(key, self._line)
        raise InputError(f"{self._name}:{line}: {self._way_to(key) or self._whole}", found, remedy)

    def finish(self) -> None:
        """Refuse keys that nobody asked for.

        Raises:
            InputError: There is one.
        """
        for key in self._values:
            if key not in self._taken:
                known = ", ".join(self._taken) or "none"
                near = nearest(key, tuple(self._taken))
                self.refuse(key, "is no key here", f"keys are: {known}{near}")

    def _add(self, key: yaml.Node, value: yaml.Node) -> None:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or not key.value.isprintable() or len(key.value) > 80:
            found = "has a key that is not a word"
            raise InputError(
                f"{self._name}:{line}: {self._way or self._whole}", found, "write a word before the colon"
            )
        if key.value in self._values:
            first = self._lines[key.value]
            self._lines[key.value] = line
            self.refuse(key.value, f"stands twice (first in line {first})", "remove one")
        self._values[key.value] = value
        self._lines[key.value] = line

    def _get(self, key: str, default: object) -> yaml.Node | None:
        """The value's node; None where the key is missing and has a default."""
        if not self.has(key) and default is None:
            left = [each for each in self._values if each not in self._taken]
            for near in difflib.get_close_matches(key, left, n=1, cutoff=0.75):
                self.refuse(near, "is no key here", f"did you mean {key}?")
            self.refuse(key, "is missing", f"add '{key}: …'")
        return self._values.get(key)

    def _fields(self, key: str, node: yaml.Node | None, way: str) -> Fields:
        if isinstance(node, yaml.ScalarNode) and node.style is None and node.value in ("", "~", "null"):
            node = yaml.MappingNode("tag:yaml.org,2002:map", [], node.start_mark, node.end_mark)
        if not isinstance(node, yaml.MappingNode):
            self._expected(key, node, "a mapping of keys to values")
        return Fields(node, self._name, way, self._whole)

    def _list(self, key: str, default: object) -> list[yaml.Node]:
        node = self._get(key, default)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self._expected(key, node, "a list that is not empty")
        return list(node.value)

    def _hundredths(self, key: str, pattern: re.Pattern[str], expected: str) -> float:
        node = self._get(key, None)
        match = pattern.fullmatch(_plain(node) or "")
        number = _as_number(match[1]) if match else None
        if number is None or number > 100:
            self._expected(key, node, expected)
        return number

    def _text(self, key: str, node: yaml.Node, longest: int = _LONGEST_TEXT) -> str:
        text = node.value if isinstance(node, yaml.ScalarNode) else None
        if text is None or not 1 <= len(text) <= longest or not text.isprintable():
            self._expected(key, node, f"a line of text, at most {longest} characters")
        return str(text)

    def _expected(self, key: str, node: yaml.Node | None, expected: str) -> NoReturn:
        line = node.start_mark.line + 1 if node is not None else self._line
        self._lines[key] = line
        self.refuse(key, f"is {_shown(node)}", f"write {expected}")

    def _way_to(self, key: str) -> str:
        return f"{self._way}.{key}" if self._way and key else self._way or key


def _given(default: T | None) -> T:
    assert default is not None  # noqa: S101  (a missing key without a default was refused)
    return default


def _plain(node: yaml.Node | None) -> str | None:
    """What stands there without quotes."""
    if isinstance(node, yaml.ScalarNode) and node.style is None:
        return str(node.value)
    return None


def _as_number(plain: str | None) -> float | None:
    """A finite number; also what YAML 1.1 takes for text, such as 1e-3."""
    if not plain or not any(map(str.isdigit, plain)) or not _NUMBER.fullmatch(plain):
        return None
    number = float(plain)
    return number if math.isfinite(number) else None


def _shown(node: yaml.Node | None) -> str:
    if isinstance(node, yaml.ScalarNode):
        if node.style is None and node.value == "":
            return "empty"
        return f"{node.value!r:.60}"
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"


def nearest(word: str | None, options: Sequence[str]) -> str:
    """`` (did you mean …?)`` where one of the options is near a word; nothing otherwise."""
    near = difflib.get_close_matches(word, options, n=1, cutoff=0.6) if word else []
    return f" (did you mean {near[0]}?)" if near else ""
