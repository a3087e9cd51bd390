"""``package`` as on another machine."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

_CODE: Final = """
import os, sys, time
os.umask(0o077)
time.tzset()
real = time.time
time.time = lambda: real() + 4e7
from deploy_tools.cli.main import main
sys.exit(main(["package", *sys.argv[1:]]))
"""


def package_elsewhere(*words: object) -> None:
    """Run it with another umask, time zone, locale, hash seed and year; it must succeed."""
    environment = {**os.environ, "TZ": "Pacific/Chatham", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", _CODE, *map(str, words)]
    subprocess.run(command, env=environment, capture_output=True, check=True)
