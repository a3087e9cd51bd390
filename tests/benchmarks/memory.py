"""Figure 4: 200 images of mixed sizes through one pipeline, in two orders, by the command a user types."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from edge.ocr.image import load_image
from edge.predictor.process import child_environment
from tests.benchmarks.material import Material, Row, show

IMAGES = 200
SEED = 20


def measure(material: Material) -> bool:
    """Read the same images forwards and shuffled with ``ppocr-edge run --json``."""
    with tempfile.TemporaryDirectory() as folder:
        paths, sizes = _write_images(material, Path(folder))
        shuffled = random.Random(SEED).sample(paths, len(paths))
        rows = [
            Row("images, different sizes", f"{len(paths)}, {len(set(sizes))}"),
            Row("smallest and largest (pixels)", f"{min(sizes, key=_area)}, {max(sizes, key=_area)}"),
        ]
        answers = []
        for label, order in (("in order", paths), ("shuffled", shuffled)):
            start = time.perf_counter()
            answer, code, peaks = _run(order)
            answers.append(answer)
            seconds = time.perf_counter() - start
            rows.append(Row(f"{label}: seconds, exit code", f"{seconds:.0f}, {code}", code == 0))
            rows.append(Row(f"{label}: peak memory of parent; children", peaks))
    lines = sum(len(page["lines"]) for page in answers[0].values())
    same = sum(answers[0][path] == answers[1].get(path) for path in answers[0])
    rows.append(
        Row(
            "images with the same result in both orders (all), lines",
            f"{same} of {len(paths)}, {lines}",
            same == len(paths),
        )
    )
    return show("4. 200 images of mixed sizes through one pipeline", rows)


def _run(paths: list[Path]) -> tuple[dict[str, Any], int, str]:
    """Results by image, exit code, and peak resident memory in words."""
    command = [sys.executable, "-m", "deploy_tools.cli.main", "run", "--json", *map(str, paths)]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, env=child_environment())
        parent = 0.0
        children: dict[str, float] = {}
        while process.poll() is None:
            parent = max(parent, _peak_mb(process.pid))
            for pid in _children(process.pid):
                children[pid] = max(children.get(pid, 0.0), _peak_mb(int(pid)))
            time.sleep(0.1)
        output.seek(0)
        pages = [json.loads(line) for line in output]
    for page in pages:
        page.pop("seconds", None)
    # the runners stay to the end; short-lived children (none in a run) would show here as well
    told = ", ".join(f"{size:.0f}" for size in sorted(children.values(), reverse=True))
    return {page["image"]: page for page in pages}, process.returncode, f"{parent:.0f} MB; {told} MB"


def _children(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []


def _peak_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(peaks[0]) * 1024 / 1e6 if peaks else 0.0


def _write_images(material: Material, folder: Path) -> tuple[list[Path], list[tuple[int, int]]]:
    """Photographs scaled at random: 60 to 3000 pixels wide, some squeezed or stretched."""
    dice = random.Random(SEED)
    photographs = material.photographs()
    paths, sizes = [], []
    for number in range(IMAGES):
        picture = load_image(photographs[number % len(photographs)]).picture
        width = round(60 * 50 ** dice.random())
        height = max(8, round(width * picture.height / picture.width * dice.choice((0.25, 1, 1, 1, 3))))
        path = folder / f"{number:03}.jpg"
        scaled = picture.resize((width, min(height, 4000)))
        scaled.save(path, quality=92)
        paths.append(path)
        sizes.append(scaled.size)
    return paths, sizes


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]
