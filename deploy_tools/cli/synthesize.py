"""``ppocr-edge synthesize``: labelled pictures of text, drawn with the installed fonts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from deploy_tools.cli.console import print_json, progress_bar, warn
from edge.errors import InputError

if TYPE_CHECKING:
    from deploy_tools.synthesis.writer import Written
    from slim.data.synthetic import SyntheticLines, SyntheticPages

EPILOG = """\b
Examples:
  ppocr-edge synthesize ch_ppocr_mobile_v2.0_rec -n 1000 -o words
  ppocr-edge synthesize ch_ppocr_mobile_v2.0_rec -n 200 --pages --seed 7 -o pages
  ppocr-edge synthesize keys.txt --no-space -n 5000 --text sentences.txt -o train --json
"""

_SIDES: Final = (160, 4096)
_SHOWN: Final = 20


def _parse_size(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[int, int] | None:
    if value is None:
        return None
    match = re.fullmatch(r"([0-9]{1,9})[xX]([0-9]{1,9})", value)
    low, high = _SIDES
    if match is None or not all(low <= int(side) <= high for side in match.groups()):
        raise click.BadParameter(
            f"{value!r} is not HEIGHTxWIDTH of {low} to {high} pixels, write for example 720x960",
            context,
            parameter,
        )
    return int(match[2]), int(match[1])


@click.command(epilog=EPILOG)
@click.argument("model_or_dict", metavar="MODEL_OR_DICT")
@click.option(
    "-n", "--count", type=click.IntRange(1, 1_000_000), required=True, help="How many pictures to draw."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder that gets them; an older data set there is replaced.",
)
@click.option("--pages", is_flag=True, help="Draw pages and signs, for detection; default: single lines.")
@click.option("--size", callback=_parse_size, metavar="HxW", help="Size of pages (default 720x960).")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=0,
    show_default=True,
    help="The same seed draws the same pictures.",
)
@click.option(
    "--text",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Draw lines of this text file.",
)
@click.option(
    "--no-space", is_flag=True, help="The recognizer of your dictionary has no class for the space."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def synthesize(model_or_dict: str, count: int, output: Path, as_json: bool, **options: Any) -> None:
    """Draw COUNT labelled pictures of text in the characters of MODEL_OR_DICT.

    That is a recognizer's name from 'ppocr-edge models list', or a dictionary file. Writes OUTPUT/images, the
    labels in PaddleOCR's format as OUTPUT/labels.txt, and OUTPUT/sheet.png to look at.
    """
    if options["size"] and not options["pages"]:
        raise InputError("--size", "is for pages, lines have the size they have", "add --pages")
    from deploy_tools.cli.models_progress import pull_progress
    from deploy_tools.synthesis.dictionary import find_characters
    from deploy_tools.synthesis.texts import read_texts
    from deploy_tools.synthesis.writer import check_place, write_synthetic
    from slim.data.synthetic import SIZE, SyntheticLines, SyntheticPages

    check_place(output)
    texts = read_texts(options["text"]) if options["text"] else None
    with pull_progress() as progress:
        found = find_characters(model_or_dict, use_space=not options["no_space"], progress=progress)
    draw = {"count": count, "seed": options["seed"], "texts": texts}
    items: SyntheticLines | SyntheticPages
    try:
        if options["pages"]:
            items = SyntheticPages(found.characters, size=options["size"] or SIZE, **draw)
        else:
            items = SyntheticLines(found.characters, **draw)
    except InputError as error:
        named = {"texts": f"--text {options['text']}", "dictionary": model_or_dict}
        raise InputError(named.get(error.subject, error.subject), error.found, error.remedy) from None
    with progress_bar("drawing", count) as bar:
        written = write_synthetic(
            items,
            output,
            seed=options["seed"],
            dictionary=found.name,
            drawn=lambda: bar.advance(bar.task_ids[0]) if bar else None,
        )
    _report(written, output, as_json=as_json)


def _report(written: Written, output: Path, *, as_json: bool) -> None:
    if written.missing:
        shown = written.missing[:_SHOWN] + ("…" if len(written.missing) > _SHOWN else "")
        warn(f"no installed font has {len(written.missing)} characters of {written.dictionary}: {shown}")
    if as_json:
        files = {"folder": str(output), "labels": str(output / "labels.txt")}
        print_json({**files, "sheet": str(output / "sheet.png"), **written.to_json()})
        return
    what = f"{written.count} {written.kind}"
    if written.kind == "pages":
        what += f" with {written.boxes} lines"
    click.echo(f"{output}/labels.txt  {what}, seed {written.seed}")
    click.echo(f"{output}/sheet.png   to look at")
