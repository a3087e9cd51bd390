"""What a run is to measure: units, each for one device. Values that can be written down and sent away."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from deploy_tools.devices.settings import USUAL, RunSettings
from deploy_tools.measurement.case import Case
from deploy_tools.measurement.json_form import case_from_json, case_to_json
from deploy_tools.measurement.measurement import Measurement
from deploy_tools.scenarios.conditions import Conditions, conditions_from_json
from edge.errors import InputError

FORMAT: Final = 1
Measuring = Generator[Measurement, None, None]
"""What measures a unit: every measurement as soon as it is there."""


@dataclass(frozen=True)
class Part:
    """One case, and what is needed to measure it.

    Attributes:
        case: What comes of it.
        bundles: Folders by task; empty names stand for the default bundle of the task.
        hashes: SHA-256 of what is measured, by its name; whoever measures makes sure that it still is that.
        settings: Of the library.
        file: A photograph, or an input tensor of the user's own; empty where there is none.
        paddle: Compare with Paddle on this host too.
    """

    case: Case
    bundles: Mapping[str, str]
    hashes: Mapping[str, str] = field(default_factory=dict)
    settings: RunSettings = USUAL
    file: str = ""
    paddle: bool = False


@dataclass(frozen=True)
class Unit:
    """What is measured in one piece on one device.

    Attributes:
        device: Its name.
        parts: At least one. Of ``latency`` several are measured in turn, A B B A …; of ``ocr`` they are
            photographs for one pipeline, one after the other.
        conditions: Of measuring.
    """

    device: str
    parts: tuple[Part, ...]
    conditions: Conditions

    @property
    def scenario(self) -> str:
        """Of all its cases."""
        return self.parts[0].case.scenario

    def without(self, measured: Collection[tuple[str, str]]) -> Unit | None:
        """What is left of it.

        Args:
            measured: Device and key of what need not be measured again.

        Returns:
            A unit of the other parts; None where there are none. What is measured in turn stays together.
        """
        left = tuple(part for part in self.parts if (self.device, part.case.key) not in measured)
        return replace(self, parts=left) if left else None


@dataclass(frozen=True)
class Plan:
    """Everything that a run measures.

    Attributes:
        scenario: Of the run.
        units: In the order in which each device measures them.
        conditions: Of measuring; the same for all units.
        inventory: File that names the devices; empty for the user's own.
    """

    scenario: str
    units: tuple[Unit, ...]
    conditions: Conditions
    inventory: str = ""

    @property
    def devices(self) -> list[str]:
        """Names of the devices, each once."""
        return list(dict.fromkeys(unit.device for unit in self.units))

    @property
    def cases(self) -> list[tuple[str, str]]:
        """Device and key of every case."""
        return [(unit.device, part.case.key) for unit in self.units for part in unit.parts]

    def left(self, measured: Collection[tuple[str, str]]) -> list[Unit]:
        """Units of what is not measured yet."""
        return [rest for unit in self.units if (rest := unit.without(measured)) is not None]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        units = [
            {"device": one.device, "parts": [_part_to_json(part) for part in one.parts]} for one in self.units
        ]
        return {
            "format": FORMAT,
            "scenario": self.scenario,
            "conditions": self.conditions.to_json(),
            "inventory": self.inventory,
            "units": units,
        }


def plan_from_json(values: Mapping[str, Any], subject: str) -> Plan:
    """The reverse.

    Args:
        values: What `Plan.to_json` gave.
        subject: What they stand in, for messages.

    Raises:
        InputError: They are not such values, or those of another version.
    """
    if values.get("format") != FORMAT:
        raise InputError(
            subject, "holds no plan that this version could go on with", "begin a new run instead of --resume"
        )
    try:
        conditions = conditions_from_json(values["conditions"])
        units = tuple(
            Unit(one["device"], tuple(_part_from_json(part) for part in one["parts"]), conditions)
            for one in values["units"]
        )
        return Plan(str(values["scenario"]), units, conditions, str(values["inventory"]))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(subject, f"holds a damaged plan ({error})", "begin a new run") from None


def _part_to_json(part: Part) -> dict[str, Any]:
    settings = {**asdict(part.settings), "cores": list(part.settings.cores)}
    return {
        "case": case_to_json(part.case),
        "bundles": dict(part.bundles),
        "hashes": dict(part.hashes),
        "settings": settings,
        "file": part.file,
        "paddle": part.paddle,
    }


def _part_from_json(values: Mapping[str, Any]) -> Part:
    settings = values["settings"]
    return Part(
        case=case_from_json(values["case"]),
        bundles=dict(values["bundles"]),
        hashes=dict(values["hashes"]),
        settings=RunSettings(**{**settings, "cores": tuple(map(int, settings["cores"]))}),
        file=str(values["file"]),
        paddle=bool(values["paddle"]),
    )
