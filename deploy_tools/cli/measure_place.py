"""Where ``ppocr-edge measure`` measures: from this host, or through a cluster, which nothing else imports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from deploy_tools.cli.cluster_options import CERTIFICATE_NAMES, certificates_of
from deploy_tools.cli.device_bars import DeviceBars
from edge.errors import InputError

if TYPE_CHECKING:
    from deploy_tools.cluster.connection import Connection
    from deploy_tools.devices.base import NamedDevice
    from deploy_tools.scenarios.execution import Executor

OPTION: Final = "--cluster"


class Place(Protocol):
    """Has devices, and has units measured on them."""

    def find(self, names: str, inventory: Path | None) -> tuple[Sequence[NamedDevice], Executor]:
        """The devices of a list of names, and who has units measured on them.

        Args:
            names: As after ``--device``.
            inventory: File that names them; the user's own where None.

        Raises:
            InputError: There is none of a name.
        """
        ...


@contextmanager
def measure_place(options: Mapping[str, Any], bars: DeviceBars) -> Iterator[Place]:
    """Where options say that is measured.

    Raises:
        InputError: Options do not go together, or an address or certificate is none.
        DeviceError: The cluster does not answer.
    """
    if options["cluster"] is None:
        for name in CERTIFICATE_NAMES:
            if options[name] is not None:
                option = f"--{name.replace('_', '-')} {options[name]}"
                raise InputError(option, f"is given without {OPTION}", f"add {OPTION} tls://HOST:PORT")
        yield _Here(bars)
        return
    from deploy_tools.cluster.address import parse_address
    from deploy_tools.cluster.certificates import security_of
    from deploy_tools.cluster.connection import Connection
    from deploy_tools.cluster.dask import set_up

    address = parse_address(options["cluster"], OPTION)
    set_up(OPTION)
    connection = Connection(address, security_of(address, certificates_of(options)))
    try:
        yield _Elsewhere(connection)
    finally:
        connection.close()


class _Here:
    """This host measures."""

    def __init__(self, bars: DeviceBars) -> None:
        self._bars = bars

    def find(self, names: str, inventory: Path | None) -> tuple[Sequence[NamedDevice], Executor]:
        from deploy_tools.devices.find import find_devices
        from deploy_tools.scenarios.execution import HostExecutor

        devices = find_devices(names, inventory, sending=self._bars.sending)
        return devices, HostExecutor({device.name: device for device in devices})


class _Elsewhere:
    """Workers measure."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, names: str, inventory: Path | None) -> tuple[Sequence[NamedDevice], Executor]:
        from deploy_tools.cluster.execution import ClusterExecutor
        from deploy_tools.cluster.homes import find_cluster_devices

        if inventory is not None:
            raise InputError(
                f"--inventory {inventory}",
                f"does not go together with {OPTION}: each worker has its own",
                "name it where the worker is started",
            )
        devices = find_cluster_devices(self._connection, names)
        return devices, ClusterExecutor(self._connection, devices)
