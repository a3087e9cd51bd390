"""``ppocr-edge report``: what was measured, as one page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from deploy_tools.cli.console import progress_bar, remark
from deploy_tools.cli.results_option import results_option
from deploy_tools.cli.results_view import counted
from deploy_tools.cli.visible import printable
from edge.errors import InputError
from edge.sizes import size_text


@click.command(
    epilog="""\b
Examples:
  ppocr-edge report -o report.html                              the last run
  ppocr-edge report 3f2a 77c0 -o report.html                    these runs
  ppocr-edge report --tag main --last 20 -o report.html         the history of a tag
  ppocr-edge report --tag main --bundles bundles -o report.html with sizes and accuracies of the models
  ppocr-edge report pi4.json.gz pixel.json.gz -o report.html    exports of others
""",
)
@click.argument("runs", nargs=-1, metavar="[RUN|FILE]...")
@click.option("--tag", metavar="TAG", help="Runs with this tag, and how cases went from one to the next.")
@click.option("--last", type=click.IntRange(1), metavar="N", help="The newest N runs, of those with the tag.")
@click.option(
    "--bundles",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder with bundles, results of slim or what 'evaluate --json' printed: for sizes and accuracies. "
    "Repeatable.",
)
@click.option("--title", default="", metavar="TEXT", help="Title of the page.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE.html",
    help="File that gets the page.",
)
@results_option
def report(runs: tuple[str, ...], output: Path, **options: Any) -> None:
    """Draw RUNs as one page that needs no network: for a phone or a wide screen, by day and by night.

    RUN is an id or its beginning, a tag or 'last'; FILE is what 'results import' takes. Without either it is
    the last run.
    """
    from deploy_tools.report.write import check_page

    check_page("-o", output)
    from deploy_tools.report.gather import gather
    from deploy_tools.results.reference import is_file
    from deploy_tools.whole_file import check_replaces_none

    files = [Path(one) for one in runs if is_file(one)]
    check_replaces_none("-o", output, [output], files, kind="file of results")
    if runs and options["last"] is not None and options["tag"] is None:
        raise InputError(f"--last {options['last']}", "does not go with runs that are named", "leave one out")
    from deploy_tools.report.material import Material
    from deploy_tools.report.models import read_models
    from deploy_tools.report.page import report_page
    from deploy_tools.report.write import write_page

    models = read_models(options["bundles"])
    with _told("reading runs") as told:
        found = gather(
            runs, tag=options["tag"], last=options["last"], results=options["results"], progress=told
        )
    material = Material(found, tag=options["tag"] or "", models=models)
    with _told("drawing") as told:
        page = report_page(material, title=options["title"], progress=told)
    size = write_page("-o", output, page)
    what = f"{counted(len(found), 'run')}, {counted(len(material.newest), 'case')}"
    remark(printable(f"wrote {output}: {what}, {size_text(size)}"))


@contextmanager
def _told(label: str) -> Iterator[Callable[[int, int], None]]:
    with progress_bar(label, 2) as bar:

        def tell(done: int, total: int) -> None:
            if bar is not None:
                bar.update(bar.task_ids[0], completed=done, total=total)

        yield tell
