"""How the command line ends: every known error in one line, quietly when interrupted or nobody listens."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final, TextIO

import click

from deploy_tools.cli.visible import printable
from edge.errors import PpocrEdgeError

EXIT_INTERRUPTED: Final = 130
EXIT_BAD_INPUT: Final = 2
_ASK_TO_END: Final = (signal.SIGTERM, signal.SIGHUP)


class _Terminated(KeyboardInterrupt):
    """A signal asked us to end: everything is tidied up as after Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def run_to_end(work: Callable[[], int], *, debug: bool) -> int:
    """Do the work of a command.

    Args:
        work: Returns the exit code.
        debug: Show the traceback of an error before its line.

    Returns:
        The exit code: that of the work; 2 after bad input; 130 after Ctrl-C; 128 + N after signal N.
    """
    _open_standard_streams()
    _print_what_can_be_printed()
    try:
        with _signals_as_exceptions():
            code = work()
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return EXIT_BAD_INPUT
    except (PpocrEdgeError, click.ClickException) as error:
        if debug:
            _write(traceback.format_exc())
        _complain(_one_line(error))
        return EXIT_BAD_INPUT
    except (click.Abort, KeyboardInterrupt) as error:
        _complain("interrupted")
        return 128 + error.number if isinstance(error, _Terminated) else EXIT_INTERRUPTED
    except BrokenPipeError:  # `ppocr-edge … | head` closed the pipe: not an error
        _discard_the_rest()
        return 0
    except (OSError, MemoryError) as error:
        if debug:
            _write(traceback.format_exc())
        _discard_the_rest()
        _complain(_system_error(error))
        return EXIT_BAD_INPUT
    return code


def _open_standard_streams() -> None:
    """Make sure that descriptors 0, 1 and 2 are taken.

    Daemons and some cron jobs start programs with them closed; files and pipes of our own would then get
    these numbers, and libraries would write into them.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < 3:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


def _one_line(error: PpocrEdgeError | click.ClickException) -> str:
    if isinstance(error, PpocrEdgeError):
        return error.one_line()
    context = getattr(error, "ctx", None)
    hint = f" (see '{context.command_path} --help')" if isinstance(context, click.Context) else ""
    return " ".join(error.format_message().split()) + hint


def _system_error(error: OSError | MemoryError) -> str:
    if isinstance(error, MemoryError):
        return "not enough memory; close other programs, or use smaller images"
    named = error.filename is not None
    where = os.fsdecode(error.filename) if named else "reading or writing"
    return f"{where}: {error.strerror or error}; check free space and permissions"


def _complain(line: str) -> None:
    _write(f"ppocr-edge: {printable(line)}\n")


def _write(text: str) -> None:
    with contextlib.suppress(OSError):  # nobody listens
        click.echo(text, err=True, nl=False)


def _discard_the_rest() -> None:
    """Send what is still to be printed nowhere, or Python complains about it at its end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # it is no real file, or none at all
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _print_what_can_be_printed() -> None:
    """Print escapes for what standard output cannot take: Chinese where it is ASCII, odd names of files."""
    stream: TextIO | None = sys.stdout
    if stream is None:  # it was closed before we were started
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
    # in UTF-8 surrogateescape gives a file's name back as the bytes it has; elsewhere it fails on text
    elif isinstance(stream, io.TextIOWrapper) and (
        stream.errors == "strict" or (stream.errors == "surrogateescape" and stream.encoding != "utf-8")
    ):
        stream.reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def _signals_as_exceptions() -> Iterator[None]:
    def end(number: int, _: FrameType | None) -> None:
        raise _Terminated(number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # what is ignored (nohup) stays ignored
    changed = [number for number in _ASK_TO_END if signal.getsignal(number) is signal.SIG_DFL]
    for number in changed:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)
