"""``ppocr-edge convert``: an inference model becomes bundles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy_tools.cli.console import print_json, stderr_console, warn
from deploy_tools.cli.model_options import find_source, model_options
from edge.sizes import size_text

if TYPE_CHECKING:
    from edge.bundle.bundle import Bundle

EPILOG = """\b
Examples:
  ppocr-edge convert ch_PP-OCRv4_det --target x86 -o bundles
  ppocr-edge convert ch_ppocr_mobile_v2.0_det --target arm --target x86 -o bundles
  ppocr-edge convert ch_PP-OCRv4_rec --target arm --weights int8 -o bundles
  ppocr-edge convert ./my_rec_infer --task rec --dict keys.txt --height 48 --target arm,opencl -o bundles
"""


@click.command(epilog=EPILOG)
@click.argument("model")
@click.option("--target", "targets", multiple=True, required=True, help="arm, x86 or arm,opencl; repeatable.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder that gets the bundles.",
)
@click.option("--fp16", is_flag=True, help="Compute in half precision (ARMv8.2 and later).")
@click.option(
    "--weights", type=click.Choice(["int8", "int16"]), help="Store weights as integers, compute in float."
)
@model_options
@click.option("--json", "as_json", is_flag=True, help="Print the bundles' manifests as JSON.")
def convert(model: str, targets: tuple[str, ...], output: Path, as_json: bool, **options: Any) -> None:
    """Convert MODEL, a name from 'ppocr-edge models list' or a folder with an inference model, with opt.

    Writes one bundle per target: OUTPUT/NAME-TARGET with the .nb, the dictionary, parameters, a golden input
    and output, and a manifest. A bundle for x86 is run once and compared with Paddle.
    """
    from deploy_tools.conversion.options import conversion_options, for_model

    # all targets are checked before the first is converted
    asked = [conversion_options(t, fp16=options["fp16"], weights=options["weights"]) for t in targets]
    source = find_source(model, options)
    wanted = list(dict.fromkeys(for_model(one, source.weights) for one in asked))
    # slow imports come after what a typing error can make go wrong
    from deploy_tools.conversion.bundle_writer import write_bundle
    from deploy_tools.conversion.checks import refuse_known_garbage

    for one in wanted:
        refuse_known_garbage(source, one)
    console = stderr_console()
    bundles = []
    for one in wanted:
        with console.status(f"{source.name}: converting for {one.target}"):
            bundles.append(write_bundle(source, one, output))
        if not as_json:
            _print_bundle(bundles[-1])
    if as_json:
        print_json([{"folder": str(bundle.folder), **bundle.manifest.to_dict()} for bundle in bundles])


def _print_bundle(bundle: Bundle) -> None:
    nb = bundle.nb
    click.echo(
        f"{bundle.folder}  {size_text(nb.size)}  {nb.main_target} {nb.precision}  opt {nb.opt_version}"
    )
    for warning in bundle.manifest.warnings:
        warn(warning)
