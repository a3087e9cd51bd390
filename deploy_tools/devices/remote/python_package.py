"""The Python runner as one file that any Python runs: the ``edge`` package in an archive."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

import edge

PACKAGE: Final = Path(edge.__file__).resolve().parent
_MAIN_FILE: Final = """\
import sys

from edge.runner.__main__ import main

sys.exit(main())
"""
_DATE: Final = (2020, 1, 1, 0, 0, 0)


def write_python_runner(target: Path) -> None:
    """Write the archive; of the same sources the same bytes, so that a device that has it is sent nothing.

    Args:
        target: ``FILE.zip``, run as ``python FILE.zip --serve …``.
    """
    with zipfile.ZipFile(target, "w") as archive:
        for source in sorted(PACKAGE.rglob("*.py")):
            _add(archive, source.relative_to(PACKAGE.parent).as_posix(), source.read_bytes())
        _add(archive, "__main__.py", _MAIN_FILE.encode())


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)
