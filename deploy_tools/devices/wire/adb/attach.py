"""From a serial to a device that answers, or to the reason why it does not."""

from __future__ import annotations

import contextlib
import re
import time
from typing import Final

from deploy_tools.devices.wire.adb.server import AdbClosedError, AdbRefusedError, AdbServer
from edge.errors import DeviceError

_CONNECTS: Final = 3
_QUICK_SECONDS: Final = 5.0
_SETTLE_SECONDS: Final = 2.0
_POLL_SECONDS: Final = 0.05
_CONNECTED: Final = ("connected to ", "already connected to ")
# a device is in these states for a moment when it was just found
_PASSING: Final = ("offline", "connecting", "authorizing", "host")


def is_network(serial: str) -> bool:
    """Whether a serial is an address that adb has to be told to connect to."""
    return re.fullmatch(r".+:\d+", serial) is not None


def attach(server: AdbServer, name: str, serial: str, *, anew: bool = False) -> frozenset[str]:
    """Make sure that adb holds a connection to a device.

    Args:
        server: Asked for it.
        name: Of the device, for messages.
        serial: Of the device.
        anew: Give up the connection that there is, which is known to be dead.

    Returns:
        The features of the device.

    Raises:
        DeviceError: It cannot be used; says why and what helps.
    """
    fresh = server.require()
    try:
        state = server.states().get(serial)
        if state in _PASSING and not anew:  # another program may be connecting to it
            state = _settled(server, serial)
        for _ in range(_CONNECTS if is_network(serial) else 0):
            if state == "device" and not anew:
                break
            _connect(server, name, serial, known=state is not None)
            # a connection of before the restart, which is just being given up, may take the new one along
            state, anew = _settled(server, serial), False
        if state != "device" and (state is not None or fresh):
            state = _settled(server, serial)
        if state is None and is_network(serial):
            raise _connect_error(name, serial, "it hangs up at once")
        if state != "device":
            raise state_error(name, serial, state, server.states())
        return server.features(serial)
    except AdbClosedError:
        raise server_gone(name) from None
    except AdbRefusedError as error:
        raise DeviceError(name, f"adb says of {serial}: {error}", "see what 'adb devices' says") from None


def _connect(server: AdbServer, name: str, serial: str, *, known: bool) -> None:
    """Connect over the network. What adb says counts: its program ends with 0 even where this failed."""
    if known:  # "already connected" is also said of a device that was restarted and does not know of it
        with contextlib.suppress(AdbRefusedError):  # gone by itself in the meantime
            server.ask(f"host:disconnect:{serial}")
    began = time.monotonic()
    try:
        said = server.ask(f"host:connect:{serial}")
    except AdbRefusedError as error:
        said = str(error)
    if said.startswith(_CONNECTED) or server.states().get(serial) == "device":
        return
    if "failed to authenticate" in said:
        raise state_error(name, serial, "unauthorized", {})
    if said == f"failed to connect to {serial}" and time.monotonic() - began < _QUICK_SECONDS:
        return  # another program disconnected at the same time; whether it is there shows later
    raise _connect_error(name, serial, said.partition(f"'{serial}': ")[2] or said)


def _connect_error(name: str, serial: str, reason: str) -> DeviceError:
    return DeviceError(
        name,
        f"adb cannot connect to {serial} ({reason or 'it does not say why'})",
        "see that it is on, reachable from here, and listens ('adb tcpip 5555' while it is plugged in)",
    )


def _settled(server: AdbServer, serial: str) -> str | None:
    """The state of a device that was found a moment ago, or should be soon."""
    end = time.monotonic() + _SETTLE_SECONDS
    while True:
        state = server.states().get(serial)
        if (state is not None and state not in _PASSING) or time.monotonic() > end:
            return state
        time.sleep(_POLL_SECONDS)


def server_gone(name: str) -> DeviceError:
    """The adb server ended while it was needed."""
    return DeviceError(
        name,
        "the adb server of this host ended, and with it the link and what ran there",
        "run it again; an adb of another version, started by another program, ends the server each time",
    )


def broken_error(server: AdbServer, name: str, serial: str, what: str) -> DeviceError:
    """Why the link to a device that had answered is gone.

    Args:
        server: Asked for what it knows.
        name: Of the device.
        serial: Of the device.
        what: Was going on.
    """
    try:
        states = server.states()
    except (AdbClosedError, AdbRefusedError):
        return server_gone(name)
    state = states.get(serial)
    if state == "unauthorized":
        return state_error(name, serial, state, states)
    now = {None: "gone", "device": "there again"}.get(state, str(state))
    return DeviceError(
        name,
        f"the link broke during {what}, and what ran there was ended; {serial} is {now} now",
        "see whether the device was restarted, and its cable or network; run it again",
    )


def state_error(name: str, serial: str, state: str | None, states: dict[str, str]) -> DeviceError:
    """Why a device in this state cannot be used.

    Args:
        name: Of the device.
        serial: Of the device.
        state: As adb says it; None where adb does not know the device.
        states: Of all devices that adb knows.
    """
    if state is None:
        others = ", ".join(states) if states else "nothing"
        found = f"adb sees no device {serial} (it sees {others})"
        remedy = (
            f"write {serial}:5555, with the port, where it is an address"
            if "." in serial and not is_network(serial)
            else "plug it in, switch on USB debugging in its developer options, and see 'adb devices'"
        )
    elif state == "unauthorized":
        found = f"{serial} has not allowed this host to use it (unauthorized)"
        remedy = (
            "unlock its screen and accept 'Allow USB debugging'; where it does not ask, revoke the debugging "
            "authorizations in its developer options and connect it again"
        )
    elif state.startswith("no permissions"):
        found = f"this user may not use {serial} ({state})"
        remedy = (
            "apt-get install android-sdk-platform-tools-common, join the group plugdev "
            "('adduser USER plugdev'), log in again and plug it in again"
        )
    elif state in _PASSING:
        found = f"{serial} is attached but does not answer ({state})"
        remedy = (
            "see that it is switched on and reachable, and restart it"
            if is_network(serial)
            else "plug it in again, with another cable if need be, or switch USB debugging off and on"
        )
    else:
        found = f"{serial} is in the state '{state}', in which it runs nothing"
        remedy = "let it start Android, and run it again"
    return DeviceError(name, found, remedy)
