"""``ppocr-edge inspect``: what a ``.nb`` file or a bundle is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploy_tools.cli.console import print_json, remark, warn
from deploy_tools.cli.visible import printable
from edge.errors import InputError
from edge.sizes import size_text

if TYPE_CHECKING:
    from edge.bundle.bundle import Bundle
    from edge.nb.model import NbModel

EPILOG = """\b
Examples:
  ppocr-edge inspect ch_ppocr_mobile_v2.0_det_slim_opt.nb
  ppocr-edge inspect --ops bundles/ch_PP-OCRv4_det-arm
  ppocr-edge inspect --json model.nb | jq -r ".[].nb.opt_version"
"""


@click.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE|BUNDLE...")
@click.option("--ops", is_flag=True, help="List every op with its kernel, in execution order.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of path, nb, manifest.")
def inspect(paths: tuple[Path, ...], ops: bool, as_json: bool) -> int:
    """Show what .nb files and bundles are: opt version, format, target, precision, size, ops.

    Reads any .nb, of this tool or not. A bundle's files are verified against its manifest. Goes on after a
    file that cannot be read; exit code 2 if any could not.
    """
    documents: list[dict[str, Any]] = []
    failures = 0
    for number, path in enumerate(paths):
        try:
            nb, bundle = _read(path)
        except InputError as error:
            if len(paths) == 1:
                raise
            failures += 1
            remark(error.one_line())
            continue
        if as_json:
            manifest = {"manifest": bundle.manifest.to_dict()} if bundle else {}
            documents.append({"path": str(path), "nb": nb.as_dict(), **manifest})
            continue
        if number:
            click.echo()
        _print(path, nb, bundle, ops=ops)
    if as_json:
        print_json(documents)
    if failures:
        remark(f"{len(paths) - failures} of {len(paths)} read, {failures} failed")
    return InputError.exit_code if failures else 0


def _read(path: Path) -> tuple[NbModel, Bundle | None]:
    from edge.bundle.bundle import load_bundle
    from edge.nb.model import read_nb

    if path.is_dir():
        bundle = load_bundle(path)
        return bundle.nb, bundle
    return read_nb(path), None


def _print(path: Path, nb: NbModel, bundle: Bundle | None, *, ops: bool) -> None:
    click.secho(printable(str(path)) + (" (bundle, every file verified)" if bundle else ""), bold=True)
    for label, value in [*_bundle_rows(bundle), *_nb_rows(nb)]:
        click.echo(f"  {label:<12} {printable(value)}")
    if ops:
        click.echo("  ops in order:")
        for number, op in enumerate(nb.ops):
            click.echo(f"  {number:>4}  {op.type:<28} {op.kernel}")
    for warning in bundle.manifest.warnings if bundle else ():
        warn(warning)


def _bundle_rows(bundle: Bundle | None) -> list[tuple[str, str]]:
    if bundle is None:
        return []
    manifest = bundle.manifest
    rows = [("model", f"{manifest.name} ({manifest.task})"), ("input", manifest.input.describe())]
    if manifest.classes:
        rows.append(("classes", f"{manifest.classes} ({manifest.dictionary})"))
    parameters = ", ".join(f"{name} {value}" for name, value in vars(manifest.parameters).items())
    rows.append(("parameters", parameters))
    if "origin" in manifest.source:
        rows.append(("from", str(manifest.source["origin"])))
    if manifest.golden:
        rows.append(
            ("golden", f"{manifest.golden.input} -> {manifest.golden.output} by {manifest.golden.made_by}")
        )
    return rows


def _nb_rows(nb: NbModel) -> list[tuple[str, str]]:
    ops = ", ".join(f"{count} {name}" for name, count in Counter(op.type for op in nb.ops).most_common())
    weights = ", ".join(f"{size_text(size)} {dtype}" for dtype, size in nb.weight_bytes.items())
    return [
        ("opt version", nb.opt_version),
        ("format", f"naive buffer, meta version {nb.meta_version}"),
        ("target", nb.main_target),
        ("precision", nb.precision),
        ("size", f"{size_text(nb.size)} ({nb.size} bytes)"),
        ("weights", weights or "none"),
        ("sha256", nb.sha256),
        ("kernels", ", ".join(f"{count} {place}" for place, count in nb.kernels.items())),
        ("ops", f"{len(nb.ops)}: {ops}"),
    ]
