"""Hashes of folders and of values, and folders that appear in one step."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from edge.bundle.strict_json import strict_json
from edge.hashing import sha256_of
from slim.zoo.json_file import write_json

CONTENT: Final = "content"
RECORD: Final = "done.json"
_NOTE_EVERY: Final = 5.0


def fingerprint(values: Any) -> str:
    """Hex SHA-256 of plain values, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def hashes_of(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in a folder, by its path in there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}


class Slot:
    """A place for something that is made once: a folder that is there whole, with a record, or not at all.

    ``PLACE/finished`` holds ``content/`` and ``done.json``: what it was made from, the hash of every file,
    and how long it took. ``PLACE/making`` is under construction, ``PLACE/work`` is what its maker keeps for a
    second attempt, ``PLACE/inputs.json`` says for what, ``PLACE/seconds.json`` how long was spent on it.

    Args:
        place: The folder.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.content = place / "finished" / CONTENT
        self.work = place / "work"
        self._record = place / "finished" / RECORD
        self._inputs = place / "inputs.json"
        self._seconds = place / "seconds.json"

    def record(self, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The record of what is finished here; None where nothing is, it is damaged, or of other inputs."""
        values = _read(self._record)
        if values is None or values.get("inputs") != _plain(inputs):
            return None
        try:
            whole = values.get("files") == hashes_of(self.content)
        except OSError:
            return None
        return values if whole else None

    @property
    def seconds(self) -> float:
        """How long it has been worked on in earlier, interrupted attempts."""
        seconds = (_read(self._seconds) or {}).get("seconds", 0.0)
        return float(seconds) if isinstance(seconds, (int, float)) else 0.0

    @contextmanager
    def making(self, inputs: Mapping[str, Any]) -> Iterator[Path]:
        """An empty folder to fill, which becomes the finished content at the end of the block.

        ``work`` is there, and empty unless it was left by an attempt with the same inputs. It is gone
        afterwards.

        Args:
            inputs: Everything the content depends on, as plain values.
        """
        shutil.rmtree(self.place / "finished", ignore_errors=True)
        plain = _plain(inputs)
        if _read(self._inputs) != plain:
            shutil.rmtree(self.work, ignore_errors=True)
            self._seconds.unlink(missing_ok=True)
            write_json(self._inputs, plain)
        self.work.mkdir(parents=True, exist_ok=True)
        new = self.place / "making"
        shutil.rmtree(new, ignore_errors=True)
        (new / CONTENT).mkdir(parents=True)
        clock = _Clock(self._seconds, self.seconds)
        with clock:
            yield new / CONTENT
        record = {"inputs": plain, "files": hashes_of(new / CONTENT), "seconds": clock.seconds}
        write_json(new / RECORD, record)
        new.rename(self.place / "finished")
        shutil.rmtree(self.work, ignore_errors=True)


class _Clock:
    """Counts seconds, and notes them now and then, so that a killed attempt is not forgotten."""

    def __init__(self, file: Path, before: float) -> None:
        self._file = file
        self._before = before
        self._start = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._note_now_and_then, daemon=True)

    @property
    def seconds(self) -> float:
        return round(self._before + time.monotonic() - self._start, 1)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        with suppress(OSError):
            self._note()

    def _note_now_and_then(self) -> None:
        with suppress(OSError):  # a full disk will be told by whoever writes what matters
            while not self._stop.wait(_NOTE_EVERY):
                self._note()

    def _note(self) -> None:
        write_json(self._file, {"seconds": self.seconds})


def _plain(inputs: Mapping[str, Any]) -> Any:
    """As they are read back: tuples are lists."""
    return json.loads(json.dumps(inputs))


def _read(path: Path) -> dict[str, Any] | None:
    try:
        values = strict_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return values if isinstance(values, dict) else None
