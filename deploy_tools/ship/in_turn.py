"""Models of the last release and of this one in turn: how they are measured, and what that says."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deploy_tools.comparison.case import CaseComparison, compare_measurements, why_not
from deploy_tools.comparison.runs import Alone, RunComparison
from deploy_tools.comparison.settings import CompareSettings
from deploy_tools.comparison.words import summary
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.scenarios.plan import Part, Plan, Unit
from deploy_tools.ship.beside import LastModels
from deploy_tools.ship.reporter import Ended
from deploy_tools.ship.slower import stop_where_slower
from edge.bundle.bundle import Bundle
from edge.errors import InputError


def paired(new: Sequence[Unit], old: Sequence[Unit], top: str) -> list[Unit]:
    """Units that measure every new model in turn with the old one of its task.

    The case of an old one says so: its model is called ``NAME of TOP``. That of a new one is what it would be
    without the other, so that it can be compared with that of other runs.

    Args:
        new: Units of one model each, on one device.
        old: The same of the last release.
        top: ``NAME-VERSION`` of that.
    """
    by_task = {task: part for unit in old for part in unit.parts for task in part.bundles}
    units = []
    for unit in new:
        (part,) = unit.parts
        (task,) = part.bundles
        before = (_named(by_task[task], top),) if task in by_task else ()
        units.append(replace(unit, parts=(*before, part)))
    return units


def is_torn(plan: Plan, measured: Collection[tuple[str, str]]) -> bool:
    """Whether of two that are to be measured in turn one was, and the other was not.

    Args:
        plan: Of the run.
        measured: Device and key of every case that was measured.
    """
    return any(unit.without(measured) not in (unit, None) for unit in plan.units)


def _named(part: Part, top: str) -> Part:
    return replace(part, case=replace(part.case, subject=f"{part.case.subject} of {top}"))


@dataclass(frozen=True)
class InTurn:
    """What was measured of the last release and of this one, in one run.

    Attributes:
        last: Models of the last release.
        new: Of this one.
        measurements: Of both.
        threshold: By which share a model may be slower than the one before it.
    """

    last: LastModels
    new: Sequence[Bundle]
    measurements: Sequence[Measurement]
    threshold: float

    def judge(self, file: Path) -> Ended:
        """Compare every new model with the one before it.

        Args:
            file: With the run, for the command that looks closer.

        Raises:
            InputError: Nothing of the last release could be compared.
            Stopped: Something got slower.
        """
        compared = list(self._compared())
        cases = tuple(one for one in compared if isinstance(one, CaseComparison))
        alone = (*(one for one in compared if isinstance(one, Alone)), *self._only_before())
        settings = CompareSettings(threshold=self.threshold)
        comparison = RunComparison(self.last.top, "now", settings, cases, alone)
        words = list(dict.fromkeys(f"{one.case}: {one.why}" for one in alone))
        if not cases and not any(map(self.last.has, self.new)):
            raise InputError(
                f"measure.beside {self.last.top}",
                f"has no model that was measured with one of now ({', '.join(words)})",
                "name another release, or leave 'beside' out",
            )
        stop_where_slower(comparison, file, lambda case: _closer(case, file))
        return Ended(", ".join([*([summary(comparison)] if cases else []), *words]))

    def _compared(self) -> Iterator[CaseComparison | Alone]:
        """What became of every new model, on every device."""
        found = {(one.environment.device, _hash_of(one)): one for one in self.measurements}
        new = {bundle.nb.sha256: bundle for bundle in self.new}
        for (device, sha256), after in found.items():
            if sha256 not in new:
                continue
            task, old = new[sha256].manifest.task, self.last.beside(new[sha256])
            before = found.get((device, old.nb.sha256)) if old is not None else None
            if old is None:
                yield Alone(device, task, f"not in {self.last.top}")
            elif before is after:
                yield Alone(device, task, "the same model")
            elif before is None:
                yield Alone(device, task, f"that of {self.last.top} does not run on {device}")
            elif why := why_not(before) or why_not(after):
                yield Alone(device, task, f"{why} on {device}")
            else:
                yield compare_measurements(before, after, CompareSettings(threshold=self.threshold))

    def _only_before(self) -> Iterator[Alone]:
        processors = {bundle.nb.main_target for bundle in self.new}
        there = {(bundle.manifest.task, bundle.nb.main_target) for bundle in self.new}
        for task, processor in self.last.bundles:
            if processor in processors and (task, processor) not in there:
                yield Alone("", task, f"only in {self.last.top}")


def _hash_of(measurement: Measurement) -> str:
    (sha256,) = measurement.inputs.values()
    return sha256


def _closer(case: CaseComparison, file: Path) -> str:
    """The command that shows a case and nothing else."""
    old, new = (one.key.split(" / ") for one in (case.case_before, case.case))
    words = ["ppocr-edge", "compare", str(file), str(file), "--device", case.device]
    for subject in (case.case_before.subject, case.case.subject):
        words += ["--model", subject]
    for before, after in zip(old, new, strict=True):
        words += ["--pair", f"{before}={after}"] if before != after else []
    return shlex.join(words)
