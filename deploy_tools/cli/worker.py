"""``ppocr-edge worker``."""

from __future__ import annotations

import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from deploy_tools.cli.cluster_options import certificate_options, certificates_of
from deploy_tools.cli.console import remark
from deploy_tools.cli.inventory_option import inventory_option

if TYPE_CHECKING:
    from deploy_tools.cluster.address import Address

_AGAIN_SECONDS: Final = 5.0


@click.command(
    epilog="""\b
Examples:
  ppocr-edge worker tcp://127.0.0.1:8786
  ppocr-edge worker tcp://127.0.0.1:8786 --name lab1 --inventory lab1.yml
  ppocr-edge worker tls://10.0.0.2:8786 --tls-ca-file ca.pem --tls-cert lab1.pem --tls-key lab1.key
"""
)
@click.argument("scheduler", metavar="tcp://HOST:PORT")
@click.option("--name", metavar="NAME", help="In --device pi4@NAME.  [default: host name]")
@inventory_option
@click.option(
    "--listen",
    metavar="HOST[:PORT]",
    help="Where the scheduler reaches this worker.  [default: this host alone, with tls:// the address that "
    "leads to the scheduler]",
)
@click.option(
    "--allow-unencrypted", is_flag=True, help="Listen to a network by tcp://; whoever reaches it is trusted."
)
@certificate_options
def worker(
    scheduler: str,
    name: str | None,
    inventory: Path | None,
    listen: str | None,
    allow_unencrypted: bool,
    **options: Any,
) -> int:
    """Offer the devices of this host's inventory to 'measure --cluster', through a Dask scheduler.

    Each device is used for one case at a time. Ends with Ctrl-C or SIGTERM, and lets the devices go; joins
    again where the scheduler was away.
    """
    from deploy_tools.cluster.address import check_listener, parse_address
    from deploy_tools.cluster.certificates import security_of
    from deploy_tools.cluster.dask import set_up
    from deploy_tools.cluster.desk import Desk
    from deploy_tools.cluster.serving import loop_thread, start_worker
    from edge.errors import DeviceError
    from edge.folders import home_folder

    address = parse_address(scheduler, "")
    own = _own_address(address, listen)
    check_listener(own, "--listen", allow=allow_unencrypted)
    set_up("worker")
    security = security_of(address, certificates_of(options))
    label = name or platform.node()
    _check_label(label)
    folder = home_folder() / "cluster"
    desk = Desk(label, inventory, folder)
    joined = False
    with loop_thread() as loop:
        try:
            while True:
                try:
                    served = start_worker(loop, address, own, security, desk, folder / "scratch")
                except DeviceError:
                    if not joined:
                        raise
                    time.sleep(_AGAIN_SECONDS)
                    continue
                try:
                    again = "again " if joined else ""
                    remark(f"{label}: joined {address} {again}with {', '.join(desk.devices)}")
                    joined = True
                    served.wait()
                finally:
                    desk.let_go()
                    served.close()
                remark(f"{label}: {address} is gone; joining again when it is back")
        finally:
            desk.close()


def _own_address(scheduler: Address, listen: str | None) -> Address:
    """Where a worker listens."""
    from deploy_tools.cluster.address import Address, parse_address

    if listen is not None:
        words = listen if "://" in listen else f"{scheduler.scheme}://{listen}"
        return parse_address(words, "--listen", port=0)
    if scheduler.loopback:
        return Address(scheduler.scheme, "127.0.0.1" if scheduler.host == "localhost" else scheduler.host, 0)
    from deploy_tools.cluster.facing import facing

    return Address(scheduler.scheme, facing(scheduler), 0)


def _check_label(label: str) -> None:
    from deploy_tools.devices.inventory.names import name_fault
    from edge.errors import InputError

    if (fault := name_fault(label)) or "@" in label:
        raise InputError(f"--name {label!r:.60}", fault or "has an '@'", "choose another name, such as lab1")
