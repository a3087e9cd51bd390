"""``ppocr-edge convert``: an inference model becomes bundles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy_tools.cli.console import print_json, stderr_console, warn
from edge.errors import InputError

if TYPE_CHECKING:
    from deploy_tools.conversion.source import ModelSource
    from edge.bundle.bundle import Bundle

EPILOG = """\b
Examples:
  ppocr-edge convert ch_PP-OCRv4_det --target x86 -o bundles
  ppocr-edge convert ch_ppocr_mobile_v2.0_det --target arm --target x86 -o bundles
  ppocr-edge convert ch_PP-OCRv4_rec --target arm --weights int8 -o bundles
  ppocr-edge convert ./my_rec_infer --task rec --dict keys.txt --height 48 --target arm,opencl -o bundles
"""

_OPTIONS = {"dictionary": "--dict", "no_space": "--no-space"}


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
@click.option(
    "--kind",
    type=click.Choice(["inference", "slim-inference"]),
    help="Which published model; default: the inference model.",
)
@click.option("--source", help="Where to get the model: publisher, package, an address or a folder.")
@click.option("--task", type=click.Choice(["det", "cls", "rec"]), help="What a model of your own does.")
@click.option(
    "--dict",
    "dictionary",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Dictionary of your own recognizer.",
)
@click.option(
    "--height", type=click.IntRange(8, 512), help="Input height of your own recognizer (default 32)."
)
@click.option("--no-space", is_flag=True, help="Your own recognizer has no class for the space.")
@click.option("--json", "as_json", is_flag=True, help="Print the bundles' manifests as JSON.")
def convert(model: str, targets: tuple[str, ...], output: Path, as_json: bool, **options: Any) -> None:
    """Convert MODEL, a name from 'ppocr-edge models list' or a folder with an inference model, with opt.

    Writes one bundle per target: OUTPUT/NAME-TARGET with the .nb, the dictionary, parameters, a golden input
    and output, and a manifest. A bundle for x86 is run once and compared with Paddle.
    """
    from deploy_tools.conversion.options import conversion_options

    # all targets are checked before the first is converted
    asked = [conversion_options(t, fp16=options["fp16"], weights=options["weights"]) for t in targets]
    wanted = list(dict.fromkeys(asked))
    source = _find_source(model, options)
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


def _find_source(model: str, options: dict[str, Any]) -> ModelSource:
    from deploy_tools.conversion.source import folder_source, known_model, zoo_source
    from slim.zoo.entry import Kind
    from slim.zoo.pull import ensure
    from slim.zoo.sources import SourceSpec

    if Path(model).is_dir():
        _refuse(options, ("kind", "source"), f"{model} is a folder with a model of your own")
        _check_own_model(options)
        return folder_source(
            Path(model),
            options["task"],
            options["dictionary"],
            height=options["height"],
            use_space=not options["no_space"],
        )
    entry = known_model(model)
    known = f"{model} is a model of the zoo, which knows it"
    _refuse(options, ("task", "dictionary", "height", "no_space"), known)
    kind = Kind(options["kind"]) if options["kind"] else None
    source = SourceSpec.parse(options["source"]) if options["source"] else None
    return zoo_source(ensure(entry.name, kind, source))


def _refuse(options: dict[str, Any], names: tuple[str, ...], why: str) -> None:
    for name in names:
        if options[name]:
            option = _OPTIONS.get(name, f"--{name}")
            raise InputError(option, f"does not apply: {why}", f"leave {option} out")


def _check_own_model(options: dict[str, Any]) -> None:
    """Refuse what does not suit the task, and an unreadable dictionary, before anything is converted."""
    task, dictionary = options["task"], options["dictionary"]
    if task in ("det", "cls"):
        _refuse(options, ("dictionary", "height", "no_space"), f"it is for recognizers, --task is {task}")
    if dictionary is None:
        return
    from edge.ocr.charset import read_character_set

    try:
        read_character_set(dictionary, use_space=not options["no_space"])
    except InputError as error:
        raise InputError(
            f"--dict {dictionary}", error.found, "give a text file in UTF-8 with one character a line"
        ) from None


def _print_bundle(bundle: Bundle) -> None:
    nb = bundle.nb
    click.echo(
        f"{bundle.folder}  {nb.size / 1e6:.2f} MB  {nb.main_target} {nb.precision}  opt {nb.opt_version}"
    )
    for warning in bundle.manifest.warnings:
        warn(warning)
