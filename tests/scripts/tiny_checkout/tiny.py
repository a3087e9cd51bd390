"""A command that says how it was called."""

import json
import os
import sys


def main() -> None:
    """Print the arguments and the folder as JSON."""
    import tinydep  # type: ignore[import-not-found]

    print(json.dumps({"arguments": sys.argv[1:], "folder": os.getcwd(), "dependency": tinydep.VERSION}))
