"""``python -m edge.runner``: the on-device runner."""

from __future__ import annotations

import os
import sys

from edge.runner.arguments import Arguments, parse_arguments
from edge.runner.child import claim_stdout, end_at_once_on_ctrl_c, end_with, forbid_core_files
from edge.runner.error import RunnerError
from edge.runner.scheduling import bind_to


def main() -> int:
    """Run the program.

    Returns:
        The exit code: 0, 1 where an output is not what it should be, 2 after a line that says what cannot be
        used.
    """
    end_at_once_on_ctrl_c()
    arguments = parse_arguments(sys.argv[1:])
    forbid_core_files()
    if arguments.lifeline is not None:
        end_with(arguments.lifeline)
    # one thread keeps results and timings the same from run to run; the x86 build gains nothing from more
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    stdout = claim_stdout()
    try:
        return _run(arguments, stdout)
    except (RunnerError, ImportError) as error:
        print(f"runner: {error}", file=sys.stderr)  # noqa: T201
        return 2


def _run(arguments: Arguments, stdout: int) -> int:
    if arguments.cores:  # before the library is there: its threads inherit it
        bind_to(arguments.cores)
    # not at the top: a wrong option is told without waiting for the library
    from edge.runner.check import check_model
    from edge.runner.lite import LiteEngine
    from edge.runner.once import run_once
    from edge.runner.serve import serve

    if not arguments.serve:  # whoever asks for --serve has read the model, and has a bundle to vouch for it
        check_model(arguments.model)
    engine = LiteEngine(
        arguments.model,
        max_predictors=arguments.max_predictors,
        memory_limit_mb=arguments.memory_limit,
        threads=arguments.threads,
        power_mode=arguments.power_mode,
    )
    if not arguments.serve:
        return 0 if run_once(engine, arguments, stdout) else 1
    serve(engine, stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
