"""Options that all of ``ppocr-edge measure`` have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from deploy_tools.cli.bundle_options import MAX_SECONDS, FiniteRange, device_options
from deploy_tools.cli.cluster_options import cluster_option
from deploy_tools.cli.results_option import results_option
from edge.errors import InputError
from edge.runner.arguments import POWER_MODES

if TYPE_CHECKING:
    from deploy_tools.devices.settings import RunSettings
    from deploy_tools.scenarios.conditions import Conditions
    from deploy_tools.scenarios.planning import Wanted

F = TypeVar("F", bound=Callable[..., Any])
MOST_RUNS: Final = 1_000_000


def words_of(read: Callable[[str], Any]) -> Callable[..., tuple[Any, ...]]:
    """What reads an option of words with commas between them; empty where it is not given.

    Args:
        read: Turns a word into a value; raises ValueError with a message where it cannot.
    """

    def read_all(context: click.Context, parameter: click.Parameter, text: str | None) -> Any:
        if text is None:
            return ()
        try:
            found = tuple(read(word.strip()) for word in text.split(","))
        except ValueError as error:
            raise click.BadParameter(str(error), context, parameter) from None
        if len(set(found)) != len(found):
            raise click.BadParameter(f"{text!r:.60} names something twice", context, parameter)
        return found

    return read_all


def read_threads(word: str) -> int:
    """A number of threads.

    Raises:
        ValueError: It is none.
    """
    from deploy_tools.devices.inventory.reading import MOST_THREADS

    if not re.fullmatch("[0-9]{1,9}", word) or not 1 <= int(word) <= MOST_THREADS:
        raise ValueError(f"{word!r:.60} is no number of threads, write 1 to {MOST_THREADS}")
    return int(word)


def read_mode(word: str) -> str:
    """A power mode.

    Raises:
        ValueError: It is none.
    """
    if word not in POWER_MODES:
        raise ValueError(f"{word!r:.60} is no power mode, write one of {', '.join(POWER_MODES)}")
    return word


def read_core(word: str) -> int:
    """The number of a core.

    Raises:
        ValueError: It is none.
    """
    if not re.fullmatch("[0-9]{1,3}", word):
        raise ValueError(f"{word!r:.60} is no number of a core, write for example 0,1")
    return int(word)


def read_size(word: str) -> tuple[int, int]:
    """A height and a width.

    Raises:
        ValueError: They are none.
    """
    from deploy_tools.scenarios.size import parse_size

    return parse_size(word)


def setting_options(command: F) -> F:
    """Add ``--threads``, ``--power-mode`` and ``--cores``; of the first two several may be given."""
    for option in (
        click.option(
            "--cores",
            callback=words_of(read_core),
            metavar="N[,N...]",
            help="Bind the runner to these cores, by number.",
        ),
        click.option(
            "--power-mode",
            "power_modes",
            callback=words_of(read_mode),
            metavar="MODE[,MODE...]",
            help=f"Which cores the library binds itself to: {', '.join(POWER_MODES)}. ARM alone.",
        ),
        click.option(
            "--threads",
            callback=words_of(read_threads),
            metavar="N[,N...]",
            help="Threads of the library; default: as the device's entry says, or 1.",
        ),
    ):
        command = option(command)
    return command


def size_option(command: F) -> F:
    """Add ``--size``."""
    return click.option(
        "--size",
        "sizes",
        callback=words_of(read_size),
        metavar="HxW[,HxW...]",
        help="Input heights and widths; default: that of the bundle's golden input.",
    )(command)


def sampling_options(runs: int, seconds: float, limit: float) -> Callable[[F], F]:
    """Add ``--runs``, ``--seconds``, ``--limit`` and ``--warmup``, with these defaults."""

    def add(command: F) -> F:
        for option in (
            click.option(
                "--warmup",
                type=FiniteRange(0, MAX_SECONDS),
                default=10.0,
                show_default=True,
                help="Seconds after which warming up ends, steady or not.",
            ),
            click.option(
                "--limit",
                type=FiniteRange(0.1, MAX_SECONDS),
                default=limit,
                show_default=True,
                help="Seconds after which a case ends, whatever there is.",
            ),
            click.option(
                "--seconds",
                type=FiniteRange(0, MAX_SECONDS),
                default=seconds,
                show_default=True,
                help="Measure each case for at least so long.",
            ),
            click.option(
                "--runs",
                type=click.IntRange(1, MOST_RUNS),
                default=runs,
                show_default=True,
                help="Measure each case at least so often.",
            ),
        ):
            command = option(command)
        return command

    return add


def measure_options(command: F) -> F:
    """Add what every scenario has: devices, cooling down, where results go, ``--resume`` and ``--json``."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print every sample as JSON."),
        click.option(
            "--resume",
            metavar="RUN",
            help="Go on with a run: an id, a tag, or last. What it measures is known from it.",
        ),
        click.option("--no-save", is_flag=True, help="Do not store the results."),
        results_option,
        click.option(
            "--tag", "tags", multiple=True, metavar="TAG", help="Name for the run, such as main; repeatable."
        ),
        click.option(
            "--cool-down",
            type=FiniteRange(0, MAX_SECONDS),
            default=120.0,
            show_default=True,
            help="Seconds a hot device may take before each case to get as cool as it was at first.",
        ),
    ):
        command = option(command)
    return device_options(cluster_option(command))


def conditions_of(options: Mapping[str, Any], **more: Any) -> Conditions:
    """Conditions as options say them.

    Args:
        options: Values of the options; those a scenario does not have keep their default.
        more: Instead of an option.
    """
    from deploy_tools.scenarios.conditions import Conditions

    names = ("runs", "seconds", "limit", "warmup", "cool_down", "force", "min_score", "tolerance")
    given = {name: options[name] for name in names if options.get(name) is not None}
    return Conditions(**{**given, "run_seconds": options["time_limit"], **more})


def wanted_of(options: Mapping[str, Any], folders: Iterable[Path], **more: Any) -> Wanted:
    """What networks are measured with, as options say it.

    Args:
        options: Values of `setting_options` and `size_option`.
        folders: Of the bundles.
        more: What else `Wanted` has.

    Raises:
        BundleError: A bundle cannot be used.
    """
    from deploy_tools.scenarios.planning import Wanted
    from edge.bundle.bundle import load_bundle

    return Wanted([load_bundle(one) for one in folders], settings_in(options), options["sizes"], **more)


def settings_in(options: Mapping[str, Any]) -> list[RunSettings]:
    """Every combination of the values of `setting_options`."""
    from deploy_tools.scenarios.planning import settings_of

    return settings_of(options["threads"], options["power_modes"], options["cores"])


def one_each(options: Mapping[str, Any], what: str) -> None:
    """Make sure that settings have one value each.

    Raises:
        InputError: They have several, which is a sweep's.
    """
    for name, option in (("threads", "--threads"), ("power_modes", "--power-mode"), ("sizes", "--size")):
        if len(options.get(name, ())) > 1:
            raise InputError(
                option, f"has several values, {what} takes one", "use 'ppocr-edge measure sweep'"
            )
