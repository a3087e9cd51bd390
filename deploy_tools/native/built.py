"""A built runner: a folder with the program, the library it needs, and a manifest that vouches for both."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.hashing import sha256_of

PROGRAM: Final = "ppocr_runner"
MANIFEST: Final = "manifest.json"
FORMAT: Final = "ppocr-edge-runner"


@dataclass(frozen=True)
class BuiltRunner:
    """A runner for one target and library.

    Attributes:
        folder: Where it is; the program finds the library there.
        target: Name of the build target.
        key: Hash of everything it was made of.
        library: File name of the Paddle-Lite library.
        compiler: What compiled it.
        beside: File names of other libraries that it needs.
    """

    folder: Path
    target: str
    key: str
    library: str
    compiler: str
    beside: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """Names of everything that must lie in one folder on the device; the program comes first."""
        return (PROGRAM, self.library, *self.beside)

    @property
    def program(self) -> Path:
        """The program."""
        return self.folder / PROGRAM

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        texts = {"folder": str(self.folder), "program": str(self.program), "beside": list(self.beside)}
        return {**vars(self), **texts}


def write_manifest(runner: BuiltRunner, origin: dict[str, str]) -> None:
    """Write the manifest of a folder that holds program and library.

    Args:
        runner: The runner.
        origin: sha256 of what it was made of, by name.
    """
    manifest = {
        "format": FORMAT,
        "target": runner.target,
        "key": runner.key,
        "library": runner.library,
        "compiler": runner.compiler,
        "beside": list(runner.beside),
        "made_of": origin,
        "files": {name: sha256_of(runner.folder / name) for name in runner.files},
    }
    (runner.folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def is_runner(folder: Path) -> bool:
    """Whether nothing is in a folder but a runner, whole or not."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        known = {MANIFEST, *manifest["files"]} if manifest["format"] == FORMAT else set()
        return {path.name for path in folder.iterdir()} <= known
    except (OSError, ValueError, KeyError, TypeError):
        return False


def read_runner(folder: Path) -> BuiltRunner | None:
    """The runner in a folder; None where there is none, or it is not whole."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            return None
        names = ("target", "key", "library", "compiler")
        beside = tuple(map(str, manifest.get("beside", ())))
        runner = BuiltRunner(folder, **{name: str(manifest[name]) for name in names}, beside=beside)
        whole = all(sha256_of(folder / name) == manifest["files"][name] for name in runner.files)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return runner if whole else None
