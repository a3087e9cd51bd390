"""``ppocr-edge install``: a release on devices, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from deploy_tools.cli.console import print_json, warn
from deploy_tools.cli.device_bars import device_bars
from deploy_tools.cli.install_view import show_installed, show_lists
from deploy_tools.cli.inventory_option import inventory_option
from deploy_tools.cli.on_devices import tell_failures, work_on
from deploy_tools.cli.trusted_keys import trusted_keys_option
from deploy_tools.cli.waiting import waiting_for
from edge.errors import InputError

if TYPE_CHECKING:
    from deploy_tools.devices.base import Device
    from deploy_tools.devices.find import Sending
    from deploy_tools.devices.remote.device import RemoteDevice
    from deploy_tools.devices.together import Outcome
    from deploy_tools.release.install.outcome import Installed

T = TypeVar("T")
_OF_INSTALLING: Final = {
    "keys": "--key",
    "allow": "--allow",
    "no_selftest": "--no-selftest",
    "keep": "--keep",
}
EPILOG: Final = """\b
Examples:
  ppocr-edge install releases/ppocr-1.2.0 --device pi4,pixel --key release.key.pub
  ppocr-edge install releases/ppocr-1.2.0 --device all --key ed25519:51ec…:aWQ…= --keep 2 --json
  ppocr-edge install --list --device pi4
  ppocr-edge install --rollback --device pi4

\b
Apps open FOLDER/releases/NAME/current/models/det/model.nb, FOLDER being the device's own.
Exit code 0: it is current there, whole. 2: on one device at least what was there before still is.
"""


@click.command(epilog=EPILOG)
@click.argument("release", required=False, type=click.Path(path_type=Path), metavar="[RELEASE]")
@click.option(
    "--device",
    "names",
    required=True,
    metavar="NAME[,NAME...]|all",
    help="Where: devices of 'ppocr-edge devices list', several at the same time; local, this host.",
)
@inventory_option
@trusted_keys_option
@click.option(
    "--allow",
    multiple=True,
    type=click.Choice(("unsigned", "downgrade")),
    help="Let pass a release that nobody vouches for, or one that is older; repeatable.",
)
@click.option(
    "--no-selftest", is_flag=True, help="Do not let the device try its models before they are current."
)
@click.option(
    "--keep",
    type=click.IntRange(0, 1000),
    default=0,
    show_default=True,
    metavar="N",
    help="Older releases that stay there, besides the current and the previous one.",
)
@click.option("--rollback", is_flag=True, help="Make the previous release current again; without RELEASE.")
@click.option("--list", "listing", is_flag=True, help="Show what is installed; without RELEASE.")
@click.option("--name", default="", metavar="NAME", help="With --rollback and --list: releases of this name.")
@click.option("--json", "as_json", is_flag=True, help="Print what came of every device as JSON.")
def install(release: Path | None, names: str, inventory: Path | None, as_json: bool, **options: Any) -> int:
    """Put RELEASE on devices, whole or not at all, and keep the one before.

    It is verified here and then there. Its models are tried there before they are current, where there is a
    runner: in the release, or named for the device. Whatever happens meanwhile, the old or the new release is
    current, never a mixture; run it again after an interruption, it goes on.
    """
    _check(release, options)
    with device_bars() as bars:
        devices = _devices(names, inventory, bars.sending)
        if options["listing"]:
            return _listed(devices, options["name"], as_json=as_json)
        if options["rollback"]:
            from deploy_tools.release.install.rollback import roll_back

            waiting_for(f"going back on {names}")
            outcomes = _work(devices, lambda device: roll_back(device, options["name"]), as_json=as_json)
        else:
            assert release is not None  # noqa: S101  (_check saw to it)
            outcomes = _installed(release, devices, options, bars.sending, as_json=as_json)
    if as_json:
        print_json([_row(outcome, lambda done: done.to_json()) for outcome in outcomes])
    else:
        for outcome in outcomes:
            if outcome.result is not None:
                show_installed(outcome.device.name, outcome.result, back=options["rollback"])
    return tell_failures(outcomes)


def _check(release: Path | None, options: dict[str, Any]) -> None:
    """Options that go together.

    Raises:
        InputError: They do not.
    """
    chosen = [word for word in ("rollback", "listing") if options[word]]
    if len(chosen) > 1:
        raise InputError("--rollback and --list", "are two different things", "give one of them")
    if chosen:
        word = "--rollback" if options["rollback"] else "--list"
        if release is not None:
            raise InputError(release, f"is not needed with {word}", "leave it out")
        for given, option in _OF_INSTALLING.items():
            if options[given]:
                raise InputError(option, f"does not go with {word}", "leave one of them out")
        return
    if release is None:
        raise InputError("RELEASE", "is not given", "give the folder of a release, --rollback or --list")
    if options["name"]:
        raise InputError("--name", "goes with --rollback and --list", "a release has its name already")
    if options["keys"] and "unsigned" in options["allow"]:
        raise InputError("--allow unsigned", "contradicts --key", "give one of them")
    if not options["keys"] and "unsigned" not in options["allow"]:
        raise InputError(
            "--key",
            "is not given",
            "give the public key of the release's maker; --allow unsigned installs what nobody vouches for",
        )


def _devices(names: str, inventory: Path | None, sending: Sending) -> Sequence[RemoteDevice]:
    """The devices; this host as one of them.

    Raises:
        InputError: There is no such device, or nothing can be installed there.
    """
    import sys

    from deploy_tools.devices.find import find_devices, remote_device
    from deploy_tools.devices.inventory.entry import DeviceEntry, HostAddress
    from deploy_tools.devices.local import LocalDevice
    from deploy_tools.devices.remote.device import RemoteDevice

    found = []
    for device in find_devices(names, inventory, sending=sending):
        if isinstance(device, LocalDevice):
            device = remote_device(DeviceEntry(device.name, HostAddress(), python=sys.executable), sending)
        if not isinstance(device, RemoteDevice):
            raise InputError(
                f"--device {device.name}",
                "is no place that keeps files",
                "name boards and phones of 'ppocr-edge devices list', or local",
            )
        found.append(device)
    return found


def _installed(
    release: Path,
    devices: Sequence[RemoteDevice],
    options: dict[str, Any],
    sending: Sending,
    *,
    as_json: bool,
) -> list[Outcome[Installed]]:
    from deploy_tools.release.install.install import install_release
    from deploy_tools.release.install.outcome import InstallOptions
    from deploy_tools.release.install.source import open_release
    from deploy_tools.release.trust.key_files import read_public_key

    wanted = InstallOptions(options["allow"], not options["no_selftest"], options["keep"])
    trusted = [read_public_key(key) for key in options["keys"]]
    waiting_for(f"verifying {release}")
    with open_release(release, trusted) as source:
        if not trusted:
            warn(f"{release}: whoever made it, nobody looked at a signature (--allow unsigned)")
        for exception in source.verified.allowed:
            warn(f"{release}: its maker let pass: {exception}")
        return _work(
            devices,
            lambda device: install_release(
                device,
                source,
                wanted,
                progress=sending(device.name),
                told=lambda what: waiting_for(f"{device.name}: {what}"),
            ),
            as_json=as_json,
        )


def _listed(devices: Sequence[RemoteDevice], name: str, *, as_json: bool) -> int:
    from deploy_tools.release.install.rollback import list_releases

    outcomes = _work(devices, lambda device: list_releases(device, name), as_json=as_json)
    if as_json:
        print_json(
            [_row(one, lambda shelves: {"names": [shelf.to_json() for shelf in shelves]}) for one in outcomes]
        )
    else:
        show_lists([(one.device.name, one.result) for one in outcomes if one.result is not None], name)
    return tell_failures(outcomes)


def _work(
    devices: Sequence[RemoteDevice], work: Callable[[RemoteDevice], T], *, as_json: bool
) -> list[Outcome[T]]:
    """The work on all devices; as JSON a single one that fails is told like one of several.

    Raises:
        PpocrEdgeError: There is one device, it failed, and no JSON is wanted.
    """
    from deploy_tools.devices.together import on_each

    def typed(device: Device) -> T:
        return work(cast("RemoteDevice", device))

    return on_each(devices, typed) if as_json else work_on(devices, typed)


def _row(outcome: Outcome[T], values: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """What came of a device, in JSON."""
    row: dict[str, Any] = {"device": outcome.device.name, "ok": outcome.error is None}
    if outcome.result is not None:
        return {**row, **values(outcome.result)}
    return {**row, "error": outcome.error.one_line() if outcome.error else ""}
