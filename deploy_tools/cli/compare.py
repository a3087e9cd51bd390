"""``ppocr-edge compare``: whether something got slower."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from deploy_tools.cli.console import print_json, remark
from deploy_tools.cli.results_option import results_option
from edge.errors import InputError

if TYPE_CHECKING:
    from deploy_tools.comparison.runs import RunComparison
    from deploy_tools.comparison.sources import Source

EPILOG = """\b
Examples:
  ppocr-edge compare main last
  ppocr-edge compare main last --threshold 5 --model 'ch_*_det' --device pi4
  ppocr-edge compare 3f2a 91c0 --markdown > comment.md
  ppocr-edge compare before.json after.json --json
  ppocr-edge compare last last --pair ch_PP-OCRv4_det=my_slim_det --pair fp32=int8
"""


class _Number(click.FloatRange):
    """A number within bounds; what is none, which `float` takes, lies within all."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is no number.", param, ctx)
        return number


def _parse_pairs(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    pairs = {}
    for value in values:
        old, equals, new = (part.strip() for part in value.partition("="))
        if not (equals and old and new) or old == new:
            raise click.BadParameter(
                f"{value!r} is not OLD=NEW, write for example fp32=int8", context, parameter
            )
        pairs[old] = new
    return pairs


@click.command(epilog=EPILOG)
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option(
    "--threshold",
    type=_Number(0, 1000),
    default=3.0,
    show_default=True,
    metavar="PERCENT",
    help="Exit code 1 where a case is surely slower, and by more than this.",
)
@click.option(
    "--margin",
    type=_Number(0.1, 100),
    default=5.0,
    show_default=True,
    metavar="PERCENT",
    help="A case is the same where all of its interval lies within this.",
)
@click.option(
    "--confidence",
    type=_Number(50, 99.99),
    default=95.0,
    show_default=True,
    metavar="PERCENT",
    help="Of the intervals.",
)
@click.option(
    "--percentile",
    type=_Number(1, 99),
    default=50.0,
    show_default=True,
    metavar="P",
    help="What is compared; 50 is the median. Lower ones look past disturbances, but need more samples.",
)
@click.option(
    "--model", "models", multiple=True, metavar="NAME", help="Only these models; * for any letters."
)
@click.option(
    "--device", "devices", multiple=True, metavar="NAME", help="Only these devices; * for any letters."
)
@click.option(
    "--pair",
    "pairs",
    multiple=True,
    callback=_parse_pairs,
    metavar="OLD=NEW",
    help="Compare cases of A that have OLD with those of B that have NEW: models, precisions, threads.",
)
@results_option
@click.option("--markdown", is_flag=True, help="Print Markdown, for a pull request.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def compare(before: str, after: str, **options: Any) -> int:
    """Compare run B with run A: what got slower, what faster, what stayed the same, and what cannot be told.

    A and B are ids of runs, tags, 'last', or files: exports and what 'bench --json' printed. What is compared
    is the median of the steady state of every case that both measured on the same device. Slower or faster is
    what the interval of the ratio surely says; it knows that neighbouring samples resemble each other, and
    that two processes of one program differ.

    Exit code 1 where a case is slower by more than --threshold, 0 where none is, 2 for bad input.
    """
    from deploy_tools.comparison.json_form import comparison_to_json
    from deploy_tools.comparison.markdown import comparison_markdown
    from deploy_tools.comparison.sources import chosen, find_sources

    if options["markdown"] and options["as_json"]:
        raise InputError("--markdown", "does not go together with --json", "choose one")
    found = find_sources([before, after], options["results"])
    sources = found.sides
    if not options["pairs"] and (
        before == after or (sources[0].run_id and sources[0].run_id == sources[1].run_id)
    ):
        raise InputError(
            f"{before} {after}", "is one run twice", "name two runs, or what to compare in it by --pair"
        )
    sides = [chosen(source, options["models"], options["devices"]) for source in sources]
    comparison = _compare(sides, found.spread, options)
    if options["as_json"]:
        print_json(comparison_to_json(comparison))
    elif options["markdown"]:
        click.echo(comparison_markdown(comparison))
    else:
        from deploy_tools.cli.compare_view import show_comparison

        remark(
            ", ".join(
                f"{name}: {source.name}, {source.about}" for name, source in zip("AB", sources, strict=True)
            )
        )
        show_comparison(comparison)
    return 1 if comparison.regressions else 0


def _compare(
    sides: list[Source], spread: Mapping[tuple[str, str], float], options: dict[str, Any]
) -> RunComparison:
    """Compare, and see to it that there is something compared.

    Raises:
        InputError: There is not.
    """
    from deploy_tools.comparison.runs import compare_runs
    from deploy_tools.comparison.settings import CompareSettings

    before, after = sides
    settings = CompareSettings(
        threshold=options["threshold"] / 100,
        margin=options["margin"] / 100,
        confidence=options["confidence"] / 100,
        percentile=options["percentile"],
    )
    names = (before.name, after.name) if before.name != after.name else ("A", "B")
    comparison = compare_runs(
        before.measurements,
        after.measurements,
        settings,
        names=names,
        pairs=options["pairs"],
        spread=spread,
    )
    if not comparison.cases:
        found = "A and B have no case in common that could be compared"
        if comparison.alone:
            first = comparison.alone[0]
            found += f" (of {len(comparison.alone)}; {first.device}: {first.case}: {first.why})"
        raise InputError(
            f"{before.name} {after.name}",
            found,
            "see 'ppocr-edge results show', and check --model, --device and --pair",
        )
    return comparison
