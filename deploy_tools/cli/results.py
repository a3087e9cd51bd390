"""``ppocr-edge results``: what was measured, kept."""

from __future__ import annotations

from typing import Final

import click

from deploy_tools.cli.lazy_group import LazyGroup

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "list": ("deploy_tools.cli.results_list:list_results", "List runs, the newest first."),
    "show": ("deploy_tools.cli.results_show:show", "Show what a run measured, and where."),
    "export": ("deploy_tools.cli.results_export:export", "Write runs to a file, with every sample."),
    "import": (
        "deploy_tools.cli.results_import:import_results",
        "Take in runs of files, also Paddle-Lite's.",
    ),
    "tag": ("deploy_tools.cli.results_tag:tag", "Give a run names."),
    "untag": ("deploy_tools.cli.results_tag:untag", "Take names from a run."),
    "prune": ("deploy_tools.cli.results_prune:prune", "Forget runs."),
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    epilog="""\b
Examples:
  ppocr-edge results list
  ppocr-edge results show last
  ppocr-edge results tag 3f2a main
  ppocr-edge results export main -o main.json.gz
  ppocr-edge results import benchmark.txt --device pixel
  ppocr-edge results list --results postgresql://bench@db.lab/results
""",
)
def results() -> None:
    """Keep what was measured: every sample, where it was taken, and how warm it was there.

    A RUN is named by its id, the beginning of its id, a tag (the newest run that has it), or 'last'.
    """
