"""``ppocr-edge models export``: training checkpoints become inference models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from deploy_tools.cli.console import print_json, stderr_console
from deploy_tools.cli.model_options import refuse_options
from edge.errors import InputError, ModelError
from edge.sizes import size_text

if TYPE_CHECKING:
    from deploy_tools.exporting.checkpoint import Checkpoint
    from deploy_tools.exporting.export import Exported

_KINDS: Final = ("trained", "pretrained", "slim-trained")
_OWN_OPTIONS: Final = ("like", "dictionary", "no_space")
_ZOO_OPTIONS: Final = ("kind", "source")
_SUFFIX: Final = "_infer"

EPILOG = """\b
Examples:
  ppocr-edge models export french_mobile_v2.0_rec
  ppocr-edge models export ch_ppocr_mobile_v2.0_rec --kind pretrained -o rec --source /mnt/mirror
  ppocr-edge models export my_training --like ch_ppocr_mobile_v2.0_rec --dict keys.txt -o mine
"""


@click.command("export", epilog=EPILOG)
@click.argument("model", metavar="NAME|PATH")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help=f"Folder that gets the model; default: NAME{_SUFFIX} in the current one.",
)
@click.option(
    "--kind",
    type=click.Choice(_KINDS),
    help="Which checkpoint; default: trained, of slim models slim-trained.",
)
@click.option("--source", help="Where to get it, as in 'models pull'.")
@click.option("--like", metavar="NAME", help="The published model whose network your own checkpoint has.")
@click.option(
    "--dict",
    "dictionary",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Dictionary of your own recognizer, where it is not that of --like.",
)
@click.option("--no-space", is_flag=True, help="That dictionary is not followed by a class for the space.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON.")
def export_command(model: str, output: Path | None, as_json: bool, **options: Any) -> None:
    """Make an inference model of a training checkpoint, and prove that every parameter has its place.

    NAME is a model of 'ppocr-edge models list', whose checkpoint is fetched; PATH is a .pdparams of your own
    or a folder with one. OUTPUT gets the inference model, a recognizer's dictionary, and a manifest by which
    'convert', 'evaluate' and 'slim' know what it is.
    """
    from deploy_tools.exporting.export import check_place, export_model

    is_path = Path(model).is_dir() or Path(model).is_file()
    name = Path(model).resolve().name.removesuffix(".pdparams") if is_path else model
    out = output or Path(f"{name}{_SUFFIX}")
    if not is_path:
        _require_name(model)
    check_place(out)
    checkpoint = _own(Path(model), options) if is_path else _from_zoo(model, options)
    with stderr_console().status(f"{checkpoint.name}: exporting"):
        exported = export_model(checkpoint, out)
    if as_json:
        print_json({"folder": str(out), **exported.manifest})
    else:
        _print(exported)


def _require_name(model: str) -> None:
    from slim.zoo.catalog import find_entry

    if "/" in model:
        raise ModelError(
            model, "is neither a checkpoint nor a model of the zoo", "see 'ppocr-edge models list'"
        )
    find_entry(model)


def _from_zoo(name: str, options: dict[str, Any]) -> Checkpoint:
    from deploy_tools.cli.models_progress import pull_progress
    from deploy_tools.exporting.checkpoint import checkpoint_kind, zoo_checkpoint
    from slim.zoo.catalog import find_entry
    from slim.zoo.entry import Kind
    from slim.zoo.pull import ensure
    from slim.zoo.sources import SourceSpec

    refuse_options(options, _OWN_OPTIONS, f"{name} is a model of the zoo, which knows it")
    kind = checkpoint_kind(find_entry(name), Kind(options["kind"]) if options["kind"] else None)
    source = SourceSpec.parse(options["source"]) if options["source"] else None
    with pull_progress() as progress:
        return zoo_checkpoint(ensure(name, kind, source, progress))


def _own(path: Path, options: dict[str, Any]) -> Checkpoint:
    from deploy_tools.exporting.checkpoint import own_checkpoint
    from slim.zoo.catalog import find_entry

    refuse_options(options, _ZOO_OPTIONS, f"{path} is a checkpoint of your own")
    if options["like"] is None:
        raise InputError(
            path,
            "is a checkpoint of your own, its network is not known",
            "name the published model it was trained like with --like NAME",
        )
    if options["no_space"] and options["dictionary"] is None:
        raise InputError(
            "--no-space", f"does not apply: {options['like']} has its dictionary", "give --dict too"
        )
    return own_checkpoint(
        path, find_entry(options["like"]), options["dictionary"], use_space=not options["no_space"]
    )


def _print(exported: Exported) -> None:
    click.echo(f"{exported.folder}  {size_text(exported.size)}  {exported.manifest['task']}  fp32")
    click.echo(f"Try      ppocr-edge convert {exported.folder} --target arm -o bundles")
