"""Whether a release of real models is refused whatever is done to it, for its reason; how long that takes."""

from __future__ import annotations

import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy_tools.release.trust.verify import verify_release
from edge.errors import ReleaseError
from tests.benchmarks.material import Material, Row, show
from tests.release_kit.attacks import ATTACKS, change_a_byte
from tests.release_kit.made_release import NOW, SIGNED, Tampered, made_key

_BYTES = 100
_MIB = 1 << 20


def measure(_: Material | None = None) -> bool:
    """Print the figures; False where anything was not refused, or not for its own reason."""
    with tempfile.TemporaryDirectory() as folder:
        release = _real_release(Path(folder))
        keys = [release.key.public]
        size = sum(path.stat().st_size for path in release.folder.rglob("*") if path.is_file())
        files = len(release.contents())
        start = time.perf_counter()
        found = verify_release(release.folder, keys, now=NOW)
        whole = time.perf_counter() - start
        refused, took = _changed_bytes(release)
        wrong = list(_attacked(release))
        still = verify_release(release.folder, keys, now=NOW) == found
    return show(
        f"tampering: a release of {len(found.models)} models, {files} files, {size / _MIB:.1f} MiB",
        [
            Row("verified, untouched, s", f"{whole:.2f}"),
            Row("and after everything", still, still),
            Row(
                f"single bytes changed at random, refused by name (target {_BYTES})",
                refused,
                refused == _BYTES,
            ),
            Row("until it was refused, median s", f"{took:.3f}"),
            Row(
                f"attacks refused for their reason (target {len(ATTACKS)})",
                len(ATTACKS) - len(wrong),
                not wrong,
            ),
            *(Row(f"  {line}", "", False) for line in wrong),
        ],
    )


def _real_release(folder: Path) -> Tampered:
    from deploy_tools.conversion.bundle_writer import write_bundle
    from deploy_tools.conversion.options import conversion_options
    from deploy_tools.conversion.source import zoo_source
    from deploy_tools.default_bundles import DEFAULT_MODELS
    from deploy_tools.release.gathering import gather
    from deploy_tools.release.package import write_release
    from deploy_tools.release.request import PackageRequest
    from deploy_tools.release.trust.sign import sign_release
    from slim.zoo.pull import ensure

    bundles = [
        write_bundle(zoo_source(ensure(name)), conversion_options("arm"), folder / "bundles").folder
        for name in DEFAULT_MODELS.values()
    ]
    request = PackageRequest(bundles, ("linux-arm64", "android"), "ppocr", "1.0.0", ["no-gates"])
    written = write_release(gather(request), folder / "release")
    sign_release(written.folder, made_key(), signed=SIGNED)
    return Tampered(written.folder, made_key())


def _changed_bytes(release: Tampered) -> tuple[int, float]:
    """How many of the changes were refused, naming the file, and how long that took."""
    dice = random.Random(6)
    refused, seconds = 0, []
    for _ in range(_BYTES):
        before = {path: path.read_bytes() for path in release.folder.rglob("*") if path.is_file()}
        name = change_a_byte(release.folder, dice)
        named = "SHA256SUMS.sig" if name == "SHA256SUMS" else name
        start = time.perf_counter()
        said = _refusal(release)
        seconds.append(time.perf_counter() - start)
        refused += said is not None and said.subject == str(release.folder / named)
        (release.folder / name).write_bytes(before[release.folder / name])
    return refused, statistics.median(seconds)


def _attacked(release: Tampered) -> Iterator[str]:
    """What was not refused for its reason."""
    for name, attack in ATTACKS.items():
        with _copy(release) as copy:
            attack.work(copy)
            said = _refusal(copy)
            if said is None:
                yield f"{name}: verified"
            elif not said.subject.endswith(attack.file) or attack.said_of(copy) not in said.found:
                yield f"{name}: {said.one_line()}"


@contextmanager
def _copy(release: Tampered) -> Iterator[Tampered]:
    with tempfile.TemporaryDirectory() as folder:
        place = shutil.copytree(release.folder, Path(folder) / release.folder.name)
        yield Tampered(Path(place), release.key)


def _refusal(release: Tampered) -> ReleaseError | None:
    try:
        verify_release(release.folder, [release.key.public], now=NOW)
    except ReleaseError as error:
        return error
    return None
