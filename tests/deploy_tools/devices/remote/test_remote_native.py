"""The native runner on a device: chosen, built, sent and run; under emulation, as there is no board here."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from deploy_tools.conversion.bundle_writer import write_bundle
from deploy_tools.conversion.options import conversion_options
from deploy_tools.conversion.source import folder_source
from deploy_tools.devices.emulated import LITE_HOME, EmulatedDevice, emulator_command
from deploy_tools.devices.inventory.entry import DeviceEntry, HostAddress
from deploy_tools.devices.remote.facts import DeviceFacts
from deploy_tools.devices.remote.runner import NativeChoice, choose_runner
from deploy_tools.devices.wire.host import HostProcess, HostWire
from deploy_tools.native.target import TARGETS
from edge.bundle.bundle import Bundle
from edge.errors import DeviceError, PredictorCrashedError
from tests.devices_kit.board import NAME, Board
from tests.devices_kit.sshd import started_with

LINE: npt.NDArray[np.float32] = np.zeros((2, 3, 48, 192), np.float32)


class EmulatedWire(HostWire):
    """This host, which runs the runner under an emulator, as a machine of another processor would."""

    def start(self, command: Sequence[str]) -> HostProcess:
        """Start a process."""
        return super().start(
            [*emulator_command(), *command] if command[0].endswith("ppocr_runner") else command
        )


@pytest.fixture
def arm_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Board]:
    """A device that says it is of 64-bit ARM."""
    shims = tmp_path / "shims"
    shims.mkdir()
    (shims / "uname").write_text('#!/bin/sh\n[ "$1" = -m ] && echo aarch64 || exec /usr/bin/uname "$@"\n')
    (shims / "uname").chmod(0o755)
    monkeypatch.setenv("PATH", f"{shims}{os.pathsep}{os.environ['PATH']}")
    home = tmp_path / "home"
    home.mkdir()
    return lambda **options: Board(home, EmulatedWire(NAME, home), **options)


@pytest.fixture
def arm_bundle(embedded_models: Path, tmp_path: Path) -> Bundle:
    """The angle classifier, converted for ARM by the opt of today."""
    source = folder_source(embedded_models / "ch_ppocr_mobile_v2_cls_infer", "cls", None)
    return write_bundle(source, conversion_options("arm"), tmp_path / "bundles")


def test_processors_without_a_runner() -> None:
    entry = DeviceEntry("pi", HostAddress(), lite_home=Path("/nosuch"))
    with pytest.raises(DeviceError, match=r"pi: is linux-riscv64, for which no native runner can be built"):
        choose_runner(entry, DeviceFacts("riscv64", 64))
    with pytest.raises(
        DeviceError, match=r"pi: its library does not suit: .*/nosuch no such folder; name one"
    ):
        choose_runner(entry, DeviceFacts("aarch64", 64))


def test_a_library_for_another_processor(tmp_path: Path) -> None:
    (tmp_path / "include").mkdir()
    for name in ("paddle_api.h", "paddle_place.h"):
        (tmp_path / "include" / name).touch()
    (tmp_path / "lib").mkdir()
    elf = b"\x7fELF\x02\x01\x01" + bytes(9) + (3).to_bytes(2, "little") + (62).to_bytes(2, "little")
    (tmp_path / "lib" / "libpaddle_light_api_shared.so").write_bytes(elf + bytes(100) + b"\0v2.12\0")
    entry = DeviceEntry("pi", HostAddress(), lite_home=tmp_path)
    with pytest.raises(DeviceError, match=r"x86-64, linux-arm64 is ARM \(64 bit\); name one for linux-arm64"):
        choose_runner(entry, DeviceFacts("aarch64", 64))
    assert choose_runner(entry, DeviceFacts("x86_64", 64)).library_version == "v2.12"


def test_on_android_libraries_are_looked_for_beside_the_runner(tmp_path: Path) -> None:
    folder = tmp_path / "a b"
    folder.mkdir()
    (folder / "ppocr_runner").write_text('#!/bin/sh\nprintf "%s|" "$LD_LIBRARY_PATH" "$@"\n')
    (folder / "ppocr_runner").chmod(0o755)
    choice = NativeChoice(DeviceEntry("pixel", HostAddress()), TARGETS["android-arm64"], "")
    command = [*choice.command(str(folder)), "--serve", "--model", "x y"]
    assert HostWire("pixel", tmp_path).run(command).stdout.decode() == f"{folder}|--serve|--model|x y|"


@pytest.mark.arm
@pytest.mark.embedded
class TestEmulated:
    """With a real ARM library."""

    def test_it_computes_what_the_emulated_device_does(
        self, arm_board: Callable[..., Board], arm_bundle: Bundle
    ) -> None:
        board = arm_board(lite_home=Path(os.environ[LITE_HOME]), threads=1, power_mode="none")
        assert (board.target, board.facts.abi) == ("arm", "linux-arm64")
        with EmulatedDevice().open(arm_bundle, force=True) as emulated:
            expected = emulated.run([LINE])[0]
        predictor = board.open(arm_bundle, force=True)
        np.testing.assert_array_equal(predictor.run([LINE])[0], expected)
        assert len(predictor.measure([LINE], 3)) == 3
        (runner,) = started_with(f"{board.home}/.ppocr-edge/runners")
        os.kill(runner, signal.SIGKILL)
        with pytest.raises(PredictorCrashedError, match="was killed"):
            predictor.run([LINE])
        np.testing.assert_array_equal(predictor.run([LINE])[0], expected)
        predictor.close()
        assert len(board.sent) == 3  # runner, library, model
        assert not board.locked

    def test_a_library_that_is_gone(self, arm_board: Callable[..., Board], arm_bundle: Bundle) -> None:
        board = arm_board(lite_home=Path(os.environ[LITE_HOME]))
        predictor = board.open(arm_bundle, force=True)
        assert predictor.run([LINE])[0].shape == (2, 2)
        (library,) = board.home.glob(".ppocr-edge/runners/*/libpaddle*")
        gone = shutil.move(library, board.home)
        (runner,) = started_with(f"{board.home}/.ppocr-edge/runners")
        os.kill(runner, signal.SIGKILL)
        with pytest.raises(PredictorCrashedError):
            predictor.run([LINE])
        # what is not whole is made anew before a runner is started
        assert predictor.run([LINE])[0].shape == (2, 2)
        assert Path(gone).is_file()
        predictor.close()
