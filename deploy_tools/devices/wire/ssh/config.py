"""``~/.ssh/config`` and the system's, as OpenSSH reads them, ``Include`` too."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from edge.errors import InputError
from edge.folders import expand_user

_SYSTEM: Final = Path("/etc/ssh/ssh_config")
_BLOCK: Final = re.compile(r"(host|match)[\s=]", re.IGNORECASE)
_INCLUDE: Final = re.compile(r"include(?:\s*=\s*|\s+)(.+)", re.IGNORECASE)
_FILES: Final = re.compile(r"(userknownhostsfile|globalknownhostsfile)(?:\s*=\s*|\s+)(.+)", re.IGNORECASE)
_DEEPEST: Final = 16


def ssh_folder() -> Path:
    """``~/.ssh``."""
    return Path.home() / ".ssh"


def text_of(file: Path) -> str | None:
    """What is in a file of OpenSSH's; None where there is no such file.

    Raises:
        InputError: It cannot be read.
    """
    try:
        return file.read_text(encoding="utf-8", errors="surrogateescape")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(file, f"cannot be read ({error.strerror})", "see its permissions") from None


def read_config() -> Any:
    """All that is configured, the user's file before the system's.

    Returns:
        A ``paramiko.SSHConfig``, which does not know ``Include`` by itself.

    Raises:
        InputError: A file has a line that is none.
    """
    from paramiko import ConfigParseError, SSHConfig

    config = SSHConfig()
    for file, folder in ((ssh_folder() / "config", ssh_folder()), (_SYSTEM, _SYSTEM.parent)):
        try:
            config.parse(_lines(file, folder))
        except ConfigParseError as error:
            raise InputError(file, str(error), "mend that line") from None
    return config


def _lines(file: Path, folder: Path, block: str = "Host *", depth: int = 0) -> Iterator[str]:
    if depth > _DEEPEST:
        raise InputError(
            file, f"is included more than {_DEEPEST} files deep", "see whether it includes itself"
        )
    text = text_of(file)
    if text is None:
        return
    # what stands before any block is for every host, wherever the file was included
    yield block
    for line in map(str.strip, text.splitlines()):
        if _BLOCK.match(line):
            block = line
        if included := _INCLUDE.fullmatch(line):
            for pattern in shlex.split(included[1], comments=True):
                for path in _matching(pattern, folder):
                    yield from _lines(path, folder, block, depth + 1)
            yield block
        elif files := _FILES.fullmatch(line):
            # the library takes the quotes off around all of a value, which here may be several words
            yield f'{files[1]} "{files[2]}"'
        else:
            yield line


def _matching(pattern: str, folder: Path) -> list[Path]:
    path = folder / expand_user(pattern)
    return sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
