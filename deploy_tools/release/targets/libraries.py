"""Programs and libraries that a release brings along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy_tools.devices.versions import check_versions, version_in_library
from deploy_tools.native.built import PROGRAM, BuiltRunner, read_runner
from deploy_tools.native.lite_home import find_lite_home
from deploy_tools.release.archive.entry import Entry
from deploy_tools.release.contents.model import PackedModel
from deploy_tools.release.targets.target import TARGETS, ReleaseTarget
from edge.errors import InputError, PredictorError

LITE: Final = "Paddle-Lite"
RUNNER: Final = "ppocr-edge runner"


@dataclass(frozen=True)
class Part:
    """A program or library of a target.

    Attributes:
        entry: Where it goes, below the archive's top folder.
        component: What it is part of: `LITE`, `RUNNER`, or the file's own name.
        version: Of that; empty where it does not say.
    """

    entry: Entry
    component: str
    version: str = ""


Parts = Mapping[ReleaseTarget, Sequence[Part]]


def runner_parts(
    folders: Sequence[Path], targets: Sequence[ReleaseTarget]
) -> dict[ReleaseTarget, list[Part]]:
    """The programs and libraries of runners that ``ppocr-edge runner build`` wrote.

    Raises:
        InputError: A folder is no runner, not whole, for a target that is not asked for, or there are two.
    """
    found: dict[ReleaseTarget, list[Part]] = {}
    for folder in folders:
        subject = f"--runner {folder}"
        runner = read_runner(folder)
        if runner is None:
            raise InputError(subject, "is no runner, or not whole", "make one by 'ppocr-edge runner build'")
        target = TARGETS.get(runner.target)
        if target is None or target not in targets:
            names = ", ".join(one.name for one in targets)
            raise InputError(
                subject,
                f"is for {runner.target}, the release for {names}",
                "leave it out, or add its --target",
            )
        if target in found:
            raise InputError(subject, f"is a second one for {target.name}", "give one for each target")
        found[target] = _of_runner(runner, subject)
    return found


def library_parts(words: Sequence[str], targets: Sequence[ReleaseTarget]) -> dict[ReleaseTarget, list[Part]]:
    """Library and headers of Paddle-Lite folders for ARM or x86 Linux.

    Args:
        words: ``TARGET=FOLDER``.
        targets: That are asked for.

    Raises:
        InputError: A word is not such, or its folder does not suit its target.
    """
    found: dict[ReleaseTarget, list[Part]] = {}
    for word in words:
        name, _, folder = word.partition("=")
        target = TARGETS.get(name)
        subject = f"--lite-home {word}"
        if not folder or target is None or target.build is None:
            names = ", ".join(one.name for one in TARGETS.values() if one.build is not None)
            raise InputError(subject, "is not TARGET=FOLDER", f"write one of {names} before the =")
        if target not in targets:
            raise InputError(subject, "is for a target that is not asked for", f"add --target {name}")
        if target in found:
            raise InputError(subject, f"is a second one for {name}", "give one for each target")
        home = find_lite_home(Path(folder), target.build)
        version = version_in_library(home.library)
        headers = sorted(path for path in home.include.glob("*.h") if path.is_file())
        found[target] = [
            Part(Entry(f"lib/{home.loaded_as}", home.library.read_bytes()), LITE, version),
            *(Part(Entry(f"include/{path.name}", path.read_bytes()), LITE, version) for path in headers),
        ]
    return found


def together(runners: Parts, libraries: Parts) -> dict[ReleaseTarget, Sequence[Part]]:
    """Both, where nothing contradicts itself.

    Raises:
        InputError: A runner was built with another library than the one that is given.
    """
    found: dict[ReleaseTarget, Sequence[Part]] = {}
    for target in [*runners, *(one for one in libraries if one not in runners)]:
        parts: dict[str, Part] = {}
        for part in (*runners.get(target, ()), *libraries.get(target, ())):
            other = parts.setdefault(part.entry.name, part)
            if other.entry.content != part.entry.content:
                raise InputError(
                    f"--lite-home {target.name}=…",
                    f"its {part.entry.name} is another one than the runner was built with",
                    "build the runner with this library, or give the folder it was built with",
                )
        found[target] = list(parts.values())
    return found


def check_library_versions(models: Sequence[PackedModel], parts: Sequence[Part], target: str) -> None:
    """Make sure that the library of a target is not older than its models.

    Raises:
        InputError: It is, and would end, or compute garbage.
    """
    versions = {part.version for part in parts if part.component == LITE and part.version}
    for model in models:
        for version in versions:
            try:
                check_versions(
                    str(model.bundle.folder), model.bundle.nb.opt_version, version, place=target, mend=""
                )
            except PredictorError as error:
                raise InputError(
                    error.subject, error.found, "give a library that is not older than opt"
                ) from None


def _of_runner(runner: BuiltRunner, subject: str) -> list[Part]:
    try:
        program = Part(Entry(f"bin/{PROGRAM}", runner.program.read_bytes(), executable=True), RUNNER)
        library = runner.folder / runner.library
        version = version_in_library(library)
        parts = [program, Part(Entry(f"lib/{library.name}", library.read_bytes()), LITE, version)]
        return parts + [
            Part(Entry(f"lib/{name}", (runner.folder / name).read_bytes()), name) for name in runner.beside
        ]
    except OSError as error:
        raise InputError(subject, f"cannot be read ({error.strerror})", "build it again") from None
