"""Reading a file that says what to sweep over, every key checked.

::

    sweep: 1
    bundles: [bundles/det-arm, bundles/det-slim-arm]     # from the file's folder
    devices: [pi4, pixel]
    threads: [1, 2, 4]
    power_mode: [high, low]
    size: [320x320, 640x640]
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy_tools.devices.inventory.reading import MOST_THREADS, path_in
from deploy_tools.scenarios.size import Size, parse_size
from edge.runner.arguments import POWER_MODES
from slim.recipes.document import DocumentKind, parse_document, read_text
from slim.recipes.fields import Fields

FORMAT: Final = 1
KIND: Final = DocumentKind("sweep", "docs/measure.md")


@dataclass(frozen=True)
class SweepFile:
    """What a file says; empty where it says nothing of it.

    Attributes:
        bundles: Folders.
        devices: Names.
        threads: Counts.
        power_modes: Which cores a library uses.
        sizes: Heights and widths.
    """

    bundles: tuple[Path, ...] = ()
    devices: tuple[str, ...] = ()
    threads: tuple[int, ...] = ()
    power_modes: tuple[str, ...] = ()
    sizes: tuple[Size, ...] = ()


def read_sweep(path: Path) -> SweepFile:
    """Read a file.

    Raises:
        InputError: It cannot be read, or something in it is unknown or impossible; the message names the line
            and the key.
    """
    name = str(path)
    fields = Fields(parse_document(read_text(path, KIND), name, KIND), name, whole=KIND.noun)
    if (found := fields.whole("sweep")) != FORMAT:
        fields.refuse("sweep", f"is format {found}", f"this version reads format {FORMAT}")
    folder = path.absolute().parent
    sweep = SweepFile(
        tuple(path_in(fields, "bundles", word, folder) for word in fields.texts("bundles", ())),
        fields.texts("devices", ()),
        fields.wholes("threads", (), least=1, most=MOST_THREADS),
        _modes(fields),
        _sizes(fields),
    )
    fields.finish()
    return sweep


def _modes(fields: Fields) -> tuple[str, ...]:
    found = fields.texts("power_mode", ())
    for mode in found:
        if mode not in POWER_MODES:
            fields.refuse("power_mode", f"is {mode!r:.60}", f"write some of {', '.join(POWER_MODES)}")
    return found


def _sizes(fields: Fields) -> tuple[Size, ...]:
    sizes = []
    for text in fields.texts("size", ()):
        try:
            sizes.append(parse_size(text))
        except ValueError as error:
            fields.refuse("size", str(error), "write for example [320x320, 640x640]")
    return tuple(sizes)
