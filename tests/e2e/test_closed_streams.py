"""Started with a standard stream closed, as daemons and cron jobs do, the command works as ever."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from edge.bundle.bundle import Bundle
from edge.predictor.process import child_environment


@pytest.mark.embedded
@pytest.mark.parametrize("closed", [0, 1, 2])
def test_run_with_a_closed_stream(closed: int, default_bundles: Mapping[str, Bundle], tmp_path: Path) -> None:
    picture = Image.new("RGB", (320, 64), "white")
    ImageDraw.Draw(picture).text((12, 12), "Edge 2026", fill="black", font=ImageFont.load_default(34))
    picture.save(tmp_path / "line.png")
    done = subprocess.run(
        [sys.executable, "-m", "deploy_tools.cli.main", "run", "line.png", "--draw", "out.png"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        env=child_environment(),
        preexec_fn=lambda: os.close(closed),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.png").is_file()
    if closed != 1:
        assert "Edge" in done.stdout
