"""Stand-ins for Paddle-Lite's C++ and Java APIs and for Android's, in `stand_in_sources`, and their building.

What they stand in for is not on this host. Their models are computed all the same, by the x86 library: each
run is a process of the runner that the environment variable RUNNER names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

SOURCES: Final = Path(__file__).parent / "stand_in_sources"
JSON: Final = Path("/usr/share/java/com.android.json.jar")
"""Android's ``org.json``, which Debian has."""


def need(*programs: str) -> None:
    """Skip where a program, given as ``PROGRAM:PACKAGE``, is not here."""
    for word in programs:
        program, _, package = word.partition(":")
        if shutil.which(program) is None and not Path(program).is_file():
            pytest.skip(f"no {program} here (apt-get install {package or program})")


def build(*words: object, folder: Path) -> str:
    """Run a command in a folder; what it writes to standard output."""
    done = subprocess.run(
        [*map(str, words)], cwd=folder, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def runner_environment(folder: Path) -> dict[str, str]:
    """Where the stand-ins compute: with this Python; what they write goes into a folder."""
    checkout = str(Path(__file__).resolve().parents[2])
    runner = {"RUNNER": f"{sys.executable} -m edge.runner", "PYTHONPATH": checkout, "TMPDIR": str(folder)}
    return {**os.environ, **runner}


def build_cxx_library(folder: Path) -> Path:
    """A Paddle-Lite folder for this host, with ``include`` and ``lib``."""
    need("g++", "cmake", "make")
    source = SOURCES / "lite_cxx"
    for part in ("include", "lib"):
        (folder / part).mkdir(parents=True)
    for header in source.glob("*.h"):
        shutil.copy(header, folder / "include")
    name = "libpaddle_light_api_shared.so"
    options = ("-std=c++17", "-Wall", "-Wextra", "-shared", "-fPIC", f"-Wl,-soname,{name}")
    build("g++", *options, "-o", folder / "lib" / name, source / "lite.cc", folder=folder)
    return folder


def build_lite_jar(folder: Path) -> Path:
    """``PaddlePredictor.jar``."""
    need("javac:default-jdk-headless", "jar:default-jdk-headless")
    build_classes(SOURCES / "lite_java", folder / "lite")
    build("jar", "--create", "--file", "PaddlePredictor.jar", "-C", "lite", ".", folder=folder)
    return folder / "PaddlePredictor.jar"


def build_android_classes(folder: Path) -> Path:
    """A folder of classes with Android's names."""
    need("javac:default-jdk-headless")
    return build_classes(SOURCES / "android", folder)


def build_classes(sources: Path, folder: Path, path: Sequence[Path] = (), *options: str) -> Path:
    """Compile a folder of Java; warnings are errors."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ("-encoding", "UTF-8", "-Xlint:all", "-Werror", *options, "-cp", ":".join(map(str, path)) or ".")
    build("javac", *words, "-d", folder, *sorted(sources.rglob("*.java")), folder=folder)
    return folder
