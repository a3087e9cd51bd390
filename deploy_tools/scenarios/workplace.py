"""A device while things are measured on it: what it is, how it is, and how it was at first."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from deploy_tools.devices.base import Device
from deploy_tools.devices.inventory.entry import DeviceEntry, HostAddress
from deploy_tools.devices.remote.device import RemoteDevice
from deploy_tools.devices.settings import RunSettings
from deploy_tools.devices.wire.host import HostWire
from deploy_tools.devices.wire.wire import Wire
from deploy_tools.measurement.environment import Environment
from deploy_tools.scenarios.environment import ask_environment, with_runner
from deploy_tools.scenarios.looking import Look, look_at
from edge.errors import DeviceError

NEAR: Final = 2.0
"""Degrees above the first look at which a device has cooled down."""
_EVERY: Final = 2.0
_ALIVE_SECONDS: Final = 15.0


class Workplace:
    """Keeps what is asked once, however many units are measured on a device.

    Args:
        device: The device; its own process where it runs on this host.
        pause: Waits so many seconds.
    """

    def __init__(self, device: Device, *, pause: Callable[[float], None] = time.sleep) -> None:
        self.device = device
        self._pause = pause
        self._environment: Environment | None = None
        self._first: Look | None = None
        self._silent = False
        remote = device if isinstance(device, RemoteDevice) else None
        # what runs on this host is asked as any other device is
        self._wire: Wire = remote.wire if remote else HostWire(device.name)
        self._entry = remote.entry if remote else DeviceEntry(device.name, HostAddress())

    def environment(self, info: Mapping[str, Any], settings: RunSettings, opt: str = "") -> Environment:
        """Where something is measured; see `with_runner`.

        Raises:
            DeviceError: The device cannot be reached.
        """
        if self._environment is None:
            self._environment = ask_environment(self.device, self._wire, self._entry)
        return with_runner(self._environment, self.device, info, settings, opt)

    def look(self, at: float) -> Look | None:
        """How the device is now; None where it does not tell, or does not answer.

        Args:
            at: Seconds from the beginning of the measurement.
        """
        if self._silent:
            return None
        look = look_at(self._wire, at)
        if look is not None:
            self._silent = not look.tells  # nor will it later
            self._first = self._first or look
        return None if self._silent else look

    def add_look(self, looks: list[Look], at: float) -> None:
        """Look at the device, and add what it tells, if it tells anything; see `look`."""
        look = self.look(at)
        if look is not None:
            looks.append(look)

    def cool_down(self, limit: float) -> float:
        """Wait until the device is as cool as at the first look, or nearly so.

        Args:
            limit: Seconds to wait at most.

        Returns:
            Seconds waited.
        """
        start = time.monotonic()
        while self._is_hot(start) and (left := limit - (time.monotonic() - start)) > 0:
            self._pause(min(_EVERY, left))
        return time.monotonic() - start

    def alive(self) -> bool:
        """Whether the device answers at all."""
        try:
            self._wire.run(["true"], seconds=_ALIVE_SECONDS)
        except DeviceError:
            return False
        return True

    def _is_hot(self, start: float) -> bool:
        if self._silent:
            return False
        first = self._first
        now = self.look(time.monotonic() - start)
        if first is None or now is None or now.celsius is None or first.celsius is None:
            return False
        return now.celsius > first.celsius + NEAR
