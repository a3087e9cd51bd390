"""A report of 50 runs that hold 1,000,000 samples: time, size, and what a browser says of it."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from deploy_tools.measurement.case import Case
from deploy_tools.results.opening import open_results
from deploy_tools.results.record import RunRecord
from tests.benchmarks.material import Material
from tests.chromium import CHROMIUM, chromium
from tests.deploy_tools.report.made_runs import (
    CLS,
    DET,
    PHONE,
    PI,
    REC,
    latency,
    pipeline,
    readings,
    run,
    samples,
    sustained,
    sweep,
)

RUNS = 50
SAMPLES = 1_000_000
SECONDS = 10.0
BYTES = 5_000_000


def measure(_: Material) -> bool:
    """Print the figures; False where one is missed."""
    with tempfile.TemporaryDirectory(prefix="report-") as name:
        folder = Path(name)
        store, page = folder / "results.sqlite", folder / "report.html"
        count = _fill(store)
        command = [sys.executable, "-m", "deploy_tools.cli.main", "report", "--tag", "main"]
        start = time.perf_counter()
        subprocess.run(
            [*command, "--results", str(store), "-o", str(page)], check=True, stderr=subprocess.PIPE
        )
        seconds, size = time.perf_counter() - start, page.stat().st_size
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(
            f"report of {RUNS} runs, {count:,} samples: {seconds:.1f} s "
            f"({used.ru_utime + used.ru_stime:.1f} s of a processor), {size / 1e6:.2f} MB",
            flush=True,
        )
        return seconds < SECONDS and size < BYTES and count >= SAMPLES and _looks_well(page)


def _fill(store: Path) -> int:
    cases = [
        Case("latency", subject, precision, shape, threads)
        for subject, shape in ((DET, (1, 3, 640, 640)), (REC, (1, 3, 48, 320)), (CLS, (1, 3, 48, 192)))
        for precision in ("fp32", "int8")
        for threads in (1, 4)
    ]
    each = SAMPLES // (RUNS * len(cases) * 2) + 1
    count = 0
    with open_results(store) as results:
        for number in range(RUNS):
            found = [
                latency(place, case, 20.0, 1000 * number + seed, count=each, day=number)
                for place in (PI, PHONE)
                for seed, case in enumerate(cases)
            ]
            if number == RUNS - 1:
                texts = [f"line {line} of a receipt" for line in range(60)]
                found += [pipeline(PI, 900.0, 1, texts), *sweep(PHONE, 2)]
                found.append(sustained(PI, 3, count=50_000))
                long = replace(found[-1], environment=PHONE)
                found.append(
                    replace(long, series={"run": samples(30.0, 20_000, 4)}, readings=readings(600.0))
                )
            began = found[0].started + timedelta(days=number)
            results.import_run(RunRecord(replace(run(number), started=began), began, tuple(found)))
            count += sum(len(series) for one in found for series in one.series.values())
    return count


def _looks_well(page: Path) -> bool:
    if CHROMIUM is None:
        print("no Chromium here (apt-get install chromium)")
        return False
    fine = True
    with chromium() as browser:
        for width in (390, 1400):
            start = time.perf_counter()
            browser.open(page, width=width)
            seconds = time.perf_counter() - start
            browser.run("document.querySelectorAll('details').forEach((one) => (one.open = true))")
            wide = browser.run("document.documentElement.scrollWidth")
            charts = browser.run(
                "[...document.querySelectorAll('svg')].map((one) => one.getBoundingClientRect().width > 100"
                " && one.querySelector('path:not(.grid), rect') !== null)"
            )
            nodes = browser.run("document.querySelectorAll('*').length")
            print(
                f"  {width} px: loaded in {seconds:.1f} s, {wide} px wide, {nodes:,} elements, "
                f"{sum(charts)} of {len(charts)} charts drawn, {len(browser.said)} complaints",
                flush=True,
            )
            fine &= wide == width and all(charts) and not browser.said
    return fine
