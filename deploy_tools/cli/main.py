"""Entry point of ``ppocr-edge``: finds the command and runs it to its end."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

import click

from deploy_tools.cli.ending import run_to_end
from deploy_tools.cli.lazy_group import LazyGroup

_PROGRAM: Final = "ppocr-edge"
_COMPLETE: Final = "_PPOCR_EDGE_COMPLETE"  # set by the shell when it asks how a word could go on

# command -> (module:attribute, one line of help). The module is imported only when the command is used,
# so that `ppocr-edge --help` never waits for numpy or Paddle.
COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "demo": ("deploy_tools.cli.demo:demo", "Read a sample page end to end and show the result."),
    "models": ("deploy_tools.cli.models:models", "List, describe, fetch and export the published models."),
    "convert": ("deploy_tools.cli.convert:convert", "Turn an inference model into a .nb bundle with opt."),
    "inspect": ("deploy_tools.cli.inspect:inspect", "Show what a .nb file or a bundle is."),
    "run": ("deploy_tools.cli.run:run", "Read the text in images."),
    "evaluate": ("deploy_tools.cli.evaluate:evaluate", "Measure how accurate a model is."),
    "bench": ("deploy_tools.cli.bench:bench", "Measure a bundle's latency and memory."),
    "measure": ("deploy_tools.cli.measure:measure", "Measure so that figures can be trusted, and keep them."),
    "results": ("deploy_tools.cli.results:results", "Keep, show, tag, export and import what was measured."),
    "compare": ("deploy_tools.cli.compare:compare", "Tell whether one run is slower than another."),
    "report": ("deploy_tools.cli.report:report", "Draw what was measured as one page."),
    "synthesize": (
        "deploy_tools.cli.synthesize:synthesize",
        "Draw labelled pictures of text in any dictionary.",
    ),
    "slim": ("deploy_tools.cli.slim:slim", "Make a model small by a recipe: prune, distil, quantize."),
    "package": ("deploy_tools.cli.package:package", "Make a release of bundles that passed their gates."),
    "ship": ("deploy_tools.cli.ship:ship", "Go the whole way: from names of models to a signed release."),
    "keys": ("deploy_tools.cli.keys:keys", "Make and show keys that releases are signed with."),
    "verify": ("deploy_tools.cli.verify:verify", "Tell whether a release is what its maker signed."),
    "install": ("deploy_tools.cli.install:install", "Put a release on devices, and go back."),
    "runner": ("deploy_tools.cli.runner:runner", "Build the native runner for a board."),
    "devices": ("deploy_tools.cli.devices:devices", "Name boards and phones, and see what they are."),
    "worker": ("deploy_tools.cli.worker:worker", "Offer this host's devices to others."),
    "scheduler": ("deploy_tools.cli.scheduler:scheduler", "Run what workers and clients meet at."),
    "doctor": ("deploy_tools.cli.doctor:doctor", "Find out what is wrong with a device, or in a log."),
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Every command has --help with examples. --debug, anywhere, shows the traceback of an error.",
)
@click.version_option(package_name="ppocr-edge", prog_name="ppocr-edge")
def app() -> None:
    """OCR on phones and ARM boards: PP-OCR models, slimmed, converted, run and measured on Paddle-Lite."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Words after the program name; ``sys.argv`` where None.

    Returns:
        The exit code: 0, a command's own, 2 for bad input, 130 after Ctrl-C.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words or os.environ.get("PPOCR_EDGE_DEBUG", "") not in ("", "0")
    words = [word for word in words if word != "--debug"]
    return run_to_end(lambda: _run(words), debug=debug)


def _run(words: list[str]) -> int:
    if _COMPLETE in os.environ:
        app.main(args=words, prog_name=_PROGRAM, complete_var=_COMPLETE)
    try:
        # not app.main(): it would answer Ctrl-C and a closed pipe in its own ways
        with app.make_context(_PROGRAM, words) as context:
            code = app.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(main())
