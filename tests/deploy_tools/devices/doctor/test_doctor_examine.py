"""Devices that are well, and devices that are not, as the doctor sees them."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from deploy_tools.devices.doctor import judging
from deploy_tools.devices.doctor.examine import CHECKS, examine_device
from deploy_tools.devices.doctor.finding import Finding, State
from deploy_tools.devices.doctor.trial import Trial, try_folder
from deploy_tools.devices.inventory.entry import DeviceEntry, HostAddress
from deploy_tools.devices.probe.facts import Core, Probe, Temperature
from deploy_tools.devices.probe.probe import probe_device
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.host import HostWire

ENTRY = DeviceEntry("bo'ard", HostAddress(), python=sys.executable)
QUIET = Trial("", "", "", (), 0, 0, 0)


def look(home: Path, entry: DeviceEntry = ENTRY) -> dict[str, Finding]:
    findings = examine_device(HostWire(entry.name, home), entry)
    assert [one.check for one in findings] == list(CHECKS)
    return {one.check: one for one in findings}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Probe:
    return probe_device(HostWire("here", tmp_path_factory.mktemp("home")), ENTRY)


def test_a_device_that_is_well(tmp_path: Path) -> None:
    found = look(tmp_path)
    assert {one.state for name, one in found.items() if name != "speed"} == {State.OK}
    assert found["folder"].found == f"{tmp_path}/.ppocr-edge can be written"
    assert "with paddlelite" in found["runner"].found
    assert found["library"].found == "Paddle-Lite v2.13-rc, as the opt here"
    assert not list(tmp_path.iterdir()), "nothing is left there"


def test_few_round_trips(tmp_path: Path) -> None:
    wire = HostWire("here", tmp_path)
    examine_device(wire, ENTRY)
    assert wire.round_trips <= 7


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = look(tmp_path, replace(ENTRY, folder="file/ocr"))
    assert found["folder"].state is State.MEND
    assert f"{tmp_path}/file/ocr cannot be written (" in found["folder"].found
    assert "devices add --replace --folder" in found["folder"].remedy
    assert found["programs"].state is State.SKIPPED
    assert found["clock"].state is State.OK, "what can be looked at is looked at"


@pytest.mark.skipif(os.getuid() == 0, reason="root writes everywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    folder = tmp_path / ".ppocr-edge"
    folder.mkdir(mode=0o500)
    found = look(tmp_path)
    folder.chmod(stat.S_IRWXU)
    assert found["folder"].state is State.MEND
    assert "Permission denied" in found["folder"].found


@pytest.mark.parametrize(
    ("options", "check", "words"),
    [
        ("ro", "folder", "Read-only file system"),
        ("noexec,size=1m", "programs", "Permission denied"),
        ("size=1m", "space", "1 MiB free, 64 MiB are needed"),
    ],
)
def test_file_systems_that_do_not_suit(tmp_path: Path, options: str, check: str, words: str) -> None:
    folder = tmp_path / "mounted 'x'"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.getuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("file systems cannot be mounted here (root is needed)")
    try:
        found = look(tmp_path, replace(ENTRY, folder=str(folder)))
        assert not list(folder.iterdir())
    finally:
        subprocess.run(["umount", str(folder)], check=True)
    assert found[check].state is State.MEND
    assert words in found[check].found
    assert "sh: " not in found[check].found
    assert found[check].remedy


def test_a_device_that_nothing_is_named_for(tmp_path: Path) -> None:
    found = look(tmp_path, replace(ENTRY, python=None))
    assert found["runner"].state is State.MEND
    assert "a Paddle-Lite library for linux-" in found["runner"].remedy
    assert found["library"].state is State.SKIPPED


def test_a_python_that_is_not_there(tmp_path: Path) -> None:
    found = look(tmp_path, replace(ENTRY, python="/no/such/python"))
    assert "Python: there is no /no/such/python" in found["runner"].remedy


def test_what_others_left(tmp_path: Path) -> None:
    root = tmp_path / ".ppocr-edge"
    (root / "objects").mkdir(parents=True)
    (root / "objects" / f"{'a' * 64}.part").touch()
    (root / "run" / "1").mkdir(parents=True)
    (root / ".doctor-99").touch()
    found = look(tmp_path)
    assert found["left over"].state is State.NOTE
    assert "1 files that have not arrived entirely, 1 folders of runs" in found["left over"].found
    assert found["left over"].remedy.endswith("devices clean bo'ard")
    assert not list(root.glob(".doctor-*")), "of a doctor that was killed"


def test_a_device_that_somebody_uses(tmp_path: Path) -> None:
    other = HostWire("board", tmp_path)
    with DeviceStore(other, None).lock("anna"):
        (tmp_path / ".ppocr-edge" / "run" / "1").mkdir(parents=True)
        found = look(tmp_path)
    assert found["lock"].state is State.NOTE
    assert "in use by anna on " in found["lock"].found
    assert "devices unlock bo'ard" in found["lock"].remedy
    assert found["left over"].state is State.OK, "it is in use"
    assert look(tmp_path)["lock"].state is State.OK
    other.close()


def test_a_device_whose_shell_is_none(tmp_path: Path) -> None:
    class Menu(HostWire):
        """Answers every command alike."""

        def run(self, command, **more):  # type: ignore[no-untyped-def]
            return super().run(["echo", "no"], **more)

    findings = examine_device(Menu("router", tmp_path), ENTRY)
    states = [one.state for one in findings]
    assert states == [State.OK, State.MEND, *[State.SKIPPED] * (len(CHECKS) - 2)]
    assert "a POSIX shell is needed" in findings[1].remedy


class TestRunnersThere:
    def put(self, home: Path, name: str, text: str) -> None:
        runner = home / ".ppocr-edge" / "runners" / name / "ppocr_runner"
        runner.parent.mkdir(parents=True)
        runner.write_text(text)
        runner.chmod(0o755)

    def test_each_is_started(self, tmp_path: Path) -> None:
        self.put(tmp_path, "sound", "#!/bin/sh\n[ $1 = --help ] && echo usage\n")
        library = "libpaddle_light_api_shared.so: cannot open shared object file: No such file"
        self.put(
            tmp_path,
            "torn",
            f"#!/bin/sh\necho './x: error while loading shared libraries: {library}' >&2\nexit 127\n",
        )
        self.put(tmp_path, "foreign", "\x7fELF nonsense")
        trial = try_folder(HostWire("here", tmp_path), None)
        assert sorted(code for code, _ in trial.runners)[0] == 0
        assert dict(trial.runners)[127].endswith(library)
        assert len(trial.runners) == 3

    def test_none_that_starts_must_be_mended(self) -> None:
        from deploy_tools.devices.probe.ability import Ability

        ability = Ability("native", "linux-arm64", ("arm",), ())
        torn = (127, "x: error while loading shared libraries: libpaddle.so: cannot open shared object file")
        broken = judging._native_runner(ability, replace(QUIET, runners=(torn,)), ENTRY)
        assert broken.state is State.MEND
        assert "does not find the library libpaddle.so" in broken.found
        assert "devices clean bo'ard; or push it beside the runner" in broken.remedy
        one = judging._native_runner(ability, replace(QUIET, runners=(torn, (0, "usage"))), ENTRY)
        assert one.state is State.NOTE
        assert judging._native_runner(ability, QUIET, ENTRY).found.endswith("sent with the first run")


class TestJudging:
    def test_space(self, here: Probe) -> None:
        full = judging.judge_space(replace(here, free_bytes=1 << 20), ENTRY)
        assert (full.state, full.found) == (
            State.MEND,
            "1 MiB free, 64 MiB are needed for a runner and a model",
        )
        assert judging.judge_space(replace(here, free_bytes=None), ENTRY).state is State.NOTE

    def test_programs(self, here: Probe) -> None:
        found = judging.judge_programs(here, replace(QUIET, run_error="Permission denied"))
        assert found.state is State.MEND
        assert "noexec" in found.remedy

    def test_sha256(self, here: Probe) -> None:
        assert judging.judge_sha256(replace(here, sha256_tool=None)).state is State.NOTE

    @pytest.mark.parametrize(
        ("offset", "state", "words"),
        [
            (0.7, State.OK, "as this host's"),
            (-30.0, State.OK, "30 s behind this host's"),
            (86_400.0, State.NOTE, "24 h ahead of this host's"),
            (None, State.NOTE, "does not tell"),
        ],
    )
    def test_clock(self, here: Probe, offset: float | None, state: State, words: str) -> None:
        found = judging.judge_clock(replace(here, clock_offset=offset))
        assert found.state is state
        assert words in found.found

    def test_speed(self, here: Probe) -> None:
        cores = (Core(0, khz=1, governor="powersave"), Core(1, online=False))
        cool = replace(here, cores=cores[:1], temperatures=())
        assert "powersave keeps frequencies low" in judging.judge_speed(cool).found
        assert judging.judge_speed(replace(cool, cores=cores)).found == "cores are parked: 1"
        hot = replace(cool, temperatures=(Temperature("cpu", 85.2),))
        assert judging.judge_speed(hot).found == "cpu has 85 °C"
        well = replace(cool, cores=(Core(0, governor="ondemand"),), temperatures=(Temperature("cpu", 40.0),))
        assert judging.judge_speed(well) == Finding("speed", State.OK, "1 cores, ondemand, cpu 40 °C")

    def test_an_older_library(self, here: Probe) -> None:
        old = replace(here, pythons=(replace(here.pythons[0], lite_version="2.9"),))
        found = judging.judge_library(old, ENTRY)
        assert found.state is State.NOTE
        assert "opt v2.13-rc" in found.found
        assert "v2.9" in found.found
        unknown = replace(here, pythons=(replace(here.pythons[0], lite_version=None),))
        assert judging.judge_library(unknown, ENTRY).state is State.NOTE
