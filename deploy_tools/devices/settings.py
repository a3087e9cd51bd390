"""How a library is asked to compute: threads, power mode, cores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from edge.errors import InputError, PredictorError

AS_IT_IS: Final = "none"
"""The power mode in which a library binds itself to no cores."""


@dataclass(frozen=True)
class RunSettings:
    """How to compute. What is None is left as it is.

    Attributes:
        threads: Of the library.
        power_mode: Which cores the library binds itself to: ``high``, ``low``, ``full``, ``none`` …
        cores: The runner is bound to these, by number; to none where empty.
    """

    threads: int | None = None
    power_mode: str | None = None
    cores: tuple[int, ...] = ()

    def check(self) -> None:
        """Make sure that they go together.

        Raises:
            InputError: They do not.
        """
        if self.cores and self.power_mode not in (None, AS_IT_IS):
            raise InputError(
                f"--cores {','.join(map(str, self.cores))}",
                f"does not go together with power mode {self.power_mode}, which binds to cores of its own",
                "give one of the two",
            )

    def over(self, usual: RunSettings) -> RunSettings:
        """These, and for what they leave open the usual ones."""
        cores = self.cores or usual.cores
        # a power mode would bind to other cores than those that are asked for here
        mode = usual.power_mode if self.power_mode is None and not self.cores else self.power_mode
        return RunSettings(usual.threads if self.threads is None else self.threads, mode, cores)

    def words(self) -> list[str]:
        """Options of the runner's command line."""
        words = [] if self.threads is None else ["--threads", str(self.threads)]
        words += [] if self.power_mode is None else ["--power-mode", self.power_mode]
        return [*words, "--cores", ",".join(map(str, self.cores))] if self.cores else words

    def missed(self, greeting: Mapping[str, Any]) -> str:
        """What a runner does not do of it, as its greeting tells; empty where it does all, or does not tell.

        Args:
            greeting: See `edge.predictor.frames`.
        """
        parts = []
        threads = greeting.get("threads")
        if None not in (self.threads, threads) and self.threads != threads:
            parts.append(f"{self.threads} threads: its library has {threads}")
        mode = greeting.get("power_mode")
        if None not in (self.power_mode, mode) and self.power_mode != mode:
            parts.append(f"power mode {self.power_mode}: its library has none")
        if self.cores and sorted(self.cores) != (greeting.get("cores") or sorted(self.cores)):
            parts.append(f"cores {self.cores}: it runs on {greeting['cores']}")
        return "; ".join(parts)

    def require(self, subject: object, greeting: Mapping[str, Any]) -> None:
        """Make sure that a runner does all of it.

        Args:
            subject: The model, for messages.
            greeting: Of its runner.

        Raises:
            PredictorError: It does not.
        """
        if missed := self.missed(greeting):
            raise PredictorError(subject, f"cannot be run with {missed}", "leave that out for this device")


USUAL: Final = RunSettings()
"""Everything is left as it is."""
