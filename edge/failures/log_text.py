"""A log as plain lines: without colours, carriage returns and the prefixes that loggers add."""

from __future__ import annotations

import re
from typing import Final

_ANSI: Final = re.compile(r"\x1b(?:\[[0-9;:?]*[A-Za-z]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

# logcat: `threadtime`, `time` and `brief`, and as Android Studio shows it
_LOGCAT: Final = re.compile(
    r"^(?:"
    r"(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d+ +\d+(?:[ -]+\d+)? +(?:[^\s/]+/)?[VDIWEFAS](?: +|/)[^:\n]*?: "
    r"|(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d+(?: +\d+-\d+/\S+)? +[VDIWEFAS]/[^(:\n]*(?:\( *\d+\))?: "
    r"|[VDIWEFAS]/[^(:\n]*\( *\d+\): "
    r")",
    re.MULTILINE,
)


# no telling line is longer; a binary dump without line ends must not slow the search down
MAX_LINE: Final = 4000


def plain(text: str) -> str:
    r"""The text with ``\n`` line ends, without escape sequences, control characters and logcat prefixes.

    Lines are cut at `MAX_LINE` characters.
    """
    text = _ANSI.sub("", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "\n".join(line[:MAX_LINE] for line in text.split("\n"))
    return _LOGCAT.sub("", _CONTROLS.sub("", text))
