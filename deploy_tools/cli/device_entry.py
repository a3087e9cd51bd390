"""What the options of ``devices add`` make of a device, new or known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from deploy_tools.devices.inventory.address import ssh_address
from deploy_tools.devices.inventory.entry import (
    AdbAddress,
    DeviceEntry,
    HostAddress,
    HostKeys,
    SshAddress,
)
from edge.errors import InputError
from edge.folders import expand_user

Address = SshAddress | AdbAddress | HostAddress
REMOVABLE: Final = ("identity", "folder", "lite-home", "python", "threads", "power-mode")
"""What ``--without`` takes away from a device that is replaced."""
_WAYS: Final = ("ssh", "adb", "this_host")
_FOR_SSH: Final = ("identity", "ask_password", "accept_new_host_key")
_REST: Final = ("folder", "lite_home", "python", "threads", "power_mode")


def entry_of(name: str, options: Mapping[str, Any], known: DeviceEntry | None) -> DeviceEntry:
    """The entry that the options describe.

    Args:
        name: Of the device.
        options: By name, as click gives them; None, and of ``without`` nothing, where not named.
        known: The entry it takes the place of: what the options do not name stays as it was there.

    Raises:
        InputError: They do not go together, or one is impossible.
    """
    for option in ("adb", "python", "folder"):
        _check_line(option, options[option])
    _check_without(options, known)
    kept = {key: getattr(known, key) for key in _REST} if known is not None else dict.fromkeys(_REST)
    given = {**options, "lite_home": _lite_home(options["lite_home"])}
    values = {key: given[key] if given[key] is not None else kept[key] for key in _REST}
    removed = {word.replace("-", "_") for word in options["without"]}
    values |= dict.fromkeys(removed & set(_REST))
    return DeviceEntry(
        name, _address(options, known.address if known is not None else None, removed), **values
    )


def _address(options: Mapping[str, Any], known: Address | None, removed: set[str]) -> Address:
    ways = [way for way in _WAYS if options[way]]
    if len(ways) > 1 or (not ways and known is None):
        given = " and ".join("--" + way.replace("_", "-") for way in ways)
        found = f"{given} do not go together" if ways else "nothing says how to reach the device"
        raise InputError("devices add", found, "give one of --ssh, --adb and --this-host")
    old = known if isinstance(known, SshAddress) else None
    if ways == ["ssh"]:
        # whom to trust was said of another address
        old = replace(old, host_keys=HostKeys.STRICT) if old is not None else None
        return _with_options(ssh_address(options["ssh"]), options, old, removed)
    if not ways and old is not None:
        return _with_options(old, options, old, removed)
    for option in _FOR_SSH:
        if options[option] is not None:
            raise InputError(f"--{option.replace('_', '-')}", "is for devices with --ssh", "leave it out")
    if ways:
        return AdbAddress(options["adb"]) if ways == ["adb"] else HostAddress()
    assert known is not None  # noqa: S101  (otherwise there are ways)
    return known


def _with_options(
    address: SshAddress, options: Mapping[str, Any], old: SshAddress | None, removed: set[str]
) -> SshAddress:
    """An address with what the options say of it, else with what was said of the old one."""
    identity = expand_user(options["identity"]).absolute() if options["identity"] else None
    asked, accepted = options["ask_password"], options["accept_new_host_key"]
    if old is not None:
        identity = identity or (None if "identity" in removed else old.identity)
        asked = old.ask_password if asked is None else asked
        accepted = old.host_keys is HostKeys.ACCEPT_NEW if accepted is None else accepted
    keys = HostKeys.ACCEPT_NEW if accepted else HostKeys.STRICT
    return replace(address, identity=identity, ask_password=bool(asked), host_keys=keys)


def _check_without(options: Mapping[str, Any], known: DeviceEntry | None) -> None:
    for word in options["without"]:
        if known is None:
            raise InputError(f"--without {word}", "there is no such device to replace", "leave it out")
        if options[word.replace("-", "_")] is not None:
            raise InputError(f"--without {word}", f"--{word} is named too", "choose one")


def _check_line(option: str, text: str | None) -> None:
    if text is not None and (
        not text or not text.isprintable() or text.startswith("-") or text != text.strip()
    ):
        raise InputError(
            f"--{option} {text!r:.80}",
            "is not a line of printable text, without spaces around it and '-' before it",
            "name it otherwise",
        )


def _lite_home(folder: Path | None) -> Path | None:
    if folder is None:
        return None
    folder = expand_user(folder).absolute()
    if not folder.is_dir():
        found = "is not a folder" if folder.exists() else "no such folder"
        raise InputError(
            f"--lite-home {folder}", found, "name a Paddle-Lite library folder (include and lib)"
        )
    return folder
