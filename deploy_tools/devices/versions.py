"""Whether a library takes what a version of ``opt`` wrote."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from edge.errors import PredictorError

# from 2.11 on opt fuses convolution and hard_swish, which libraries up to 2.9 take and leave out
_FUSES_FROM: Final = (2, 11)
_LEAVES_OUT_TO: Final = (2, 9)
_IN_LIBRARY: Final = re.compile(rb"\0(v[0-9]{1,2}\.[0-9]{1,3}(?:\.[0-9]{1,3})?(?:-[a-z0-9.]{1,12})?)\0")


def check_versions(
    subject: str, written: str, library: str, *, place: str, mend: str, force: bool = False
) -> str:
    """Make sure that a library has what a model needs, as far as versions tell.

    A newer library than ``opt`` computes the same; an older one may lack kernels and end when it loads the
    model, or worse. Libraries that somebody built report a commit: of those nothing is known.

    Args:
        subject: The model, for messages.
        written: Version of the opt that wrote it.
        library: Version of the library; empty where it is not known yet.
        place: Where the library is, for messages.
        mend: How a newer library is named.
        force: Let an older library try.

    Returns:
        What there is to remark; empty where the versions are the same, or one is not known yet.

    Raises:
        PredictorError: The library is older.
    """
    if not library or written == library:
        return ""
    there, wanted = _number(library), _number(written)
    if there and wanted and wanted > there and not force:
        garbage = "it leaves out the hard_swish fused into convolutions, and computes garbage without a word"
        harm = garbage if leaves_out_hard_swish(written, library) else "it may lack kernels of the model"
        raise PredictorError(
            subject,
            f"was written by opt {written}, the library on {place} is {library}: {harm}",
            f"{mend}; or add --force to see what comes out",
        )
    return f"opt {written} wrote the model, the library on {place} is {library}"


def version_in_library(path: Path) -> str:
    """The version that a library file says of itself; empty where it says none, or several.

    Raises:
        OSError: The file cannot be read.
    """
    found = {match.decode() for match in _IN_LIBRARY.findall(path.read_bytes())}
    return found.pop() if len(found) == 1 else ""


def leaves_out_hard_swish(written: str, library: str) -> bool:
    """Whether a library takes a model of this ``opt``, and computes garbage without a word.

    Args:
        written: Version of the opt that wrote it.
        library: Version of the library.
    """
    there = _number(library)
    return _number(written) >= _FUSES_FROM and () < there <= _LEAVES_OUT_TO


def _number(text: str) -> tuple[int, ...]:
    """``v2.13-rc`` as (2, 13); empty for a commit."""
    match = re.match(r"v?(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else ()
