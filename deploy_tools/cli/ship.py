"""``ppocr-edge ship``: the whole way, from names of models to a signed release."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from deploy_tools.cli.allow_option import allow_option
from deploy_tools.cli.console import print_json, remark
from deploy_tools.cli.host_options import host_options
from deploy_tools.cli.results_option import results_option
from deploy_tools.cli.signing_options import read_signing, signing_options
from deploy_tools.processors import usual_threads
from edge.errors import InputError

if TYPE_CHECKING:
    from deploy_tools.ship.recipe import ShipRecipe
    from deploy_tools.ship.request import ShipRequest

EXIT_STOPPED: Final = 1

EPILOG: Final = """\b
Examples:
  ppocr-edge ship ch_ppocr_mobile_v2.0-quick -o releases
  ppocr-edge ship ch_ppocr_mobile_v2.0 -o releases --version 1.2.0 --device pi4 --key release.key
  ppocr-edge ship ch_ppocr_mobile_v2.0 --print-recipe > ship.yml
  ppocr-edge ship ship.yml -o releases --version 1.2.0 --key ci.key --password-file /run/secrets/password

\b
Ended at any moment, even by kill -9, it goes on where it was when the same command is given again.
Exit code 1: a gate was failed, outputs differ, or something got slower, and nothing is packed. 2: a mistake.
"""


@click.command(epilog=EPILOG)
@click.argument("recipe")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that gets NAME-VERSION; needed unless --print-recipe is given.",
)
@click.option("--version", help="Of the release; default: the recipe's.")
@click.option(
    "--device",
    "devices",
    multiple=True,
    metavar="NAME[,NAME...]",
    help="Measure there, instead of on the recipe's measure.devices; repeatable.",
)
@allow_option(
    "Let pass what would be refused, besides what the recipe allows, and write that into the release."
)
@signing_options
@results_option
@host_options("a device", first="the recipe's, or ")
@click.option("--again", is_flag=True, help="Replace a release of this name and version that is another one.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--print-recipe", is_flag=True, help="Print a shipped recipe, to change it.")
@click.option("--json", "as_json", is_flag=True, help="Print what was made, or why not, as JSON.")
def ship(recipe: str, output: Path | None, as_json: bool, **options: Any) -> int:
    """Go the whole way by RECIPE: pull, make small, judge, convert, measure, pack, sign and verify models.

    RECIPE is a file, or the name of a shipped one. Every step is kept in OUTPUT/.work when it is done, under
    what it was made of. Nothing is packed that failed a gate.
    """
    from deploy_tools.ship.shipped import find_ship_recipe, shipped_text

    if options["print_recipe"]:
        click.echo(shipped_text(recipe), nl=False)
        return 0
    if output is None:
        raise InputError("-o", "is missing", "name a folder for the release")
    request = _request(_with_options(find_ship_recipe(recipe), options), output, options)
    if options["dry_run"]:
        return _plan(request, as_json=as_json)
    return _go(request, as_json=as_json)


def _with_options(recipe: ShipRecipe, options: dict[str, Any]) -> ShipRecipe:
    """The recipe, with what options say instead of it."""
    from deploy_tools.devices.inventory.names import split_names
    from deploy_tools.release.contents.policy import ALLOW

    measuring = recipe.measuring
    if options["devices"]:
        measuring = replace(measuring, devices=tuple(split_names(",".join(options["devices"]))))
    allowed = {*recipe.allow, *options["allow"]}
    version = options["version"] if options["version"] is not None else recipe.version
    return replace(
        recipe, version=version, measuring=measuring, allow=tuple(word for word in ALLOW if word in allowed)
    )


def _request(recipe: ShipRecipe, output: Path, options: dict[str, Any]) -> ShipRequest:
    from deploy_tools.ship.request import ShipRequest

    signing = read_signing(options["key"], options["password_file"], options["expires"])
    return ShipRequest(
        recipe=recipe,
        out=output,
        threads=options["threads"] or recipe.threads or usual_threads(),
        key=signing.key,
        expires=signing.end,
        again=options["again"],
        results=options["results"],
        run_seconds=options["time_limit"],
    )


def _plan(request: ShipRequest, *, as_json: bool) -> int:
    from deploy_tools.cli.ship_view import plan_lines
    from deploy_tools.ship.shipping import plan_ship

    steps = plan_ship(request)
    if as_json:
        print_json([{"step": line.verb, "what": line.what} for line in steps])
    else:
        click.echo("\n".join(plan_lines(request, steps)))
    return 0


def _go(request: ShipRequest, *, as_json: bool) -> int:
    from deploy_tools.cli.package_view import print_remarks
    from deploy_tools.cli.ship_progress import ship_progress
    from deploy_tools.cli.ship_view import shipped_json, shipped_lines, stopped_lines
    from deploy_tools.ship.shipping import ship
    from deploy_tools.ship.stopped import Stopped

    try:
        with ship_progress(request) as reporter:
            shipped = ship(request, reporter)
    except Stopped as stopped:
        if as_json:
            print_json(stopped.to_json())
        click.echo("\n".join(stopped_lines(stopped)), err=True)
        return EXIT_STOPPED
    except KeyboardInterrupt:
        remark(f"what is done is kept in {request.work}: the same command goes on there")
        raise
    if as_json:
        print_json(shipped_json(shipped))
    else:
        click.echo("\n".join(shipped_lines(request, shipped)))
    print_remarks(shipped.gathered, shipped.written, request.key, request.expires)
    return 0
