"""Work in a child process: a call goes there as a pickle, its progress and its result come back."""

from __future__ import annotations

import copyreg
import io
import pickle
import time
import traceback
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final, TypeVar

import numpy as np

import edge.errors
from edge.errors import PpocrEdgeError
from edge.predictor.child import Child, Ending, python_command
from edge.predictor.frames import Channel, ChannelClosedError, FrameError
from edge.predictor.protocol import Array
from slim.pipeline.step import Progress

T = TypeVar("T")

_EVERY: Final = 0.1
"""Seconds between two words of progress."""
_LAST_LINES: Final = 3
_DYING_SECONDS: Final = 5.0


class WorkError(PpocrEdgeError):
    """A piece of work ended in an error that is none of the toolkit's own, or its process died."""


class _InChildError(Exception):
    """The traceback of an error in a child."""

    def __str__(self) -> str:
        return f"in a child process:\n{self.args[0]}"


def in_child(
    subject: str,
    function: Callable[..., T],
    *arguments: Any,
    threads: int,
    progress: Progress | None = None,
) -> T:
    """Call a function in a process of its own.

    The process ends with this one, however this one ends, and on Ctrl-C.

    Args:
        subject: What the work is, for messages.
        function: A function of a module. It gets ``progress`` by name where that is given here.
        arguments: What it is called with; what pickle takes.
        threads: For the libraries in that process.
        progress: Called here with what the function reports there.

    Raises:
        PpocrEdgeError: The function raised one.
        WorkError: It raised something else, or its process died.
    """
    child = Child(python_command("slim.pipeline", "--threads", str(threads)))
    ended = False
    try:
        header = {"progress": progress is not None}
        child.channel.send(header, [_pickled((function, arguments))])
        while True:
            answer, tensors = child.channel.receive()
            if "done" not in answer:
                break
            if progress is not None:
                progress(answer["done"], answer["total"], answer["note"])
    except (ChannelClosedError, FrameError):
        ended = True
        raise _death(subject, child.end(grace=_DYING_SECONDS)) from None
    finally:
        if not ended:
            child.end(grace=0.0)
    if "error" in answer:
        kind = getattr(edge.errors, answer["error"], None)
        there = _InChildError(answer["traceback"])  # shown with --debug
        if isinstance(kind, type) and issubclass(kind, PpocrEdgeError):
            raise kind(answer["subject"], answer["found"], answer["remedy"]) from there
        raise WorkError(subject, answer["found"], answer["remedy"]) from there
    result: T = pickle.loads(tensors[0].tobytes())  # noqa: S301  (our own child's)
    return result


def serve_one_call(sink: int) -> int:
    """The child's side: one call from standard input, answered on a descriptor.

    Args:
        sink: Where to answer.

    Returns:
        The exit code.
    """
    channel = Channel(0, sink)
    header, tensors = channel.receive()
    try:
        function, arguments = pickle.loads(tensors[0].tobytes())  # noqa: S301  (whoever started us may do anything)
        named = {"progress": _Reporter(channel)} if header["progress"] else {}
        result = function(*arguments, **named)
        channel.send({}, [_pickled(result)])
    except PpocrEdgeError as error:
        kind = type(error).__name__
        known = {"error": kind, "subject": error.subject, "found": error.found, "remedy": error.remedy}
        channel.send({**known, "traceback": traceback.format_exc()})
    except Exception as error:
        text = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        unknown = {"error": "", "found": f"failed ({text})", "remedy": "see more with --debug, and report it"}
        channel.send({**unknown, "traceback": traceback.format_exc()})
    return 0


class _Reporter:
    """Sends progress, not too often."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._last = 0.0

    def __call__(self, done: int, total: int, note: str = "") -> None:
        now = time.monotonic()
        if done < total and now - self._last < _EVERY:
            return
        self._last = now
        self._channel.send({"done": int(done), "total": int(total), "note": str(note)})


class _Pickler(pickle.Pickler):
    """Takes the read-only mappings of the zoo's entries too."""

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream)
        self.dispatch_table = copyreg.dispatch_table | {
            MappingProxyType: lambda mapping: (_read_only, (dict(mapping),))
        }


def _read_only(values: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(values)  # a function, because pickle cannot find the class by its name


def _pickled(value: Any) -> Array:
    stream = io.BytesIO()
    _Pickler(stream).dump(value)
    return np.frombuffer(stream.getbuffer(), dtype=np.uint8)


def _death(subject: str, ending: Ending) -> WorkError:
    words = " / ".join(line.strip() for line in ending.words.strip().splitlines()[-_LAST_LINES:])
    said = f", its last words: {words[:300]}" if words else ""
    remedy = "see whether this machine is short of memory, and run it again: it goes on where it was"
    return WorkError(subject, f"its process {ending}{said}", remedy)
