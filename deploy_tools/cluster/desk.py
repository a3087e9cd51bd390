"""What a worker does: tells of its devices, takes files, measures units, and ends what nobody waits for."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import edge
from deploy_tools.cluster.files import SentFiles
from deploy_tools.cluster.identity import ask_marks
from deploy_tools.cluster.wire_form import unpack
from deploy_tools.devices.base import Device
from deploy_tools.devices.closing import close_all
from deploy_tools.devices.emulated import LITE_HOME, EmulatedDevice
from deploy_tools.devices.find import find_device
from deploy_tools.devices.inventory.reading import load_inventory
from deploy_tools.devices.local import LocalDevice
from deploy_tools.measurement.json_form import measurement_to_json
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.scenarios.measure import failed, measure_unit
from deploy_tools.scenarios.plan import Part, Unit
from deploy_tools.scenarios.workplace import Workplace
from edge.errors import DeviceError, InputError, PpocrEdgeError

Values = dict[str, Any]
SILENCE: Final = 60.0
"""Seconds without a word of the client after which what it wanted is ended."""
PATIENCE: Final = 600.0
"""Seconds to wait for a device that somebody else uses; a worker that was lost lets it go within 90."""
_CLOSING_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 2.0


@dataclass
class _Hand:
    """A unit in hand.

    Attributes:
        session: Of the client.
        measured: What there is so far, as JSON.
        share: How much is done, 0 to 1.
        heard: When its client last asked.
        stopped: Whether nobody wants it any more.
    """

    session: str
    measured: list[str] = field(default_factory=list)
    share: float = 0.0
    heard: float = field(default_factory=time.monotonic)
    stopped: bool = False


class Desk:
    """The devices of this host, and what is measured on them. Safe to use from several threads.

    Args:
        label: Name of this host in the cluster.
        inventory: File that names its devices; the user's own where None.
        root: Folder for files that are sent.
        silence: See `SILENCE`.

    Attributes:
        devices: Names of what can be measured on.
        wanted: Tells of a unit's token whether the scheduler still wants it.

    Raises:
        InputError: The inventory cannot be read.
    """

    def __init__(self, label: str, inventory: Path | None, root: Path, *, silence: float = SILENCE) -> None:
        self._label = label
        self._inventory = inventory
        self._files = SentFiles(root)
        self._silence = silence
        self._started = time.time()
        always = [LocalDevice.name, *([EmulatedDevice.name] if os.environ.get(LITE_HOME) else [])]
        self.devices: Sequence[str] = (*load_inventory(inventory).entries, *always)
        usual = {name: self._device(name).settings for name in self.devices}
        self._usual = {
            name: {"threads": one.threads, "power_mode": one.power_mode} for name, one in usual.items()
        }
        self._turn = threading.Lock()
        self._hands: dict[str, _Hand] = {}
        self._places: dict[tuple[str, str], Workplace] = {}
        self._left: dict[str, None] = {}
        self._closed = threading.Event()
        self.wanted: Callable[[str], bool] = lambda _: True
        self._files.tidy()
        threading.Thread(target=self._listen, name="who still waits", daemon=True).start()

    def hello(self) -> Values:
        """Who this is, and what it has."""
        return {
            "version": edge.__version__,
            "label": self._label,
            "started": self._started,
            "devices": self._usual,
        }

    def who(self, devices: Sequence[str]) -> Values:
        """What devices say of themselves, asked at the same time; see `ask_marks`."""
        answers: Values = {}

        def ask(name: str) -> None:
            try:
                answers[name] = {"marks": sorted(ask_marks(self._device(name)))}
            except PpocrEdgeError as error:
                answers[name] = {"error": error.one_line()}

        threads = [threading.Thread(target=ask, args=(name,), daemon=True) for name in devices]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def lacks(self, files: Mapping[str, int]) -> Values:
        """Which files must be sent; see `SentFiles.lacks`."""
        return {"lacks": self._files.lacks(files)}

    def put(self, name: str, size: int, offset: int, data: bytes, token: str) -> Values:
        """Take a piece of a file; see `SentFiles.put`."""
        self._files.put(name, size, offset, data, token)
        return {}

    def take(self, token: str, have: int) -> Values:
        """How far a unit in hand is; its client is there.

        Args:
            token: Of the unit.
            have: How many of its measurements the client has.
        """
        with self._turn:
            hand = self._hands.get(token)
            if hand is None:
                return {}
            hand.heard = time.monotonic()
            return {"share": hand.share, "measured": hand.measured[have:]}

    def leave(self, session: str) -> Values:
        """End what a client wanted, and let its devices go."""
        with self._turn:
            self._left[session] = None
            for old in list(self._left)[:-1000]:
                del self._left[old]
            for hand in self._hands.values():
                hand.stopped = hand.stopped or hand.session == session
            keys = [key for key in self._places if key[0] == session]
            devices = [self._places.pop(key).device for key in keys]
        close_all(devices, _CLOSING_SECONDS)
        return {}

    def measure(self, values: Mapping[str, Any]) -> Values:
        """Measure a unit.

        Args:
            values: ``token`` and ``session`` of the client, ``plan`` (see `wire_form.Packed`), ``as``, the
                name that the client has for the device, and ``names``, those it has for files.

        Returns:
            ``measured``, ``failed``: measurements as JSON; ``gone``: why the device cannot be reached any
            more, empty where it can; ``stopped``: whether it was broken off, as nobody waits for it, or this
            worker ends.
        """
        session, token = str(values["session"]), str(values["token"])
        hand = _Hand(session)
        with self._turn:
            if session in self._left or self._closed.is_set():
                return {"measured": [], "failed": [], "gone": "", "stopped": True}
            self._hands[token] = hand
        try:
            return self._measure(values, hand)
        finally:
            with self._turn:
                del self._hands[token]

    def close(self) -> None:
        """End everything; nothing is measured any more."""
        self._closed.set()
        self.let_go()

    def let_go(self) -> None:
        """End what is in hand, and let all devices go."""
        with self._turn:
            sessions = {session for session, _ in self._places} | {
                one.session for one in self._hands.values()
            }
        for session in sessions:
            self.leave(session)

    def _measure(self, values: Mapping[str, Any], hand: _Hand) -> Values:
        asked = unpack(values["plan"])
        name = str(values["as"])
        say = _Words(values["names"])
        unit, place = asked, None
        bad: list[Measurement] = []
        gone = ""
        try:
            unit = replace(asked, parts=tuple(self._part(part, say) for part in asked.parts))
            place = self._place(hand.session, unit.device)
            self._attempt(unit, place, hand, name)
        except PpocrEdgeError as error:
            if not hand.stopped:
                note = "" if place is None else place.device.note
                bad = [
                    replace(one, error=say.of_client(one.error))
                    for one in failed(unit, len(hand.measured), error, note)
                ]
                if isinstance(error, DeviceError) and place is not None and not place.alive():
                    gone = error.one_line()
        except Exception:
            if not hand.stopped:  # closing what is in use fails in all kinds of ways
                raise
        return {
            "measured": hand.measured,
            "failed": [_as_text(one, name) for one in bad],
            "gone": gone,
            "stopped": hand.stopped,
        }

    def _attempt(self, unit: Unit, place: Workplace, hand: _Hand, name: str) -> None:
        """Measure a unit; again, for a while, where somebody else has the device.

        Raises:
            PpocrEdgeError: It cannot be measured.
        """
        end = time.monotonic() + PATIENCE
        while not hand.stopped:
            try:
                with closing(measure_unit(unit, place, lambda share: _tell(hand, share))) as coming:
                    for one in coming:
                        self._keep(hand, _as_text(one, name))
                return
            except DeviceError as error:
                if hand.measured or not _in_use(error) or time.monotonic() > end:
                    raise
            time.sleep(0.5)

    def _keep(self, hand: _Hand, text: str) -> None:
        with self._turn:
            if not hand.stopped:
                hand.measured.append(text)

    def _part(self, part: Part, say: _Words) -> Part:
        bundles = {}
        for task, sent in part.bundles.items():
            bundles[task] = str(self._files.bundle(sent)) if sent else ""
            say.knows(sent, bundles[task])
        file = str(self._files.input(part.file)) if part.file else ""
        say.knows(part.file.partition("/")[0], file)
        return replace(part, bundles=bundles, file=file)

    def _place(self, session: str, name: str) -> Workplace:
        if name not in self.devices:
            raise InputError(f"--device {name}", f"{self._label} has none of this name", "see its inventory")
        with self._turn:
            place = self._places.get((session, name))
            if place is None:
                place = self._places[session, name] = Workplace(self._device(name))
            return place

    def _device(self, name: str) -> Device:
        return find_device(name, self._inventory)

    def _listen(self) -> None:
        """End what nobody wants: its client is gone, or silent."""
        while not self._closed.wait(min(_LOOK_SECONDS, self._silence / 4)):
            late = time.monotonic() - self._silence
            with self._turn:
                hands = dict(self._hands)
            over = {
                hand.session for token, hand in hands.items() if hand.heard < late or not self.wanted(token)
            }
            for session in over:
                self.leave(session)


class _Words:
    """Names of the client in place of ours, in messages."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._places: dict[str, str] = {}

    def knows(self, sent: str, place: str) -> None:
        if place and sent in self._names:
            self._places[place] = self._names[sent]

    def of_client(self, text: str) -> str:
        for place, name in self._places.items():
            text = text.replace(place, name)
        return text


def _as_text(measurement: Measurement, device: str) -> str:
    """A measurement as JSON, of a device as the client calls it."""
    environment = replace(measurement.environment, device=device)
    return json.dumps(measurement_to_json(replace(measurement, environment=environment)))


def _in_use(error: DeviceError) -> bool:
    return error.found.startswith("is in use by")


class _NobodyWaitsError(Exception):
    """What is being measured is not wanted any more."""


def _tell(hand: _Hand, share: float) -> None:
    if hand.stopped:  # devices of this host are not closed, what runs there ends with what uses it
        raise _NobodyWaitsError
    hand.share = share


def answer(work: Callable[..., Values], **how: Any) -> Values:
    """What a desk answers; an error of ours is one too, others are raised.

    Args:
        work: Of a desk.
        how: Its arguments.
    """
    try:
        return work(**how)
    except PpocrEdgeError as error:
        return {"error": error.one_line()}
    except OSError as error:
        return {"error": f"{error.filename or 'a file'}: {error.strerror or error}"}
