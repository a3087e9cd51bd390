"""Showing devices: tables for people, plain values for machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.markup import escape
from rich.table import Table

from deploy_tools.cli.console import stdout_console
from deploy_tools.cli.visible import printable
from deploy_tools.devices.inventory.address import address_text
from deploy_tools.devices.inventory.entry import DeviceEntry, HostAddress, SshAddress
from deploy_tools.devices.probe.words import clock_text, size_text

if TYPE_CHECKING:
    from deploy_tools.devices.probe.ability import Ability
    from deploy_tools.devices.probe.facts import Probe

_MOST_ZONES: Final = 6


def entry_table(entries: Sequence[DeviceEntry]) -> Table:
    """One row for each device."""
    table = Table("device", "address", "runs with", "folder", "cores", box=None, pad_edge=False)
    for column in table.columns:
        column.overflow = "fold"
    for entry in entries:
        words = (entry.name, address_text(entry.address), _runs_with(entry), entry.folder or "", _use(entry))
        table.add_row(*(escape(printable(word)) for word in words))
    return table


def entry_json(entry: DeviceEntry) -> dict[str, Any]:
    """An entry as plain values."""
    address = entry.address
    kind = "ssh" if isinstance(address, SshAddress) else "host" if isinstance(address, HostAddress) else "adb"
    values = {"kind": kind, **asdict(address)}
    if isinstance(address, SshAddress):
        values["host_keys"] = address.host_keys.value
    paths = {key: str(value) if isinstance(value, Path) else value for key, value in values.items()}
    return {
        "name": entry.name,
        "address": paths,
        "folder": entry.folder,
        "lite_home": str(entry.lite_home) if entry.lite_home is not None else None,
        "python": entry.python,
        "threads": entry.threads,
        "power_mode": entry.power_mode,
    }


def show_probe(entry: DeviceEntry, probe: Probe, can: Sequence[Ability]) -> None:
    """Print what a device is and what it can run."""
    console = stdout_console()
    console.print(
        f"[bold]{escape(printable(entry.name))}[/]  {escape(printable(address_text(entry.address)))}"
    )
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 1))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in (*_facts(probe), *_abilities(can)):
        table.add_row(name, escape(printable(text)))
    console.print(table)


def _facts(probe: Probe) -> Iterator[tuple[str, str]]:
    if probe.board:
        yield "board", probe.board
    if probe.soc:
        yield "chip", probe.soc
    yield "cores", ", ".join(map(str, probe.clusters)) or "not told"
    parked = [str(core.number) for core in probe.cores if not core.online]
    if parked:
        yield "", f"parked: {', '.join(parked)}"
    if instructions := list(_instructions(probe)):
        yield "computes", ", ".join(instructions)
    if probe.governors:
        yield "governor", ", ".join(probe.governors)
    if probe.memory_bytes:
        free = f", {size_text(probe.memory_free_bytes)} free" if probe.memory_free_bytes is not None else ""
        yield "memory", f"{size_text(probe.memory_bytes)}{free}"
    yield "system", ", ".join(filter(None, (probe.os, f"kernel {probe.kernel}", probe.libc)))
    bits = f", programs of {probe.bits} bits" if probe.bits else ""
    yield "machine", f"{probe.machine}{bits}" + (f" ({', '.join(probe.abis)})" if probe.abis else "")
    yield "folder", _folder(probe)
    if probe.temperatures:
        hottest = sorted(probe.temperatures, key=lambda one: one.celsius, reverse=True)[:_MOST_ZONES]
        yield "warmth", ", ".join(f"{one.zone} {one.celsius:.0f} °C" for one in hottest)
    for python in probe.pythons:
        yield "python", _python(python.path, python.version, python.lite_version, python.error)
    if probe.installed:
        yield "runners", ", ".join(probe.installed)
    yield "sha256", probe.sha256_tool or "no tool: what is sent is read back"
    if probe.clock_offset is not None:
        yield "clock", clock_text(probe.clock_offset)


def _instructions(probe: Probe) -> Iterator[str]:
    if probe.has_fp16:
        yield "half precision (convert --fp16)"
    if probe.has_dot_product:
        yield "dot products of 8 bits"


def _folder(probe: Probe) -> str:
    room = f", {size_text(probe.free_bytes)} free" if probe.free_bytes is not None else ""
    state = "" if probe.folder_exists else ", not there yet"
    return f"{probe.folder}{state}{'' if probe.folder_writable else ', NOT writable'}{room}"


def _python(path: str, version: str | None, lite: str | None, error: str) -> str:
    if version is None:
        return f"{path}: {error}"
    return f"{path}, {version}, " + (f"paddlelite {lite or '?'}" if not error else f"no paddlelite: {error}")


def _abilities(can: Sequence[Ability]) -> Iterator[tuple[str, str]]:
    """The one that is used; where it is not ready, what there is to do for any of them."""
    first = can[0]
    if first.ready:
        yield "runs", f"models for {' and '.join(first.targets)}, with {_as_words(first)}"
        return
    yield "runs", "nothing yet"
    for ability in can:
        for text in ability.missing:
            yield "lacks", f"for {_as_words(ability)}: {text}"


def _as_words(ability: Ability) -> str:
    return f"the native runner ({ability.abi})" if ability.runner == "native" else "Python"


def _runs_with(entry: DeviceEntry) -> str:
    if entry.lite_home is not None:
        return f"library {entry.lite_home}"
    return f"Python {entry.python}" if entry.python is not None else "nothing yet"


def _use(entry: DeviceEntry) -> str:
    threads = f"{entry.threads} threads" if entry.threads is not None else ""
    return ", ".join(filter(None, (threads, entry.power_mode)))
