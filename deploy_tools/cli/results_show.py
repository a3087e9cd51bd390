"""``ppocr-edge results show``."""

from __future__ import annotations

import click

from deploy_tools.cli.console import print_json
from deploy_tools.cli.results_option import results_option
from deploy_tools.cli.results_view import record_json, show_record


@click.command(
    epilog="""\b
Examples:
  ppocr-edge results show last
  ppocr-edge results show main --device pi4
  ppocr-edge results show 3f2a --json
""",
)
@click.argument("run", metavar="RUN")
@click.option("--device", metavar="NAME", help="Only what was measured on this device.")
@results_option
@click.option("--json", "as_json", is_flag=True, help="Print figures and environments as JSON.")
def show(run: str, device: str | None, results: str | None, as_json: bool) -> None:
    """Show what RUN measured: percentiles of every case, what was flagged or failed, and where it was.

    The samples themselves are in an export.
    """
    from deploy_tools.results.opening import open_results
    from deploy_tools.results.record import RunRecord

    with open_results(results, create=False) as store:
        record = store.export_run(store.find(run).id)
    if device is not None:
        there = tuple(one for one in record.measurements if one.environment.device == device)
        record = RunRecord(record.run, record.finished, there)
    if as_json:
        print_json(record_json(record))
    else:
        show_record(record)
