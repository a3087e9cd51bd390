"""``ppocr-edge scheduler``."""

from __future__ import annotations

from typing import Any

import click

from deploy_tools.cli.cluster_options import certificate_options, certificates_of
from deploy_tools.cli.console import remark


@click.command(
    epilog="""\b
Examples:
  ppocr-edge scheduler
  ppocr-edge scheduler --listen tls://10.0.0.2:8786 --tls-ca-file ca.pem --tls-cert lab.pem --tls-key lab.key
"""
)
@click.option(
    "--listen",
    default="tcp://127.0.0.1:8786",
    show_default=True,
    metavar="tcp://HOST:PORT",
    help="Where workers and clients find it; this host alone, or tls:// for a network.",
)
@click.option(
    "--allow-unencrypted", is_flag=True, help="Listen to a network by tcp://; whoever reaches it is trusted."
)
@certificate_options
def scheduler(listen: str, allow_unencrypted: bool, **options: Any) -> int:
    """Run what workers and 'measure --cluster' meet at: a scheduler of Dask. 'dask scheduler' is as good.

    It ends with Ctrl-C or SIGTERM.
    """
    from deploy_tools.cluster.address import check_listener, parse_address
    from deploy_tools.cluster.certificates import security_of
    from deploy_tools.cluster.dask import set_up
    from deploy_tools.cluster.serving import loop_thread, start_scheduler

    address = parse_address(listen, "--listen")
    check_listener(address, "--listen", allow=allow_unencrypted)
    set_up("scheduler")
    security = security_of(address, certificates_of(options))
    with loop_thread() as loop:
        served = start_scheduler(loop, address, security)
        try:
            remark(f"scheduler at {served.address}; workers join with: ppocr-edge worker {served.address}")
            served.wait()
        finally:
            served.close()
    return 0
