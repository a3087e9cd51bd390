"""The self-test of a release on the emulated aarch64 machine, as on a board: unpacked there, and run."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from tests.devices_kit.arm_machine import ArmMachine

_RUN = """
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tar xf - -C "$folder"
uname -m
cd "$folder"
mkdir there
tar xzf release.tar.gz -C there
[ ! -e runner ] || export PPOCR_EDGE_RUNNER="$folder/runner/ppocr_runner"
"there/$1/selftest"
"""


def selftest_on_machine(
    machine: ArmMachine, archive: Path, top: str, known_hosts: Path, runner: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Unpack an archive in a folder of the machine that is gone afterwards, and run its ``selftest``.

    Args:
        machine: That runs.
        archive: ``NAME-VERSION-linux-arm64.tar.gz``.
        top: Name of the folder in it.
        known_hosts: File that the machine's host key is written into.
        runner: What ``runner build`` wrote, brought along beside the release; None for that of the archive.

    Returns:
        Its exit code, the processor and what it said.
    """
    sent = io.BytesIO()
    with tarfile.open(fileobj=sent, mode="w") as tar:
        tar.add(archive, "release.tar.gz")
        if runner is not None:
            tar.add(runner, "runner")
    return machine.shell(_RUN, top, known_hosts=known_hosts, given=sent.getvalue())
