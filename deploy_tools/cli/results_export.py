"""``ppocr-edge results export``."""

from __future__ import annotations

from pathlib import Path

import click

from deploy_tools.cli.console import print_json, remark, tracked
from deploy_tools.cli.results_option import results_option
from deploy_tools.cli.results_view import counted
from deploy_tools.cli.visible import printable


@click.command(
    epilog="""\b
Examples:
  ppocr-edge results export last -o run.json
  ppocr-edge results export main v1.2 -o both.json.gz
  ppocr-edge results export last -o - | ssh build ppocr-edge results import -
""",
)
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    required=True,
    metavar="FILE",
    help="File that gets them, compressed where it ends in .gz; - is standard output.",
)
@results_option
def export(runs: tuple[str, ...], output: Path, results: str | None) -> None:
    """Write RUNs to a file, with every sample and picture: for another store, or to be read by a program."""
    from deploy_tools.results.export_file import write_export
    from deploy_tools.results.imports.exported import export_values
    from deploy_tools.results.opening import open_results

    with open_results(results, create=False) as store:
        ids = dict.fromkeys(store.find(run).id for run in runs)
        records = [store.export_run(one) for one in tracked(ids, "reading", len(ids))]
    if str(output) == "-":
        print_json(export_values(records))
        return
    write_export("-o", output, records)
    count = sum(len(record.measurements) for record in records)
    what = f"{counted(len(records), 'run')} with {counted(count, 'measurement')}"
    remark(printable(f"wrote {what} to {output}"))
