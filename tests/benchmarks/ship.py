"""The whole way for the three v2.0 Chinese models: from nothing to a signed release, and killed on the way.

``ppocr-edge ship ch_ppocr_mobile_v2.0-quick`` with the models of the shared mirror, in a folder and a home of
its own each: once undisturbed, once with its process group killed at five random moments, as a power cut
would, and run again each time. Both releases are verified as who gets them does, and compared.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy_tools.release.trust.key_files import read_public_key, write_new_key
from deploy_tools.release.trust.verify import Verified, verify_release
from edge.predictor.child import PACKAGES_FOLDER, child_environment
from tests.benchmarks.material import Material, Row, show

LIMIT: Final = 15 * 60.0
"""Seconds."""
KILLS: Final = 5
_RECIPE: Final = "ch_ppocr_mobile_v2.0-quick"
_RELEASE: Final = "ch_ppocr_mobile_v2.0-quick-0.1.0"
_PASSWORD: Final = "correct horse battery staple"
_EPOCH: Final = "1790000000"
"""So that signatures do not differ by their times."""


def measure(material: Material) -> bool:
    """Go both ways."""
    with tempfile.TemporaryDirectory(prefix="ppocr-edge-ship-") as name:
        folder = Path(name)
        key = folder / "release.key"
        write_new_key(key, _PASSWORD)
        whole, killed = (_Way(folder / way, key, material.shared / "mirror") for way in ("whole", "killed"))
        seconds = whole.go()
        moments = killed.kill(seconds)
        rest = killed.go()
        found, again = whole.verified(), killed.verified()
        same = whole.files() == killed.files()
        size = sum(path.stat().st_size for path in whole.release.rglob("*") if path.is_file())
    return show(
        f"ship {_RECIPE}: three models, {', '.join(found.targets)}, {size / 1e6:.1f} MB",
        [
            Row(
                f"from nothing, one command, unattended, under {LIMIT:.0f} s",
                f"{seconds:.0f} s",
                seconds < LIMIT,
            ),
            Row("processors, load of the last 5 minutes", f"{os.cpu_count()}, {os.getloadavg()[1]:.1f}"),
            Row("verified: models, files, signed", _about(found), len(found.models) == 3 and found.whole),
            Row("its maker let pass", "; ".join(found.allowed)),
            Row("killed (SIGKILL, whole group) after s", ", ".join(f"{one:.0f}" for one in moments)),
            Row(f"kills that hit it running (all of {KILLS})", len(moments), len(moments) == KILLS),
            Row("then on to the end", f"{rest:.0f} s"),
            Row("verified: models, files, signed", _about(again), len(again.models) == 3 and again.whole),
            Row("every file the same as undisturbed, signature too", same, same),
        ],
    )


class _Way:
    """One folder with a home of its own: a machine that has never done this.

    Args:
        folder: The folder; made.
        key: To sign with.
        mirror: Where models come from.
    """

    def __init__(self, folder: Path, key: Path, mirror: Path) -> None:
        folder.mkdir()
        self.release = folder / "releases" / _RELEASE
        self._key = key
        self._log = folder / "log"
        self._environment = {
            **child_environment(),
            "PPOCR_EDGE_HOME": str(folder / "home"),
            "PPOCR_EDGE_RESULTS": str(folder / "results.db"),
            "PPOCR_EDGE_MIRROR": str(mirror),
            "PPOCR_EDGE_KEY_PASSWORD": _PASSWORD,
            "SOURCE_DATE_EPOCH": _EPOCH,
        }

    def go(self) -> float:
        """To the end; seconds it took."""
        begin = time.monotonic()
        code = self._start().wait()
        if code != 0:
            raise SystemExit(f"ship ended with exit code {code}: {self._log.read_text()[-500:]}")
        return time.monotonic() - begin

    def kill(self, seconds: float) -> list[float]:
        """Start and kill; after how many seconds of each start.

        Args:
            seconds: The whole way takes.
        """
        dice = random.Random(26)
        moments = []
        for _ in range(KILLS):
            # all together less than the whole way, so that the last one still hits it running
            moment = dice.uniform(0.03, 0.3) * seconds
            process = self._start()
            try:
                process.wait(moment)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                moments.append(moment)
        return moments

    def verified(self) -> Verified:
        """What verifying finds; it raises where anything is wrong."""
        return verify_release(self.release, [read_public_key(self._key.with_name(f"{self._key.name}.pub"))])

    def files(self) -> Mapping[str, str]:
        """SHA-256 of every file of the release."""
        return {
            path.relative_to(self.release).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.release.rglob("*")
            if path.is_file()
        }

    def _start(self) -> subprocess.Popen[bytes]:
        command = [str(Path(sys.executable).with_name("ppocr-edge")), "ship", _RECIPE]
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [*command, "-o", str(self.release.parent), "--key", str(self._key)],
                cwd=PACKAGES_FOLDER,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def _about(found: Verified) -> str:
    return f"{len(found.models)}, {len(found.files)}, by {found.key}"
