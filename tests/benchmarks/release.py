"""Releases: how large one for a board is, whether two builds are the same bytes, its self-test on ARM.

Its self-test is run by the ARM library under user emulation, and on the emulated machine where that is.

Of slim models of the v2.0 class: those in the folder that ``PPOCR_EDGE_RELEASE_BUNDLES`` names (bundles for
arm, as ``convert`` makes them of what ``slim`` made), else what can be made of the mirror at once: the
published pruned detector with weights in 16 bits (8 without training change its map too much), the published
INT8 classifier, the recognizer with weights in 8 bits.
"""

from __future__ import annotations

import os
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from deploy_tools.devices.emulated import LITE_HOME, emulated_runner, emulator_command
from deploy_tools.release.contents.manifest import read_release_manifest
from edge.errors import PpocrEdgeError
from tests.benchmarks.material import TASKS, Material, Row, show
from tests.devices_kit import arm_machine
from tests.e2e.command import run_command
from tests.release_kit.elsewhere import package_elsewhere
from tests.release_kit.made_release import files_below
from tests.release_kit.on_machine import selftest_on_machine

BUNDLES: Final = "PPOCR_EDGE_RELEASE_BUNDLES"
LARGEST: Final = 3.4e6
TARGETS: Final = ("linux-arm64", "linux-armhf", "linux-x86_64", "android")
_PUBLISHED: Final = ("no-gates", "unmeasured-int8")
"""What must be let pass of published models; of those that recipes made nothing."""
_MODELS: Final = (
    ("ch_ppocr_mobile_slim_v2.0_det", "--kind", "slim-inference", "--weights", "int16"),
    ("ch_ppocr_mobile_slim_v2.0_cls", "--kind", "slim-inference"),
)
_RECOGNIZER: Final = "ch_ppocr_mobile_v2.0_rec"


def measure(material: Material) -> bool:
    """Make releases and look at them."""
    with tempfile.TemporaryDirectory(prefix="ppocr-edge-") as temporary:
        folder = Path(temporary)
        bundles = _given() or _made(material.shared / "mirror", folder)
        x86 = _convert(material.shared / "mirror", folder, "ch_ppocr_mobile_v2.0_cls", "--target", "x86")
        sizes = _sizes(bundles, folder / "sizes", material.shared / "arm_device")
        rows = [*sizes, *_identity([*bundles, x86], folder)]
    return show("releases", rows)


def _given() -> list[Path]:
    folder = os.environ.get(BUNDLES)
    return sorted(path.parent for path in Path(folder).glob("*/manifest.json")) if folder else []


def _made(mirror: Path, folder: Path) -> list[Path]:
    recognizer = folder / _RECOGNIZER
    _do("models", "export", _RECOGNIZER, "--source", mirror, "-o", recognizer, cwd=folder)
    found = [_convert(mirror, folder, *words, "--target", "arm") for words in _MODELS]
    _do("convert", recognizer, "--target", "arm", "--weights", "int8", "-o", folder / "b", cwd=folder)
    return [*found, folder / "b" / f"{_RECOGNIZER}-arm-int8-weights"]


def _convert(mirror: Path, folder: Path, *words: str) -> Path:
    out = folder / "b"
    before = set(out.iterdir()) if out.exists() else set()
    _do("convert", *words, "--source", mirror, "-o", out, cwd=folder)
    (made,) = set(out.iterdir()) - before
    return made


def _sizes(bundles: Sequence[Path], folder: Path, scripts: Path) -> list[Row]:
    allow = () if _given() and os.environ.get(LITE_HOME) else _PUBLISHED
    _package(bundles, ("linux-arm64", "android"), folder, allow, _parity(bundles, folder.parent))
    release = folder / "bench-1.0"
    archive = release / "bench-1.0-linux-arm64.tar.gz"
    rows = [Row(f"model {path.name}", f"{(path / 'model.nb').stat().st_size:,} bytes") for path in bundles]
    size = archive.stat().st_size
    allowed = ", ".join(read_release_manifest(release).allow) or "nothing"
    rows.append(Row("let pass", allowed))
    rows.append(Row("linux-arm64, no runner or library (≤ 3,400,000)", f"{size:,} bytes", size <= LARGEST))
    for path in sorted(release.glob("*-android*")):
        rows.append(Row(path.name, f"{path.stat().st_size:,} bytes"))
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return [*rows, *_selftest(folder / "bench-1.0"), *_on_machine(archive, scripts, folder)]


def _parity(bundles: Sequence[Path], folder: Path) -> list[object]:
    """Options that give the release what an ARM library was seen to compute, where there is one."""
    if not os.environ.get(LITE_HOME):
        return []
    store = ("--results", folder / "results.db")
    options = ("--device", "qemu-arm64", *store)
    _do("measure", "parity", *bundles, *options, cwd=folder)
    return ["--run", "last", *store]


def _selftest(folder: Path) -> list[Row]:
    if not os.environ.get(LITE_HOME):
        return [Row("selftest on an ARM library", f"not run: {LITE_HOME} is not set")]
    try:
        runner = " ".join([*emulator_command(), str(emulated_runner().program)])
    except PpocrEdgeError as error:
        return [Row("selftest on an ARM library", f"not run: {error.one_line()}")]
    done = subprocess.run(
        ["sh", str(folder / "selftest")],
        env={**os.environ, "PPOCR_EDGE_RUNNER": runner},
        capture_output=True,
        text=True,
        check=False,
    )
    return _rows("an ARM library under user emulation", done.stdout + done.stderr, done.returncode)


def _on_machine(archive: Path, scripts: Path, folder: Path) -> list[Row]:
    if reason := arm_machine.missing(scripts):
        return [Row("selftest on an aarch64 machine", f"not run: {reason}")]
    runner = folder / "runner"
    home = ("--lite-home", arm_machine.lite_home())
    _do("runner", "build", *home, "--target", "linux-arm64", "-o", runner, cwd=folder)
    with arm_machine.arm_machine(scripts) as machine:
        done = selftest_on_machine(machine, archive, "bench-1.0", folder / "known_hosts", runner)
    said = (done.stdout + done.stderr).decode(errors="replace")
    return _rows(f"a machine with {said.partition(chr(10))[0]}", said, done.returncode)


def _rows(place: str, said: str, code: int) -> list[Row]:
    lines = [line.split() for line in said.splitlines() if line.startswith(TASKS)]
    rows = [Row(f"selftest on {place}: {line[0]}", " ".join(line[1:])) for line in lines]
    return [*rows, Row(f"selftest on {place} (exit code 0)", code, code == 0)]


def _identity(bundles: Sequence[Path], folder: Path) -> list[Row]:
    """The same release twice: the second in another folder, umask, zone, order, hash seed and year."""
    one, other = folder / "one", folder / "an other"
    _package(bundles, TARGETS, one, _PUBLISHED)
    package_elsewhere(*_words(bundles[::-1], TARGETS[::-1], other, _PUBLISHED))
    found = [files_below(place / "bench-1.0") for place in (one, other)]
    names = sorted(found[0].keys() | found[1].keys())
    same = {name: found[0].get(name) == found[1].get(name) for name in names}
    return [
        Row(f"two builds: {name}", "same" if equal else "DIFFERENT", equal) for name, equal in same.items()
    ]


def _words(bundles: Sequence[Path], targets: Sequence[str], out: Path, allow: Sequence[str]) -> list[object]:
    options = [word for target in targets for word in ("--target", target)]
    options += [word for one in allow for word in ("--allow", one)]
    return [*bundles, *options, "--name", "bench", "--version", "1.0", "-o", out]


def _package(
    bundles: Sequence[Path],
    targets: Sequence[str],
    out: Path,
    allow: Sequence[str],
    more: Sequence[object] = (),
) -> None:
    _do("package", *_words(bundles, targets, out, allow), *more, cwd=out.parent)


def _do(*words: object, cwd: Path) -> None:
    ended = run_command(*words, cwd=cwd, limit=900)
    if ended.code:
        raise SystemExit(ended.err)
