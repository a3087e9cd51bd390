"""``ppocr-edge results tag`` and ``untag``."""

from __future__ import annotations

import click

from deploy_tools.cli.results_option import results_option
from deploy_tools.cli.visible import printable


@click.command(
    epilog="""\b
Examples:
  ppocr-edge results tag last main
  ppocr-edge results tag 3f2a v1.2 release
""",
)
@click.argument("run", metavar="RUN")
@click.argument("tags", nargs=-1, required=True, metavar="TAG...")
@results_option
def tag(run: str, tags: tuple[str, ...], results: str | None) -> None:
    """Give RUN names. Of several runs that have a name, the newest is meant by it."""
    from deploy_tools.results.opening import open_results
    from deploy_tools.results.tags import check_tag

    for name in tags:  # all can be tags, or none is given
        check_tag(name, "TAG")
    with open_results(results, create=False) as store:
        found = store.find(run)
        for name in tags:
            store.tag(found.id, name)
        click.echo(printable(f"{found.id}  {', '.join(store.find(found.id).tags)}"))


@click.command(
    epilog="""\b
Examples:
  ppocr-edge results untag last main
  ppocr-edge results untag 3f2a release
""",
)
@click.argument("run", metavar="RUN")
@click.argument("tags", nargs=-1, required=True, metavar="TAG...")
@results_option
def untag(run: str, tags: tuple[str, ...], results: str | None) -> None:
    """Take names from RUN. The run itself stays."""
    from deploy_tools.results.opening import open_results
    from edge.errors import InputError

    with open_results(results, create=False) as store:
        found = store.find(run)
        for name in tags:  # all are there, or none is taken
            if name not in found.tags:
                has = f"it has {', '.join(found.tags)}" if found.tags else "it has none"
                raise InputError(f"run {found.id}", f"has no tag {name!r:.80}", has)
        for name in dict.fromkeys(tags):
            store.untag(found.id, name)
        click.echo(printable(f"{found.id}  {', '.join(store.find(found.id).tags) or 'has no tags now'}"))
