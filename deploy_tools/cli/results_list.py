"""``ppocr-edge results list``."""

from __future__ import annotations

import click

from deploy_tools.cli.console import print_json, remark, stdout_console
from deploy_tools.cli.results_option import results_option
from deploy_tools.cli.results_view import summary_json, summary_table
from deploy_tools.cli.visible import printable


@click.command(
    "list",
    epilog="""\b
Examples:
  ppocr-edge results list
  ppocr-edge results list --tag main --device pi4
  ppocr-edge results list --all --json
""",
)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many at most.")
@click.option("--all", "everything", is_flag=True, help="All of them.")
@click.option("--tag", metavar="TAG", help="Only runs that have this tag.")
@click.option("--scenario", metavar="NAME", help="Only runs of this scenario, such as latency or import.")
@click.option("--device", metavar="NAME", help="Only runs that used this device.")
@results_option
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def list_results(
    limit: int,
    everything: bool,
    tag: str | None,
    scenario: str | None,
    device: str | None,
    results: str | None,
    as_json: bool,
) -> None:
    """List runs, the newest first: what they measured, where, how much of it, and their tags."""
    from deploy_tools.results.opening import open_results
    from deploy_tools.results.place import results_place

    place = results_place(results)
    if results is None and place.path is not None and not place.path.exists():  # nothing is wrong with that
        found, more = [], False
    else:
        with open_results(results, create=False) as store:
            most = None if everything else limit + 1
            runs = store.runs(limit=most, tag=tag, scenario=scenario, device=device)
            found, more = list(runs if everything else runs[:limit]), not everything and len(runs) > limit
    if as_json:
        print_json([summary_json(one) for one in found])
    elif found:
        stdout_console().print(summary_table(found))
    elif tag or scenario or device:
        click.echo(printable(f"{place.shown} has no such runs"))
    else:
        click.echo(printable(f"{place.shown} holds no runs yet; measure with 'ppocr-edge measure'"))
    if more:
        remark("there are older ones: see --limit and --all")
