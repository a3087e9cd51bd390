"""``ppocr-edge slim``: make a model small by a recipe, and know what it lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from deploy_tools.cli.console import print_json, remark, stderr_console, stdout_console
from deploy_tools.cli.host_options import host_options
from deploy_tools.processors import usual_threads
from edge.errors import InputError

if TYPE_CHECKING:
    from slim.pipeline.outcome import Outcome
    from slim.pipeline.preview import Preview
    from slim.pipeline.request import SlimRequest

EXIT_GATE_FAILED: Final = 3

EPILOG = """\b
Examples:
  ppocr-edge slim ch_ppocr_mobile_slim_v2.0_cls -o slim-cls --preview
  ppocr-edge slim ch_ppocr_mobile_slim_v2.0_cls -o slim-cls --evaluate words/labels.txt
  ppocr-edge slim ch_ppocr_mobile_slim_v2.0_det -o slim-det --train photographs=train.txt \\
      --evaluate photographs=test.txt --device qemu-arm64
  ppocr-edge slim ch_PP-OCRv4_det --recipe mine.yml -o early-look --evaluate test.txt --quick
  ppocr-edge convert slim-cls --target arm -o bundles

\b
A run that was interrupted, even by kill -9, goes on where it was when the same command is given again.
Exit code 3: a gate was failed; the model is there, and its manifest says so.
"""


@click.command(epilog=EPILOG)
@click.argument("name")
@click.option(
    "--recipe", metavar="FILE|NAME", help="A recipe, or the name of a shipped one; default: NAME's."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder of the result; needed unless --preview is given.",
)
@click.option(
    "--train",
    multiple=True,
    metavar="[SOURCE=]PATH",
    help="Label file or folder of pictures to train on, for a source of the recipe; repeatable.",
)
@click.option(
    "--evaluate",
    multiple=True,
    metavar="[SOURCE=]PATH",
    help="Label file or folder of pictures to judge by; repeatable.",
)
@click.option("--device", metavar="NAME", help="Measure the result there too, and judge by that.")
@click.option("--quick", is_flag=True, help="An early look in a few minutes; gates are shown, not judged.")
@click.option("--preview", is_flag=True, help="Say what would be done and how long it would take.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Instead of the recipe's.")
@host_options("--device")
@click.option("--again", is_flag=True, help="Replace the result of something else in the output folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest, or the preview, as JSON.")
def slim(name: str, output: Path | None, preview: bool, as_json: bool, **options: Any) -> int:
    """Make the model NAME small by a recipe: prune, distil, quantize, and measure what it lost.

    NAME is a model of 'ppocr-edge models list'. OUTPUT gets an inference model, ready for 'ppocr-edge
    convert', with a manifest and a report (report.html).
    """
    from slim.recipes.shipped import find_recipe

    if output is None and not preview:
        raise InputError("-o", "is missing", "name a folder for the result, or ask for a --preview")
    recipe = find_recipe(name, options["recipe"])
    request = _request(recipe, output or Path(), options)
    if preview:
        return _preview(request, as_json=as_json)
    from deploy_tools.cli.slim_progress import slim_progress
    from slim.pipeline.run import slim_model

    with slim_progress() as reporter:
        outcome = slim_model(request, reporter)
    if as_json:
        print_json(dict(outcome.manifest))
    else:
        _print_outcome(outcome)
    return _judged(outcome)


def _judged(outcome: Outcome) -> int:
    if not outcome.failed:
        return 0
    for verdict in outcome.manifest["verdicts"]:
        if verdict["passed"] is False:
            click.echo(f"ppocr-edge: gate failed: {verdict['line']}", err=True)
    return EXIT_GATE_FAILED


def _request(recipe: Any, output: Path, options: dict[str, Any]) -> SlimRequest:
    from deploy_tools.slimming import OptConverter, find_place
    from slim.pipeline.materials import EVALUATE, TRAIN, assign_paths
    from slim.pipeline.request import SlimRequest
    from slim.pipeline.run import check_place
    from slim.zoo.catalog import find_entry

    entry = find_entry(recipe.model)
    place = find_place(options["device"], entry, options["time_limit"]) if options["device"] else None
    request = SlimRequest(
        recipe=recipe,
        out=output,
        train=assign_paths(f"--{TRAIN}", options["train"], recipe.train),
        evaluate=assign_paths(f"--{EVALUATE}", options["evaluate"], recipe.evaluate),
        seed=recipe.seed if options["seed"] is None else options["seed"],
        threads=options["threads"] or usual_threads(),
        quick=options["quick"],
        again=options["again"],
        converter=OptConverter(),
        place=place,
    )
    check_place(request)
    return request


def _preview(request: SlimRequest, *, as_json: bool) -> int:
    from deploy_tools.cli.slim_view import preview_lines
    from slim.pipeline.preview import preview_run

    with stderr_console().status("measuring how long it would take"):
        found: Preview = preview_run(request)
    if as_json:
        print_json(found.to_json())
    else:
        click.echo("\n".join(preview_lines(found)))
    return 0


def _print_outcome(outcome: Outcome) -> None:
    from deploy_tools.cli.slim_view import outcome_lines

    if outcome.kept:
        remark(f"{outcome.out}: the result of this recipe is there already, nothing to do")
    for line in outcome_lines(outcome.manifest):
        stdout_console().print(line, markup=False)
    click.echo(f"Look at  {outcome.out / 'report.html'}   what each step gained and lost, with pictures")
    click.echo(f"Try      ppocr-edge convert {outcome.out} --target arm -o bundles")
