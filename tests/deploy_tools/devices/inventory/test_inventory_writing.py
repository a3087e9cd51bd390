"""Changing inventory files: the rest of the file stays as its owner wrote it."""

from __future__ import annotations

import multiprocessing
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deploy_tools.devices.inventory import writing
from deploy_tools.devices.inventory.entry import (
    AdbAddress,
    DeviceEntry,
    HostAddress,
    HostKeys,
    SshAddress,
)
from deploy_tools.devices.inventory.reading import read_inventory
from deploy_tools.devices.inventory.writing import add_entry, remove_entry
from edge.errors import InputError

REPOSITORY = Path(__file__).resolve().parents[4]
PI = DeviceEntry(
    "pi4",
    SshAddress("10.0.0.7", "pi", 2222, Path("/keys/my pi"), True, HostKeys.ACCEPT_NEW),
    "/mnt/$(ocr) 'x'",
    Path("/opt/lite"),
    "/opt/py: 3",
    4,
    "rand-high",
)
PIXEL = DeviceEntry("pixel", AdbAddress("0123"))
ODD = DeviceEntry('Täglich\'s "no": #1 电脑 🤖', HostAddress())
COMMENTED = """\
# my boards

inventory: 1   # the format
devices:
    # the one with the fan
    pi4:
        ssh: {host: pi}   # by its name
        folder: "a
          b"

    # the phone

    pixel:
        adb: X1
    # nothing follows
"""


def test_entries_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "devices.yml"
    for entry in (PI, PIXEL, ODD):
        add_entry(path, entry)
    assert read_inventory(path).all == (PI, PIXEL, ODD)
    assert remove_entry(path, "pixel") == PIXEL
    assert read_inventory(path).all == (PI, ODD)
    remove_entry(path, "pi4")
    remove_entry(path, ODD.name)
    assert path.read_text() == "inventory: 1\ndevices:\n"
    add_entry(path, PIXEL)
    assert path.read_text() == "inventory: 1\ndevices:\n  pixel:\n    adb: '0123'\n"
    assert [one.name for one in path.parent.iterdir()] == ["devices.yml"]


def test_all_that_others_wrote_stays(tmp_path: Path) -> None:
    path = tmp_path / "devices.yml"
    path.write_text(COMMENTED)
    add_entry(path, ODD)
    lines = path.read_text().splitlines()
    rest = [line for line in lines if line not in COMMENTED.splitlines()]
    assert rest == ["    'Täglich''s \"no\": #1 电脑 🤖':", "      this_host: true"]
    assert [line for line in lines if line not in rest] == COMMENTED.splitlines()
    remove_entry(path, ODD.name)
    assert path.read_text() == COMMENTED


def test_one_is_taken_out_of_the_middle_or_replaced(tmp_path: Path) -> None:
    path = tmp_path / "devices.yml"
    path.write_text(COMMENTED)
    add_entry(path, DeviceEntry("pi4", AdbAddress("Y2")), replace=True)
    before, after = COMMENTED.split("    pi4:\n")[0], COMMENTED.split('b"\n')[1]
    assert path.read_text() == f"{before}    pi4:\n      adb: Y2\n{after}"
    remove_entry(path, "pi4")
    assert path.read_text() == before + after


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# mine",
        "inventory: 1",
        "devices:\ninventory: 1\n",
        "devices: {}\ninventory: 1\n",
        "{inventory: 1, devices: {pixel: {adb: X1}}}",
        "inventory: 1\r\ndevices:\r\n  pixel: {adb: X1}\r\n",
        "inventory: 1\ndevices: {pixel: {adb: X1}}\n",
        "inventory: 1\ndevices:\n  pixel:\n    adb: X1",
        "inventory: 1\ndevices:\n  pixel:\n    adb: X1\n...\n# end\n",
        "\ufeff---\ndevices:\n  ? pixel\n  : adb: X1\ninventory: 1\n",
        "inventory: 1\ndevices:\n  pixel:\n    adb: X1\n    folder: |-\n      one line\n",
    ],
)
def test_however_a_file_is_written(tmp_path: Path, text: str) -> None:
    path = tmp_path / "devices.yml"
    path.write_bytes(text.encode())
    before = read_inventory(path).all
    add_entry(path, PI)
    assert read_inventory(path).all == (*before, PI)
    if "# mine" in text or "# end" in text:
        assert "# " in path.read_text()
    remove_entry(path, "pi4")
    assert read_inventory(path).all == before


def test_a_taken_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "devices.yml"
    add_entry(path, PI)
    with pytest.raises(InputError, match=r"device pi4: is in .*devices.yml already; .*--replace"):
        add_entry(path, PI)
    with pytest.raises(InputError, match=r"device pi5: there is no .*did you mean pi4\?"):
        remove_entry(path, "pi5")
    with pytest.raises(InputError, match="device name 'local'"):
        add_entry(path, DeviceEntry("local", HostAddress()))
    assert read_inventory(path).all == (PI,)


def test_a_broken_file_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "devices.yml"
    path.write_text("inventory: 1\ndevices:\n  x: {adbb: 1}\n")
    with pytest.raises(InputError, match=r"devices.x: does not say how to reach it"):
        add_entry(path, PI)
    assert path.read_text().endswith("adbb: 1}\n")


def test_what_cannot_be_written_down_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "devices.yml"
    with pytest.raises(InputError, match=r"folder: is 'a\\nb'; write a line of text"):
        add_entry(path, DeviceEntry("pi4", AdbAddress("X1"), folder="a\nb"))
    assert not path.exists()


def test_links_and_permissions_of_the_file_stay(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "devices.yml"
    add_entry(real, PIXEL)
    real.chmod(0o640)
    link = tmp_path / "devices.yml"
    link.symlink_to(real)
    add_entry(link, PI)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert read_inventory(real).all == (PIXEL, PI)


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(InputError, match=r"cannot be written \(its folder is a file\)"):
        add_entry(file / "devices.yml", PI)
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(InputError, match=r"cannot be (?:written|read)"):
        add_entry(loop, PI)
    with pytest.raises(InputError, match="cannot be written"):
        add_entry(Path("/proc/devices.yml"), PI)


def _add_many(path: Path, first: int) -> None:
    for number in range(first, first + 5):
        add_entry(path, DeviceEntry(f"d{number}", AdbAddress(str(number))))


def test_two_writers_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "PATIENCE", 200.0)  # turns come late on a busy machine
    path = tmp_path / "devices.yml"
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_add_many, args=(path, first)) for first in (0, 5, 10)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(250)
    assert sorted(read_inventory(path).entries) == sorted(f"d{number}" for number in range(15))


def test_a_writer_that_never_ends_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "PATIENCE", 0.2)
    holder = "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], 0), 2); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(InputError, match=r"another process has been writing it for 0.2 s"):
            add_entry(tmp_path / "devices.yml", PI)
    add_entry(tmp_path / "devices.yml", PI)


def test_what_a_killed_writer_left_is_swept_away(tmp_path: Path) -> None:
    path = tmp_path / "devices.yml"
    code = """
import os, signal, sys
from pathlib import Path
from deploy_tools.devices.inventory.entry import AdbAddress, DeviceEntry
from deploy_tools.devices.inventory.writing import add_entry
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
add_entry(Path(sys.argv[1]), DeviceEntry("pi4", AdbAddress("X1")))
"""
    killed = subprocess.run([sys.executable, "-c", code, str(path)], cwd=REPOSITORY, check=False)
    assert killed.returncode == -9
    assert [one.suffix for one in tmp_path.iterdir()] == [".new"]
    add_entry(path, PI)
    assert list(tmp_path.iterdir()) == [path]
    assert read_inventory(path).all == (PI,)
