"""``ppocr-edge results import``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from deploy_tools.cli.console import print_json, tracked
from deploy_tools.cli.results_option import results_option
from deploy_tools.cli.results_view import counted
from deploy_tools.cli.visible import printable


@click.command(
    "import",
    epilog="""\b
Examples:
  ppocr-edge results import run.json.gz
  ppocr-edge results import bench.json --tag before
  ./benchmark_bin --optimized_model_file=det.nb … | tee benchmark.txt      # on the device
  ppocr-edge results import benchmark.txt --device pixel --model ch_PP-OCRv4_det
""",
)
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    metavar="FILE...",
)
@click.option("--device", metavar="NAME", help="Device they are from; needed where they do not say it.")
@click.option("--model", metavar="NAME", help="Model that was measured; default: as they say.")
@click.option("--precision", metavar="NAME", help="Of the model, such as int8; default: as they say.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Give the runs this tag; repeatable.")
@results_option
@click.option("--json", "as_json", is_flag=True, help="Print what was imported as JSON.")
def import_results(
    files: tuple[Path, ...],
    device: str | None,
    model: str | None,
    precision: str | None,
    tags: tuple[str, ...],
    results: str | None,
    as_json: bool,
) -> None:
    """Take in the runs of FILES: exports, what 'bench --json' printed, and what Paddle-Lite's programs print.

    Those are benchmark_bin, benchmark.sh and the C++ demos. Where they give averages alone, without samples,
    these are kept as such: nothing can be compared with them. What is there already is not taken in twice.
    """
    from deploy_tools.results.imports.choice import read_results
    from deploy_tools.results.imports.naming import Naming
    from deploy_tools.results.opening import open_results
    from deploy_tools.results.tags import check_tag

    for tag in tags:
        check_tag(tag)
    naming = Naming(device, model, precision)
    records = [(path, record) for path in files for record in read_results(path, naming)]
    rows: list[dict[str, Any]] = []
    with open_results(results) as store:
        for path, record in tracked(records, "importing", len(records)):
            added = store.import_run(record)
            for tag in tags:
                store.tag(record.run.id, tag)
            there = len(record.measurements) - added
            rows.append({"file": str(path), "run": record.run.id, "new": added, "already_there": there})
    if as_json:
        print_json(rows)
        return
    for row in rows:
        known = f", {row['already_there']} were there already" if row["already_there"] else ""
        new = counted(row["new"], "measurement")
        click.echo(printable(f"{row['run']}  {new} of {row['file']}{known}"))
