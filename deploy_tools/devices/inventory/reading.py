"""Reading an inventory file, every key checked.

::

    inventory: 1
    devices:
      pi4:
        ssh: {host: 10.0.0.7, user: pi}        # port, identity, ask_password, host_keys
        lite_home: ~/inference_lite_lib.armlinux.armv8.gcc
      pixel:
        adb: 0A1B2C
        folder: /data/local/tmp/ocr
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from deploy_tools.devices.inventory.entry import (
    AdbAddress,
    DeviceEntry,
    HostAddress,
    HostKeys,
    SshAddress,
)
from deploy_tools.devices.inventory.inventory import Inventory
from deploy_tools.devices.inventory.names import name_fault
from deploy_tools.devices.inventory.place import inventory_file
from edge.errors import InputError
from edge.runner.arguments import POWER_MODES
from slim.recipes.document import DocumentKind, parse_document, read_text
from slim.recipes.fields import Fields

FORMAT: Final = 1
KIND: Final = DocumentKind("list of devices", "docs/devices/inventory.md")
MOST_THREADS: Final = 256
HIGHEST_PORT: Final = 65_535
LONGEST: Final = 4096
"""Characters of a path or an address."""


def load_inventory(named: Path | None = None) -> Inventory:
    """Read the inventory; one without devices where the user's own file does not exist yet.

    Args:
        named: File that the user named; else see :func:`inventory_file`.

    Raises:
        InputError: The file cannot be read, or something in it is unknown, missing, of the wrong type or
            impossible; the message names the line and the key.
    """
    return read_inventory(inventory_file(named))


def read_inventory(path: Path) -> Inventory:
    """Read an inventory file; one that does not exist names no devices.

    Raises:
        InputError: See `load_inventory`.
    """
    text = read_inventory_text(path)
    return Inventory(path, MappingProxyType(dict(parse_inventory(text, path))))


def read_inventory_text(path: Path) -> str:
    """The text of an inventory file; empty where there is none.

    Raises:
        InputError: It cannot be read.
    """
    try:
        if not path.exists():
            return ""
    except OSError:  # a folder that may not be entered: the reader says so
        pass
    except ValueError:
        raise InputError(repr(str(path)), "is no path", "name a file") from None
    return read_text(path, KIND)


def parse_inventory(text: str, path: Path) -> Mapping[str, DeviceEntry]:
    """The devices of a text.

    Args:
        text: YAML; nothing but space and comments names no devices.
        path: Of the file, for messages, and for what relative paths start from.

    Raises:
        InputError: See `load_inventory`.
    """
    if all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines()):
        return {}
    name = str(path)
    fields = Fields(parse_document(text, name, KIND), name, whole=KIND.noun)
    found = fields.whole("inventory")
    if found != FORMAT:
        fields.refuse("inventory", f"is format {found}", f"this version reads format {FORMAT}")
    devices = fields.inner("devices") if fields.has("devices") else None
    fields.finish()
    if devices is None:
        return {}
    return {one: _entry(devices, one, path.absolute().parent) for one in devices.keys}


def _entry(devices: Fields, name: str, folder: Path) -> DeviceEntry:
    if fault := name_fault(name):
        devices.refuse(name, fault, "choose another name")
    fields = devices.inner(name)
    entry = DeviceEntry(
        name=name,
        address=_address(fields, folder),
        folder=_optional(fields, "folder"),
        lite_home=_path(fields, "lite_home", folder),
        python=_optional(fields, "python"),
        threads=fields.whole("threads", least=1, most=MOST_THREADS) if fields.has("threads") else None,
        power_mode=fields.choice("power_mode", POWER_MODES) if fields.has("power_mode") else None,
    )
    fields.finish()
    return entry


def _address(fields: Fields, folder: Path) -> SshAddress | AdbAddress | HostAddress:
    ways = [key for key in ("ssh", "adb", "this_host") if fields.has(key)]
    if len(ways) != 1:
        found = f"has {' and '.join(ways)}" if ways else "does not say how to reach it"
        fields.refuse("", found, "write one of 'ssh: {host: …}', 'adb: SERIAL' and 'this_host: true'")
    if ways == ["ssh"]:
        return _ssh(fields.inner("ssh"), folder)
    if ways == ["adb"]:
        return AdbAddress(_word(fields, "adb"))
    if not fields.flag("this_host"):
        fields.refuse("this_host", "is false", "write true, or how to reach the device")
    return HostAddress()


def _ssh(fields: Fields, folder: Path) -> SshAddress:
    address = SshAddress(
        host=_word(fields, "host"),
        user=_word(fields, "user") if fields.has("user") else None,
        port=fields.whole("port", least=1, most=HIGHEST_PORT) if fields.has("port") else None,
        identity=_path(fields, "identity", folder),
        ask_password=fields.flag("ask_password", False),
        host_keys=HostKeys(
            fields.choice("host_keys", [one.value for one in HostKeys], HostKeys.STRICT.value)
        ),
    )
    fields.finish()
    return address


def _word(fields: Fields, key: str) -> str:
    """What other programs get as a word of their command line."""
    word = fields.text(key)
    if word.startswith("-") or word != word.strip():
        fields.refuse(key, f"is {word!r:.60}", "write it without spaces around it, and no '-' before it")
    return word


def _optional(fields: Fields, key: str) -> str | None:
    return fields.text(key, longest=LONGEST) if fields.has(key) else None


def _path(fields: Fields, key: str, folder: Path) -> Path | None:
    text = _optional(fields, key)
    return None if text is None else path_in(fields, key, text, folder)


def path_in(fields: Fields, key: str, text: str, folder: Path) -> Path:
    """A path as a file says it: from the file's own folder, or with ``~``.

    Raises:
        InputError: There is no such user.
    """
    try:
        return folder / Path(text).expanduser()
    except RuntimeError:  # ~somebody
        fields.refuse(key, f"is {text!r:.60}, and there is no such user", "write the whole path")
