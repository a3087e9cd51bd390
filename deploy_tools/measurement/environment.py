"""Where and with what something was measured, and how warm it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Environment:
    """A device at the time of a measurement. Empty or None is what it does not tell.

    Attributes:
        device: As the user names it.
        library: Such as ``Paddle-Lite``.
        library_version: Such as ``v2.13-rc``.
        runner: ``native`` or ``python``, with its version.
        wire: How it was reached: ``local``, ``ssh``, ``adb``.
        machine: Architecture, as ``uname -m`` says it.
        os: Name and version.
        kernel: Its release.
        board: Its maker and model.
        soc: Its chip.
        cores: Its processor in words, such as ``4 x Cortex-A72 at 1.50 GHz``.
        governor: Who chooses frequencies; of several joined by ``+``.
        affinity: Cores the runner was bound to; empty where it was not.
        memory_bytes: All of it.
        battery_percent: How full; None where it has none or does not tell.
        charging: Whether it is being charged.
        host: Name of the machine that measured.
        versions: Of the toolkit and what else matters, by name.
        note: What a reader of the figures must know, such as that it is an emulator.
    """

    device: str
    library: str = ""
    library_version: str = ""
    runner: str = ""
    wire: str = ""
    machine: str = ""
    os: str = ""
    kernel: str = ""
    board: str = ""
    soc: str = ""
    cores: str = ""
    governor: str = ""
    affinity: tuple[int, ...] = ()
    memory_bytes: int | None = None
    battery_percent: int | None = None
    charging: bool | None = None
    host: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Reading:
    """How the device was at one moment.

    Attributes:
        at: Seconds from the beginning of the measurement; negative before it.
        celsius: By thermal zone.
        khz: Current frequency by number of the core.
    """

    at: float
    celsius: Mapping[str, float] = field(default_factory=dict)
    khz: Mapping[int, int] = field(default_factory=dict)
