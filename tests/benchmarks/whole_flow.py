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
from collections.abc import Iterator, Mapping, Sequence
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


def measure(material: Material) -> bool:
    """Figure 1 of the devices; each device is shown when it is done."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        patch.setenv("PPOCR_EDGE_HOME", str(home_folder()))  # HOME changes below
        patch.setenv("PPOCR_EDGE_INVENTORY", str(folder / "devices.yml"))
        bundles = float_bundles(material.shared / "mirror", folder)
        flows = _Flows(material, folder)
        flows.go("local, float", "local", (), bundles["x86"], SAME)
        for device, missing, way in (("ssh", sshd.missing, _ssh), ("adb", adbd.missing, _adb)):
            if reason := missing():
                show(f"1. {device}", [Row("skipped", reason)])
                continue
            with way(folder, patch) as words:
                flows.go(f"{device}, float", device, words, bundles["x86"], SAME)
        _on_arm(material, bundles["arm"], flows)
        return flows.good


class _Flows:
    """The flow on one device after the other; the first is the one that the others are compared with.

    Attributes:
        good: Whether all targets were met so far.
    """

    def __init__(self, material: Material, folder: Path) -> None:
        self.good = True
        self._material = material
        self._folder = folder
        self._expected: list[list[str]] = []

    def go(
        self,
        label: str,
        device: str,
        way: Sequence[str],
        bundles: Mapping[str, Bundle],
        least: float | None,
    ) -> None:
        """Go through it and show what came of it.

        Args:
            label: Device and models.
            device: Its name.
            way: See `whole_flow`.
            bundles: By task.
            least: Share of lines that must be the same as on the first device; None where it is only told.
        """
        work = _work(self._material, bundles)
        steps = list(whole_flow(device, way, work, self._folder, seconds=SECONDS))
        if not self._expected:
            self._expected = _texts(steps)
        self.good &= show(f"1. the whole flow: {label}", _rows(steps, self._expected, least))


def _on_arm(material: Material, bundles: Mapping[str, Bundle], flows: _Flows) -> None:
    scripts = material.shared / "arm_device"
    if reason := arm_machine.missing(scripts):
        show("1. aarch64 over SSH", [Row("skipped", reason)])
        return
    with tempfile.TemporaryDirectory() as folder, arm_machine.arm_machine(scripts) as machine:
        published = published_bundles(material.shared / "mirror", bundles, Path(folder))
        flows.go("aarch64 over SSH, float", "board", machine.way, bundles, SAME)
        flows.go("aarch64 over SSH, published slim (INT8)", "board", machine.way, published, None)


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
    if not step.ok:
        raise SystemExit(f"whole-flow: nothing to compare with: {step.ended.err}")
    return step.texts()


def _rows(steps: Sequence[Step], expected: list[list[str]], least: float | None) -> list[Row]:
    """The steps, and what they found.

    Args:
        steps: That ended.
        expected: Text of the float models on this host.
        least: See `_Flows.go`.
    """
    rows = []
    for step in steps:
        why = "" if step.ok else f": {(step.ended.err or step.ended.out).strip()[-300:]}"
        rows.append(Row(step.name, f"{'OK' if step.ok else 'FAILED'}, {step.seconds:.1f} s{why}", step.ok))
    found = {step.name: step for step in steps if step.ok}
    if "run" in found:
        same, total = same_lines(expected, found["run"].texts())
        target = "" if least is None else f" (>= {least:.0%})"
        rows.append(
            Row(
                f"lines of {len(expected)} photographs as on x86 in float{target}",
                f"{same / total:.2%} ({same} of {total})",
                None if least is None else same / total >= least,
            )
        )
    if "bench" in found:
        medians = (f"{row['p50_ms']:.1f}" for row in json.loads(found["bench"].ended.out))
        rows.append(Row(f"bench, medians of {', '.join(TASKS)}", f"{', '.join(medians)} ms"))
    if "evaluate" in found:
        exact = json.loads(found["evaluate"].ended.out)["measures"]["exact"]
        rows.append(Row(f"evaluate, {exact['count']} words, exact", f"{exact['value']:.1f} %"))
    return rows


@contextlib.contextmanager
def _ssh(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Sequence[str]]:
    with sshd.known_openssh(folder / "sshd", patch) as (server, client):
        yield (*server.way(client), "--python", sys.executable)


@contextlib.contextmanager
def _adb(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Sequence[str]]:
    server = AdbServer(folder / "adb", patch)
    try:
        with adbd.AdbDevice(folder / "phone", home=adbd.TMP) as phone:
            yield ("--adb", phone.serial, "--python", sys.executable)
    finally:
        server.kill()
