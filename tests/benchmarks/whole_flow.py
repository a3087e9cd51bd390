"""Everything a user does with a device, by the command line, on every kind of device there is here.

PP-OCR v2.0 in float, converted by us for x86 and for ARM, and the published slim models, which only an ARM
library computes: this host, this host over SSH and over adb, and an emulated aarch64 machine (where one is:
``ARM_DEVICE_HOME`` and ``PPOCR_EDGE_ARM_LITE_HOME``; skipped elsewhere). Text is compared with that of the
float models on this host.
"""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from edge.bundle.bundle import Bundle
from edge.folders import home_folder
from tests.benchmarks.material import TASKS, Material, Row, show
from tests.benchmarks.same_lines import same_lines
from tests.devices_kit import arm_machine, sshd
from tests.devices_kit.adbd import device as adbd
from tests.devices_kit.adbd.server import AdbServer
from tests.devices_kit.flow import Step, Work, whole_flow
from tests.devices_kit.published import float_bundles, published_bundles

PHOTOGRAPHS: Final = 10
WORDS: Final = 20
REPEATS: Final = 10
SECONDS: Final = 3600.0
SAME: Final = 0.98

Way = contextlib.AbstractContextManager[Sequence[str]]


def measure(material: Material) -> bool:
    """Figure 1 of the devices."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        patch.setenv("PPOCR_EDGE_HOME", str(home_folder()))  # HOME changes below
        patch.setenv("PPOCR_EDGE_INVENTORY", str(folder / "devices.yml"))
        bundles = float_bundles(material.shared / "mirror", folder)
        rows: list[Row] = []
        reference = list(whole_flow("local", (), _work(material, bundles["x86"]), folder, seconds=SECONDS))
        expected = _texts(reference)
        rows += _rows("local, float", reference, expected, SAME)
        ways: Mapping[str, tuple[str | None, Callable[[], Way]]] = {
            "ssh": (sshd.missing(), lambda: _ssh(folder, patch)),
            "adb": (adbd.missing(), lambda: _adb(folder, patch)),
        }
        for device, (reason, way) in ways.items():
            if reason is not None:
                rows.append(Row(f"{device}: skipped", reason))
                continue
            with way() as words:
                work = _work(material, bundles["x86"])
                steps = list(whole_flow(device, words, work, folder, seconds=SECONDS))
            rows += _rows(f"{device}, float", steps, expected, SAME)
        rows += _on_arm(material, bundles["arm"], expected, folder)
        return show(f"1. the whole flow, {len(expected)} photographs", rows)


def _on_arm(
    material: Material, bundles: Mapping[str, Bundle], expected: list[list[str]], folder: Path
) -> list[Row]:
    scripts = material.shared / "arm_device"
    if reason := arm_machine.missing(scripts):
        return [Row("aarch64 over SSH: skipped", reason)]
    published = published_bundles(material.shared / "mirror", bundles, folder / "published")
    rows = []
    with arm_machine.arm_machine(scripts) as machine:
        for name, models, least in (("float", bundles, SAME), ("published slim (INT8)", published, None)):
            steps = list(whole_flow("board", machine.way, _work(material, models), folder, seconds=SECONDS))
            rows += _rows(f"aarch64 over SSH, {name}", steps, expected, least)
    return rows


def _work(material: Material, bundles: Mapping[str, Bundle]) -> Work:
    images = material.shared / "images"
    photographs = sorted((images / "paddleocr_doc" / "imgs").iterdir())[:PHOTOGRAPHS]
    return Work(
        {task: bundle.folder for task, bundle in bundles.items()},
        material.limited(photographs),
        images / "icdar2015" / "rec_evaluation.txt",
        WORDS,
        REPEATS,
    )


def _texts(steps: Sequence[Step]) -> list[list[str]]:
    step = next(step for step in steps if step.name == "run")
    return step.texts() if step.ok else []


def _rows(label: str, steps: Sequence[Step], expected: list[list[str]], least: float | None) -> list[Row]:
    """The steps, and what they found.

    Args:
        label: Device and models.
        steps: That ended.
        expected: Text of the float models on this host.
        least: Share of lines that must be the same; None where it is only told.
    """
    told = ", ".join(f"{step.name} {'OK' if step.ok else 'FAILED'} {step.seconds:.1f} s" for step in steps)
    rows = [Row(f"{label}: {len(steps)} steps", told, all(step.ok for step in steps))]
    rows += [
        Row(f"  {step.name}", (step.ended.err or step.ended.out).strip()[-300:])
        for step in steps
        if not step.ok
    ]
    found = {step.name: step for step in steps if step.ok}
    if "run" in found:
        same, total = same_lines(expected, found["run"].texts())
        target = "" if least is None else f" (>= {least:.0%})"
        share = same / total
        rows.append(
            Row(
                f"  lines as on x86 in float{target}",
                f"{share:.2%} ({same} of {total})",
                None if least is None else share >= least,
            )
        )
    if "bench" in found:
        medians = (f"{row['p50_ms']:.1f}" for row in json.loads(found["bench"].ended.out))
        rows.append(Row(f"  medians of {', '.join(TASKS)}", f"{', '.join(medians)} ms"))
    if "evaluate" in found:
        exact = json.loads(found["evaluate"].ended.out)["measures"]["exact"]
        rows.append(Row(f"  {exact['count']} words, exact", f"{exact['value']:.1f} %"))
    return rows


@contextlib.contextmanager
def _ssh(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Sequence[str]]:
    client = sshd.Client(folder / "user")
    patch.setenv("HOME", str(client.home))
    with sshd.openssh(folder / "sshd") as server:
        client.knows(server)
        server.admits(client)
        address = server.address(client)
        yield (
            *("--ssh", f"{address.user}@{address.host}:{address.port}", "--identity", str(client.key)),
            *("--python", sys.executable),
        )


@contextlib.contextmanager
def _adb(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Sequence[str]]:
    server = AdbServer(folder / "adb", patch)
    try:
        with adbd.AdbDevice(folder / "phone", home=adbd.TMP) as phone:
            yield ("--adb", phone.serial, "--python", sys.executable)
    finally:
        server.kill()
