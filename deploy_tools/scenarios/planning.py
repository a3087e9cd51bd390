"""From what a user asks for to a plan: every combination a case, in an order that changes little at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from deploy_tools.default_bundles import DEFAULT_MODELS
from deploy_tools.devices.base import NamedDevice
from deploy_tools.devices.settings import AS_IT_IS, USUAL, RunSettings
from deploy_tools.measurement.case import Case
from deploy_tools.scenarios.conditions import Conditions
from deploy_tools.scenarios.inputs import own_input, sized_input, timed_input
from deploy_tools.scenarios.opening import model_hash
from deploy_tools.scenarios.plan import Part, Plan, Unit
from deploy_tools.scenarios.size import Size
from edge.bundle.bundle import Bundle
from edge.errors import ImageError, InputError, TensorError
from edge.hashing import sha256_of


@dataclass(frozen=True)
class Wanted:
    """What networks are to be measured with; every combination is a case.

    Attributes:
        bundles: The networks.
        settings: Of the library.
        sizes: Heights and widths of the input; none for that of the golden input, or for times of
            :func:`deploy_tools.scenarios.inputs.timed_input`.
        file: Input tensor of the user's own; in place of sizes.
        paddle: Compare with Paddle too.
    """

    bundles: Sequence[Bundle]
    settings: Sequence[RunSettings] = (USUAL,)
    sizes: Sequence[Size] = ()
    file: Path | None = None
    paddle: bool = False


def plan_networks(
    scenario: str,
    devices: Sequence[NamedDevice],
    wanted: Wanted,
    conditions: Conditions,
    *,
    in_turn: bool = False,
    inventory: str = "",
) -> Plan:
    """A plan for networks one by one.

    Args:
        scenario: ``latency``, ``sweep``, ``sustained`` or ``parity``.
        devices: Each measures every case.
        wanted: The cases.
        conditions: Of measuring.
        in_turn: Measure all cases of a device in turn, A B B A …, not one after the other.
        inventory: File that names the devices.

    Raises:
        InputError: A size suits none of the networks, the input does not suit all, or settings do not go
            together.
    """
    for one in wanted.settings:
        one.check()
    inputs = [
        (bundle, shape, name)
        for bundle in wanted.bundles
        for shape, name in _inputs(scenario, bundle, wanted)
    ]
    _check_sizes(wanted, [(bundle, shape) for bundle, shape, _ in inputs])
    units: list[Unit] = []
    for device in devices:
        parts = _distinct(
            [
                _part(scenario, bundle, shape, name, settings, device.settings, wanted)
                for (bundle, shape, name), settings in product(inputs, wanted.settings)
            ]
        )
        groups = [tuple(parts)] if in_turn else [(part,) for part in parts]
        units += [Unit(device.name, group, conditions) for group in groups]
    return Plan(scenario, tuple(units), conditions, inventory)


def plan_photographs(
    devices: Sequence[NamedDevice],
    photographs: Sequence[Path],
    bundles: Mapping[str, Bundle | None],
    settings: RunSettings,
    conditions: Conditions,
    *,
    inventory: str = "",
) -> Plan:
    """A plan for a whole pipeline; a unit for each device.

    Args:
        devices: Each reads every photograph.
        photographs: Files.
        bundles: By task; None for the default one.
        settings: Of the library.
        conditions: Of measuring.
        inventory: File that names the devices.

    Raises:
        ImageError: A file cannot be read.
        InputError: The settings do not go together.
    """
    settings.check()
    details = _short_names(photographs)
    hashes = {task: model_hash(bundle) for task, bundle in bundles.items() if bundle is not None}
    names = [DEFAULT_MODELS[task] if one is None else one.manifest.name for task, one in bundles.items()]
    precisions = dict.fromkeys("fp32" if one is None else one.nb.precision for one in bundles.values())
    photograph_hashes = {path: _photograph_hash(path) for path in photographs}
    units = []
    for device in devices:
        used = settings.over(device.settings)
        parts = [
            Part(
                _case("ocr", "+".join(names), "+".join(precisions), (), used, detail, settings),
                {task: "" if one is None else str(one.folder.absolute()) for task, one in bundles.items()},
                {**hashes, path.name: photograph_hashes[path]},
                settings,
                str(path.absolute()),
            )
            for path, detail in zip(photographs, details, strict=True)
        ]
        units.append(Unit(device.name, tuple(parts), conditions))
    return Plan("ocr", tuple(units), conditions, inventory)


def settings_of(
    threads: Sequence[int], power_modes: Sequence[str], cores: tuple[int, ...] = ()
) -> list[RunSettings]:
    """Every combination; nothing given leaves that as it is."""
    return [
        RunSettings(count, mode, cores) for mode, count in product(power_modes or (None,), threads or (None,))
    ]


def _inputs(scenario: str, bundle: Bundle, wanted: Wanted) -> Iterator[tuple[tuple[int, ...], str]]:
    """Shape of every input of a network, and its name where it is the user's own."""
    if wanted.file is not None:
        yield own_input(bundle, wanted.file).shape, wanted.file.name
    elif not wanted.sizes:
        usual = bundle.golden()[0] if scenario == "parity" else timed_input(bundle)
        yield usual.shape, ""
    for height, width in wanted.sizes:
        try:
            yield sized_input(bundle, height, width).shape, ""
        except TensorError:
            continue  # of models for several tasks: it is another's size


def _check_sizes(wanted: Wanted, suited: Sequence[tuple[Bundle, tuple[int, ...]]]) -> None:
    """Make sure that every size suits a network, and every network takes one.

    Args:
        wanted: Has the sizes.
        suited: The networks, and the shapes that suit them.
    """
    found = {shape[2:] for _, shape in suited}
    for height, width in wanted.sizes:
        if (height, width) in found:
            continue
        try:
            sized_input(wanted.bundles[-1], height, width)
        except TensorError as error:
            names = ", ".join(str(bundle.folder) for bundle in wanted.bundles[:3])
            raise InputError(f"--size {height}x{width}", f"does not suit {names}", error.remedy) from None
    for bundle in wanted.bundles:
        if all(bundle is not one for one, _ in suited):
            raise InputError(bundle.folder, "takes none of the sizes", "give a --size that it takes")


def _part(
    scenario: str,
    bundle: Bundle,
    shape: tuple[int, ...],
    name: str,
    settings: RunSettings,
    usual: RunSettings,
    wanted: Wanted,
) -> Part:
    manifest = bundle.manifest
    task: str = manifest.task
    hashes = {task: model_hash(bundle)}
    if wanted.file is not None:
        hashes[wanted.file.name] = sha256_of(wanted.file)
    used = settings.over(usual)
    return Part(
        _case(scenario, manifest.name, bundle.nb.precision, shape, used, name, settings),
        {task: str(bundle.folder.absolute())},
        hashes,
        settings,
        "" if wanted.file is None else str(wanted.file.absolute()),
        wanted.paddle,
    )


def _case(
    scenario: str,
    subject: str,
    precision: str,
    shape: tuple[int, ...],
    used: RunSettings,
    detail: str,
    asked: RunSettings,
) -> Case:
    cores = f"cores {','.join(map(str, asked.cores))}" if asked.cores else ""
    return Case(
        scenario,
        subject,
        precision,
        tuple(shape),
        used.threads or 1,
        "" if used.power_mode in (None, AS_IT_IS) else str(used.power_mode),
        " / ".join(filter(None, (detail, cores))),
    )


def _distinct(parts: Sequence[Part]) -> list[Part]:
    """Parts whose cases differ: those that do not yet get the names of their folders.

    Raises:
        InputError: A bundle is named twice.
    """
    counts = Counter(part.case.key for part in parts)
    alike = [part for part in parts if counts[part.case.key] > 1]
    folders = [Path(folder) for part in alike for folder in part.bundles.values()]
    for folder, count in Counter((*part.bundles.values(), part.case.key) for part in alike).items():
        if count > 1:
            raise InputError(folder[0], "is named twice, under the same conditions", "name it once")
    names = dict(zip(folders, _short_names(folders), strict=True))

    def named(part: Part) -> Part:
        if counts[part.case.key] == 1:
            return part
        (folder,) = part.bundles.values()
        detail = " / ".join(filter(None, (names[Path(folder)], part.case.detail)))
        return replace(part, case=replace(part.case, detail=detail))

    return [named(part) for part in parts]


def _short_names(paths: Sequence[Path]) -> list[str]:
    """The ends of paths, as short as they still differ."""
    whole = [path.absolute().parts for path in paths]
    different = len(set(whole))
    count = 1
    while len({parts[-count:] for parts in whole}) < different:
        count += 1
    return ["/".join(parts[-count:]) for parts in whole]


def _photograph_hash(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError as error:
        raise ImageError(
            path, f"cannot be read ({error.strerror})", "check the path and its permissions"
        ) from None
