"""The folder of a result: what may be there already, and what is written where."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from edge.bundle.strict_json import strict_json
from edge.errors import InputError
from edge.hashing import sha256_of

WORK: Final = ".work"
MANIFEST: Final = "manifest.json"
FORMAT_KEY: Final = "slim"
FORMAT: Final = 1
REPORTS: Final = ("report.html", "report.json")
"""Not among the manifest's files: they tell times, which differ from run to run."""


def check_folder(out: Path) -> None:
    """Make sure that a result may be written to a folder.

    Raises:
        InputError: It is a file, or holds something that is neither a result nor the beginning of one.
    """
    if not os.path.lexists(out):
        return
    if not out.is_dir():
        raise InputError(f"-o {out}", "is no folder", "choose another one")
    try:
        names = {path.name for path in out.iterdir()}
    except OSError as error:
        raise InputError(f"-o {out}", f"cannot be read ({error.strerror})", "choose another folder") from None
    if names and WORK not in names and read_manifest(out) is None:
        raise InputError(f"-o {out}", "holds something else than a result of 'slim'", "choose another folder")


def read_manifest(out: Path) -> dict[str, Any] | None:
    """The manifest of a result; None where there is none."""
    try:
        values = strict_json((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return values if isinstance(values, dict) and values.get(FORMAT_KEY) == FORMAT else None


def differing(manifest: Mapping[str, Any], inputs: Mapping[str, Any]) -> str | None:
    """The name of the first input in which a finished result differs; None where there is none.

    Args:
        manifest: Of the result.
        inputs: What a run would be made from; all of it, or what is known so far.
    """
    theirs = manifest.get("inputs")
    if not isinstance(theirs, dict):
        return "recipe"
    return next((name for name, value in inputs.items() if theirs.get(name) != value), None)


def is_whole(out: Path, manifest: Mapping[str, Any]) -> bool:
    """Whether every file of a result is there as its manifest says, and its report too."""
    files = manifest.get("files")
    if not isinstance(files, dict) or not files:
        return False
    try:
        whole = all(sha256_of(out / name) == entry["sha256"] for name, entry in files.items())
    except (OSError, KeyError, TypeError):
        return False
    return whole and all((out / name).is_file() for name in REPORTS)


def put_in_place(result: Path, out: Path) -> None:
    """Move a finished result to its folder, its manifest last: what has one is whole.

    Args:
        result: Holds the manifest and everything else; on the same file system.
        out: The folder; what an older result left under the same names is replaced.
    """
    (out / MANIFEST).unlink(missing_ok=True)
    names = sorted(path.name for path in result.iterdir() if path.name != MANIFEST)
    for name in [*names, MANIFEST]:
        target = out / name
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        (result / name).replace(target)
    result.rmdir()
