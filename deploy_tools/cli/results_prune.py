"""``ppocr-edge results prune``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

import click

from deploy_tools.cli.console import print_json
from deploy_tools.cli.results_option import results_option
from deploy_tools.cli.results_view import counted, summary_json, summary_line
from edge.errors import InputError

_UNITS: Final = {"h": "hours", "d": "days", "w": "weeks"}


def _parse_age(context: click.Context, parameter: click.Parameter, value: str | None) -> timedelta | None:
    if value is None:
        return None
    match = re.fullmatch(r"([0-9]{1,5})([hdw])", value)
    if match is None:
        raise click.BadParameter(f"{value!r} is no age, write for example 90d, 12h or 8w", context, parameter)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


@click.command(
    epilog="""\b
Examples:
  ppocr-edge results prune --older-than 90d --dry-run
  ppocr-edge results prune --keep 100
  ppocr-edge results prune 3f2a 77b0
""",
)
@click.argument("runs", nargs=-1, metavar="[RUN...]")
@click.option("--keep", type=click.IntRange(0), metavar="N", help="Forget all but the newest N.")
@click.option(
    "--older-than", callback=_parse_age, metavar="AGE", help="Forget those older than 90d, 12h, 8w."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be forgotten.")
@results_option
@click.option("--json", "as_json", is_flag=True, help="Print what was forgotten as JSON.")
def prune(
    runs: tuple[str, ...],
    keep: int | None,
    older_than: timedelta | None,
    dry_run: bool,
    results: str | None,
    as_json: bool,
) -> None:
    """Forget runs, with all their samples.

    Named RUNs go whatever they are. With --keep and --older-than (with both: what both say) those with tags
    stay, and so do those that may still be under way.
    """
    from deploy_tools.results.opening import open_results
    from deploy_tools.results.pruning import worth_forgetting

    chosen = keep is not None or older_than is not None
    if bool(runs) == chosen:
        found = "does not go together with --keep and --older-than" if runs else "is missing"
        raise InputError("RUN", found, "name runs, or give --keep or --older-than")
    with open_results(results, create=False) as store:
        if runs:
            forgotten = [store.summary(one) for one in dict.fromkeys(store.find(run).id for run in runs)]
        else:
            forgotten = worth_forgetting(store.runs(), keep=keep or 0, older_than=older_than)
        if not dry_run:
            store.delete([one.run.id for one in forgotten])
    if as_json:
        print_json([{**summary_json(one), "forgotten": not dry_run} for one in forgotten])
        return
    for one in forgotten:
        click.echo(summary_line(one))
    count = counted(len(forgotten), "run")
    click.echo(f"would forget {count}" if dry_run else f"forgot {count}")
