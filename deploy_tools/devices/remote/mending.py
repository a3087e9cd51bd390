"""The command that changes what the inventory says of a device, for messages."""

from __future__ import annotations

import shlex

from deploy_tools.devices.inventory.entry import AdbAddress, DeviceEntry, HostKeys, SshAddress


def change_command(entry: DeviceEntry, option: str) -> str:
    """The command that gives an entry another value for an option, and leaves the rest as it is.

    Args:
        entry: The device.
        option: The option with what stands for its value: ``--python PROGRAM``.
    """
    name = option.partition(" ")[0]
    words = ["ppocr-edge", "devices", "add", entry.name, *_address(entry)]
    for other, value in (
        ("--lite-home", entry.lite_home),
        ("--python", entry.python),
        ("--folder", entry.folder),
        ("--threads", entry.threads),
        ("--power-mode", entry.power_mode),
    ):
        if value is not None and other != name:
            words += [other, str(value)]
    return f"{shlex.join(words)} {option} --replace"


def _address(entry: DeviceEntry) -> list[str]:
    address = entry.address
    if isinstance(address, AdbAddress):
        return ["--adb", address.serial]
    if not isinstance(address, SshAddress):
        return ["--this-host"]
    user = f"{address.user}@" if address.user else ""
    host = f"[{address.host}]" if ":" in address.host and address.port else address.host
    words = ["--ssh", f"{user}{host}{f':{address.port}' if address.port else ''}"]
    if address.identity is not None:
        words += ["--identity", str(address.identity)]
    if address.ask_password:
        words.append("--ask-password")
    if address.host_keys is HostKeys.ACCEPT_NEW:
        words.append("--accept-new-host-key")
    return words
