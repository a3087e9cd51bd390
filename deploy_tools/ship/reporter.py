"""What a whole way tells whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from deploy_tools.devices.wire.wire import Progress as Sent
from slim.pipeline.schedule import Reporter as SlimReporter
from slim.pipeline.schedule import Silent as SlimSilent
from slim.zoo.progress import Progress as PullProgress
from slim.zoo.progress import Silent as PullSilent

Verb = Literal["unpack", "pull", "slim", "gates", "convert", "measure", "compare", "package", "verify", "tag"]


@dataclass(frozen=True)
class StepLine:
    """A step, for people.

    Attributes:
        verb: What is done.
        what: To what.
    """

    verb: Verb
    what: str


@dataclass(frozen=True)
class Ended:
    """How a step ended.

    Attributes:
        said: What came of it, in a few words.
        kept: Whether it was done before, and still holds.
    """

    said: str = ""
    kept: bool = False


@dataclass(frozen=True)
class Took:
    """A step that is over.

    Attributes:
        line: Which.
        ended: How.
        seconds: It took.
    """

    line: StepLine
    ended: Ended
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "step": self.line.verb,
            "what": self.line.what,
            "said": self.ended.said,
            "kept": self.ended.kept,
            "seconds": round(self.seconds, 1),
        }


class Bars(Protocol):
    """Shows how far devices are; see `deploy_tools.cli.device_bars.DeviceBars`."""

    def sending(self, device: str) -> Sent:
        """What is told of files that are sent to a device."""
        ...

    def work(self, label: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """A piece of work of so many steps; what is yielded is told how many are done."""
        ...


class Reporter(Protocol):
    """Shows a whole way. Called from the thread that goes it."""

    def planned(self, steps: Sequence[StepLine]) -> None:
        """What is to do is known."""

    def begins(self, number: int, line: StepLine) -> None:
        """A step begins; counted from 1."""

    def told(self, text: str) -> None:
        """The step came to something."""

    def ended(self, number: int, took: Took) -> None:
        """The step is over."""

    def note(self, text: str) -> None:
        """Something worth a line."""

    def pulling(self) -> AbstractContextManager[PullProgress]:
        """During a pull."""
        ...

    def slimming(self) -> AbstractContextManager[SlimReporter]:
        """While a model is made small."""
        ...

    def measuring(self) -> AbstractContextManager[Bars]:
        """During measurements."""
        ...


class Silent:
    """Shows nothing."""

    def planned(self, steps: Sequence[StepLine]) -> None:
        """Nothing."""

    def begins(self, number: int, line: StepLine) -> None:
        """Nothing."""

    def told(self, text: str) -> None:
        """Nothing."""

    def ended(self, number: int, took: Took) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""

    @contextmanager
    def pulling(self) -> Iterator[PullProgress]:
        """Nothing is shown of it."""
        yield PullSilent()

    @contextmanager
    def slimming(self) -> Iterator[SlimReporter]:
        """Nothing is shown of it."""
        yield SlimSilent()

    @contextmanager
    def measuring(self) -> Iterator[Bars]:
        """Nothing is shown of it."""
        yield _NoBars()


class _NoBars:
    def sending(self, device: str) -> Sent:  # noqa: ARG002
        return lambda _done, _total: None

    @contextmanager
    def work(self, label: str, total: int) -> Iterator[Callable[[int], None]]:  # noqa: ARG002
        yield lambda _: None
