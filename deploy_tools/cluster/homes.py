"""Which workers have which device: by name, by its host's name where that is not enough, by what it is."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from deploy_tools.cluster.connection import OPTION, Connection, Worker, WorkerLostError
from deploy_tools.devices.inventory.names import ALL, RESERVED, split_names
from deploy_tools.devices.settings import USUAL, RunSettings
from edge.errors import InputError

_WHO_SECONDS: Final = 45.0


@dataclass
class ClusterDevice:
    """A device that hangs on another host; see `deploy_tools.devices.base.NamedDevice`.

    Attributes:
        name: As the user names it: ``pi4``, or ``pi4@lab1``.
        there: As workers name it.
        label: Name of the only host that is meant; empty for any.
        settings: Of the library where nothing else is asked for.
        marks: What tells it from all others, as far as it is known.
        homes: Addresses of workers that are known to lead to it.
        home: The one that is asked, as long as it is there.
        note: What a reader of its figures must know; known when it was used.
    """

    name: str
    there: str
    label: str = ""
    settings: RunSettings = USUAL
    marks: frozenset[str] = frozenset()
    homes: set[str] = field(default_factory=set)
    home: str = ""
    note: str = ""

    def offered_by(self, worker: Worker) -> bool:
        """Whether a worker has a device of this name, which need not be this one."""
        return self.there in worker.devices and self.label in ("", worker.label)


def find_cluster_devices(connection: Connection, names: str) -> list[ClusterDevice]:
    """The devices of a list of names, and who has them.

    Each is asked what it is. A name that several hosts have for different devices must be told apart by the
    name of the host.

    Args:
        connection: To the scheduler.
        names: Names with commas between them, each maybe with ``@HOST``, or ``all``.

    Raises:
        InputError: There is none of a name, or there are several.
        DeviceError: The scheduler is gone.
    """
    workers = connection.workers()
    if not workers:
        raise InputError(
            OPTION, "the scheduler has no workers with devices", "start some with 'ppocr-edge worker'"
        )
    if names == ALL:
        offered = dict.fromkeys(name for one in workers for name in one.devices if name not in RESERVED)
        if not offered:
            raise InputError(
                "--device all", "no worker names a device", "add some with 'ppocr-edge devices add'"
            )
        words = list(offered)
    else:
        words = split_names(names)
    found = [_named(word, workers) for word in words]
    asked = _ask(connection, workers, found)
    return [one for device in found for one in _known(device, workers, asked, apart=names == ALL)]


def choose_home(connection: Connection, device: ClusterDevice, tried: Iterable[str]) -> str | None:
    """The worker to ask for a device; None where none leads to it.

    The same as before, as long as it is there. At first, where several lead to it, one that all clients
    choose: by the names of device and worker, so that devices spread.

    Args:
        connection: To the scheduler.
        device: The device; what is learnt of it is remembered there.
        tried: Addresses of workers that are not to be asked.

    Raises:
        DeviceError: The scheduler is gone.
    """
    if device.home and device.home not in tried and connection.has(device.home):
        return device.home
    there = [one for one in connection.workers() if device.offered_by(one) and one.address not in tried]
    new = [one for one in there if one.address not in device.homes]
    for worker, marks in _answers(connection, new, [device.there]):
        if marks.get(device.there, frozenset()) & device.marks:
            device.homes.add(worker.address)
    homes = [one for one in there if one.address in device.homes]
    device.home = min(homes, key=lambda one: _turn(device.there, one.label)).address if homes else ""
    return device.home or None


Asked = dict[tuple[str, str], frozenset[str] | None]
"""Marks by worker and name of the device; None where it cannot be reached from there."""


def _turn(device: str, label: str) -> bytes:
    """Order in which workers are asked for a device."""
    return hashlib.sha256(f"{device}\0{label}".encode()).digest()


def _named(word: str, workers: Sequence[Worker]) -> ClusterDevice:
    """A device of a name, whichever it is.

    Raises:
        InputError: Nobody has one.
    """
    there, _, label = word.rpartition("@")
    for device in (ClusterDevice(word, word), ClusterDevice(word, there, label)):
        if device.there and any(device.offered_by(one) for one in workers):
            return device
    known = list(dict.fromkeys(name for one in workers for name in one.devices))
    near = difflib.get_close_matches(there or word, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"they have {', '.join(known)}"
    raise InputError(
        f"--device {word}", f"no worker has a device of this name; {hint}", "add it there with 'devices add'"
    )


def _ask(connection: Connection, workers: Sequence[Worker], devices: Sequence[ClusterDevice]) -> Asked:
    asked: Asked = {}
    for worker in workers:
        wanted = sorted({one.there for one in devices if one.offered_by(worker)})
        for _, marks in _answers(connection, [worker], wanted):
            asked.update({(worker.address, name): marks.get(name) for name in wanted})
    return asked


def _answers(
    connection: Connection, workers: Iterable[Worker], names: Sequence[str]
) -> Iterator[tuple[Worker, dict[str, frozenset[str]]]]:
    """What devices say of themselves, by who was asked."""
    for worker in workers:
        if not names:
            continue
        try:
            said = connection.ask(worker.address, "who", _WHO_SECONDS, devices=list(names))
        except WorkerLostError:
            continue
        yield worker, {name: frozenset(one["marks"]) for name, one in said.items() if "marks" in one}


def _known(
    device: ClusterDevice, workers: Sequence[Worker], asked: Asked, *, apart: bool
) -> Iterator[ClusterDevice]:
    """A device with its homes; where several devices have its name, all of them.

    Args:
        device: As the user named it.
        workers: All of them.
        asked: What is known.
        apart: Whether several may be meant.

    Raises:
        InputError: It is not clear which is meant.
    """
    there = [one for one in workers if device.offered_by(one)]
    answering = [one for one in there if asked.get((one.address, device.there)) is not None] or there[:1]
    groups: list[tuple[set[str], list[Worker]]] = []
    for worker in answering:
        marks = set(asked.get((worker.address, device.there)) or ())
        same = next((group for group in groups if group[0] & marks), None)
        if same is None:
            groups.append((marks, [worker]))
        else:
            same[0].update(marks)
            same[1].append(worker)
    if len(groups) > 1 and not apart:
        labels = sorted(group[1][0].label for group in groups)
        examples = " or ".join(f"{device.there}@{label}" for label in labels[:3])
        raise InputError(
            f"--device {device.name}",
            f"{' and '.join(labels[:3])} have different devices of this name",
            f"write {examples}; or give workers of one host different names"
            if len(set(labels)) < len(labels)
            else f"write {examples}",
        )
    for marks, own in groups:
        label = own[0].label if len(groups) > 1 else device.label
        yield ClusterDevice(
            f"{device.there}@{label}" if len(groups) > 1 else device.name,
            device.there,
            label,
            own[0].devices[device.there],
            frozenset(marks),
            {one.address for one in own},
        )
