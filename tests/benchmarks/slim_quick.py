"""How long an early look at each shipped recipe takes: ``ppocr-edge slim NAME --quick``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from edge.predictor.child import PACKAGES_FOLDER, child_environment
from tests.benchmarks.material import Material, Row, show

LIMIT: Final = 180.0
"""Seconds."""
_NAMES: Final = {
    "ch_ppocr_mobile_slim_v2.0_det": ("photographs", "det"),
    "ch_ppocr_mobile_slim_v2.0_cls": ("lines", "rec"),
    "ch_ppocr_mobile_slim_v2.0_rec": ("lines", "rec"),
}


def measure(material: Material) -> bool:
    """Run them, one after the other, each from nothing."""
    rows = []
    for name, (source, files) in _NAMES.items():
        images = material.shared / "images" / "icdar2015"
        with tempfile.TemporaryDirectory(prefix="ppocr-edge-quick-") as folder:
            command = [
                str(Path(sys.executable).with_name("ppocr-edge")),
                *("slim", name, "--quick", "-o", f"{folder}/out"),
                *("--train", f"{source}={images / f'{files}_calibration.txt'}"),
                *("--evaluate", f"{source}={images / f'{files}_evaluation.txt'}"),
            ]
            begin = time.monotonic()
            done = subprocess.run(
                command, cwd=PACKAGES_FOLDER, env=child_environment(), capture_output=True, check=False
            )
            seconds = time.monotonic() - begin
        # exit code 3: a gate failed, as it may in so short a run
        fine = done.returncode in (0, 3)
        what = f"{seconds:.0f} s" if fine else done.stderr.decode(errors="replace").strip()[-200:]
        rows.append(Row(f"{name}, under {LIMIT:.0f} s", what, fine and seconds < LIMIT))
    return show("an early look: slim --quick", rows)
