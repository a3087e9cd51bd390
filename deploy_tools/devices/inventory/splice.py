"""Changing one entry in the text of an inventory file: comments, order and all other lines stay."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from deploy_tools.devices.inventory.entry import (
    AdbAddress,
    DeviceEntry,
    HostAddress,
    HostKeys,
    SshAddress,
)
from deploy_tools.devices.inventory.reading import FORMAT, parse_inventory
from edge.errors import InputError

_HEAD = f"inventory: {FORMAT}\ndevices:\n"
_INDENT = 2
_ENDLESS = 1 << 20


def with_entry(text: str, path: Path, entry: DeviceEntry) -> str:
    """The text with an entry added, or in place of the one of its name.

    Args:
        text: Of the file, sound.
        path: Of the file.
        entry: The device.
    """
    entries = dict(parse_inventory(text, path))
    entries[entry.name] = entry
    return _checked(_spliced(text, entry.name, entry), path, entries)


def without_entry(text: str, path: Path, name: str) -> str:
    """The text without an entry; otherwise as `with_entry`."""
    entries = dict(parse_inventory(text, path))
    del entries[name]
    return _checked(_spliced(text, name, None), path, entries)


def _checked(text: str | None, path: Path, entries: dict[str, DeviceEntry]) -> str:
    """The text where it says what it should; else one made from nothing but the entries."""
    with contextlib.suppress(InputError):  # the file is written in a way that was not thought of
        if text is not None and list(parse_inventory(text, path).items()) == list(entries.items()):
            return text
    return _HEAD + "".join(_lines(entries.values(), _INDENT))


def _spliced(text: str, name: str, entry: DeviceEntry | None) -> str | None:
    """The text with one entry changed; None where it is not written line by line."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += "\n"
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None:
        return "".join([*lines, _HEAD, *_lines([entry] if entry else [], _INDENT)])
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return None
    found = next(((key, value) for key, value in root.value if key.value == "devices"), None)
    if found is None:
        end = _end(root)
        return "".join([*lines[:end], "devices:\n", *_lines([entry] if entry else [], _INDENT), *lines[end:]])
    key, value = found
    if isinstance(value, yaml.ScalarNode):  # nothing behind the colon
        start = end = key.end_mark.line + 1
        indent = _INDENT
    elif value.flow_style:
        return None
    else:
        indent = value.value[0][0].start_mark.column
        start = end = _end(value)
        for one, described in value.value:
            if one.value == name:
                start, end = one.start_mark.line, max(_end(described), one.end_mark.line + 1)
    return "".join([*lines[:start], *_lines([entry] if entry else [], indent), *lines[end:]])


def _end(node: yaml.Node) -> int:
    """The line after the last one of a node, not counting what follows it: comments and empty lines."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        if isinstance(last, tuple):
            return max(_end(last[1]), int(last[0].end_mark.line) + 1)
        return _end(last)
    mark = node.end_mark
    return int(mark.line) + (1 if mark.column else 0)


def _lines(entries: Iterable[DeviceEntry], indent: int) -> Iterator[str]:
    for entry in entries:
        text = yaml.safe_dump(
            {entry.name: _values(entry)},
            allow_unicode=True,
            sort_keys=False,
            default_flow_style=False,
            width=_ENDLESS,
        )
        for line in text.splitlines():
            yield f"{' ' * indent}{line}\n"


def _values(entry: DeviceEntry) -> dict[str, Any]:
    rest = {
        "folder": entry.folder,
        "lite_home": str(entry.lite_home) if entry.lite_home is not None else None,
        "python": entry.python,
        "threads": entry.threads,
        "power_mode": entry.power_mode,
    }
    return {**_address(entry.address), **_given(rest)}


def _address(address: SshAddress | AdbAddress | HostAddress) -> dict[str, Any]:
    if isinstance(address, SshAddress):
        values = {
            "host": address.host,
            "user": address.user,
            "port": address.port,
            "identity": str(address.identity) if address.identity is not None else None,
            "ask_password": address.ask_password or None,
            "host_keys": address.host_keys.value if address.host_keys is not HostKeys.STRICT else None,
        }
        return {"ssh": _given(values)}
    if isinstance(address, AdbAddress):
        return {"adb": address.serial}
    return {"this_host": True}


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
