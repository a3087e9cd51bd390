"""Sending files to a store: over several shells and tools, cut, damaged, without room or permission."""

from __future__ import annotations

import os
import random
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.host import HostWire
from deploy_tools.devices.wire.wire import Wire
from edge.errors import DeviceError, InputError
from edge.hashing import sha256_of
from tests.deploy_tools.devices.store.wires import CutWire, DamagingWire, ToolWire


def objects(home: Path) -> dict[str, bytes]:
    """All files of the store by name."""
    folder = home / ".ppocr-edge" / "objects"
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def assert_sound(home: Path) -> None:
    """Whatever has the name of an object is that object."""
    for path in (home / ".ppocr-edge" / "objects").glob("*"):
        assert path.suffix == ".part" or sha256_of(path) == path.name


def expected(files: Mapping[str, Path]) -> dict[str, bytes]:
    return {sha256_of(path): path.read_bytes() for path in files.values()}


def test_files_arrive_and_are_not_sent_again(device: Wire, home: Path, files: Mapping[str, Path]) -> None:
    store = DeviceStore(device, None)
    there = store.push(files)
    assert {name: Path(path).read_bytes() for name, path in there.items()} == {
        name: path.read_bytes() for name, path in files.items()
    }
    assert objects(home) == expected(files)
    before = device.round_trips
    assert store.push(files) == there
    assert device.round_trips == before + 1
    assert not list(home.parent.rglob("pwned"))


def test_small_files_are_sent_as_one(host: HostWire, files: Mapping[str, Path]) -> None:
    DeviceStore(host, None).push(files)
    # look, the small ones, the large one, check
    assert host.round_trips == 4


@pytest.mark.parametrize("kind", ["dash", "android", "bare"])
def test_a_link_cut_anywhere_loses_nothing(
    make_device: Callable[[str], Wire], home: Path, files: Mapping[str, Path], kind: str
) -> None:
    device = make_device(kind)
    dice = random.Random(kind)
    total = sum(path.stat().st_size for path in set(files.values()))
    for _ in range(7):
        cut = CutWire(device, after=dice.randrange(1, total))
        with pytest.raises(DeviceError, match="the link broke"):
            DeviceStore(cut, None).push(files)
        assert_sound(home)
        arrived = sum(map(len, objects(home).values()))
        cut.sent = 0
        DeviceStore(cut, None).push(files)
        assert objects(home) == expected(files)
        if kind != "bare":  # to look at what is there would take as long as to send it
            assert cut.sent <= total - arrived + 20_480  # a pack has headers
        shutil.rmtree(home / ".ppocr-edge")


@pytest.mark.parametrize("part", [b"x" * 1000, b"y" * 2_000_000, b""], ids=["other", "too long", "empty"])
def test_what_is_not_its_beginning_is_written_over(
    store: DeviceStore, home: Path, files: Mapping[str, Path], part: bytes
) -> None:
    folder = Path(store.root()) / "objects"
    (folder / f"{sha256_of(files['-rf'])}.part").write_bytes(part)
    store.push(files)
    assert objects(home) == expected(files)


def test_a_part_that_is_complete_is_only_checked(
    host: HostWire, home: Path, files: Mapping[str, Path]
) -> None:
    cut = CutWire(host)
    store = DeviceStore(cut, None)
    shutil.copy(files["-rf"], Path(store.root()) / "objects" / f"{sha256_of(files['-rf'])}.part")
    store.push({"model": files["-rf"]})
    assert cut.sent == 0
    assert objects(home) == expected({"model": files["-rf"]})


def test_a_file_of_another_size_is_not_trusted(
    store: DeviceStore, home: Path, files: Mapping[str, Path]
) -> None:
    large = Path(store.push(files)["-rf"])
    large.write_bytes(large.read_bytes()[:-1])  # the device lost power while it was written
    store.push(files)
    assert objects(home) == expected(files)


def test_no_clock_is_trusted(
    store: DeviceStore, home: Path, files: Mapping[str, Path], host: HostWire
) -> None:
    there = store.push({"again": files["again"]})
    part = Path(store.root()) / "objects" / f"{sha256_of(files['-rf'])}.part"
    part.write_bytes(files["-rf"].read_bytes()[:700_000])
    for path, seconds in ((Path(there["again"]), 4_000_000_000), (part, 0), (files["-rf"], 4_100_000_000)):
        os.utime(path, (seconds, seconds))
    cut = CutWire(host)
    DeviceStore(cut, None).push({"again": files["again"], "-rf": files["-rf"]})
    assert cut.sent == 800_000
    assert objects(home) == expected({"again": files["again"], "-rf": files["-rf"]})


def flip(_: Path, there: Path) -> None:
    content = bytearray(there.read_bytes())
    content[len(content) // 2] ^= 1
    there.write_bytes(content)


@pytest.mark.parametrize("kind", ["dash", "bare"])
def test_what_arrives_damaged_is_sent_again(
    make_device: Callable[[str], Wire], home: Path, files: Mapping[str, Path], kind: str
) -> None:
    damaged = []

    def once(source: Path, there: Path) -> None:
        if not damaged and source.stat().st_size:
            damaged.append(source)
            flip(source, there)

    DeviceStore(DamagingWire(make_device(kind), once), None).push(files)
    assert damaged
    assert objects(home) == expected(files)


def test_storage_that_damages_everything_is_told_of(
    host: HostWire, home: Path, files: Mapping[str, Path]
) -> None:
    with pytest.raises(
        DeviceError, match=r"large arrives damaged, 3 times in a row; see whether the storage"
    ):
        DeviceStore(DamagingWire(host, flip), None).push({"model": files["-rf"]})
    assert objects(home) == {}


def test_a_file_that_changes_meanwhile_is_told_of(
    host: HostWire, home: Path, files: Mapping[str, Path]
) -> None:
    def change(source: Path, there: Path) -> None:
        source.write_bytes(b"new" + source.read_bytes())
        there.write_bytes(source.read_bytes())

    with pytest.raises(InputError, match="large: changed while it was sent"):
        DeviceStore(DamagingWire(host, change), None).push({"model": files["-rf"]})
    assert objects(home) == {}


def test_a_file_that_is_not_there_is_named(store: DeviceStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.nb: cannot be read \(No such file"):
        store.push({"model": tmp_path / "nothing.nb"})


def test_room_is_looked_at_before_anything_is_sent(
    mounted: Callable[[str], Path], files: Mapping[str, Path]
) -> None:
    folder = mounted("size=2m")
    wire = CutWire(HostWire("pi4", folder))
    with pytest.raises(
        DeviceError, match=r"pi4: 2\.8\d MB are needed at .*, 2\.1\d MB are free; .*devices clean pi4"
    ):
        DeviceStore(wire, None).push(files)
    assert wire.sent == 0
    assert objects(folder) == {}


def test_a_device_that_becomes_full_meanwhile_gets_its_room_back(
    mounted: Callable[[str], Path], files: Mapping[str, Path]
) -> None:
    folder = mounted("size=4m")

    def fill(_: Path, there: Path) -> None:
        with pytest.raises(OSError, match="No space"):
            (folder / "other").write_bytes(b"x" * 5_000_000)

    (folder / "other").touch()
    names = {"again": files["again"], "-rf": files["-rf"]}
    with pytest.raises(
        DeviceError, match=r"pi4: .* became full while files were sent: .*No space.*clean pi4"
    ):
        DeviceStore(DamagingWire(HostWire("pi4", folder), fill), None).push(names)
    assert objects(folder) == {}


def unprivileged() -> list[str]:
    """What makes a command run as somebody who may not write everywhere."""
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []


def test_a_folder_that_may_not_be_written(host: HostWire, home: Path, files: Mapping[str, Path]) -> None:
    for folder in (home, *home.parents):
        folder.chmod(folder.stat().st_mode | 0o055)
    home.chmod(0o555)
    wire = ToolWire(host, ["sh"], os.environ["PATH"], unprivileged())
    with pytest.raises(
        DeviceError, match=r"pi4: .*[Pp]ermission denied; let the user write there, or give"
    ) as error:
        DeviceStore(wire, None).push(files)
    assert "\n" not in error.value.one_line()
    assert list(home.iterdir()) == []
    (home / "made").mkdir(mode=0o755)
    for name in ("objects", "runners", "run"):
        (home / "made" / name).mkdir(mode=0o755)
    with pytest.raises(DeviceError, match="is not writable; let the user write there"):
        DeviceStore(wire, "made").push(files)


def test_a_folder_below_a_file(host: HostWire, home: Path, files: Mapping[str, Path]) -> None:
    (home / "file").write_text("x")
    with pytest.raises(DeviceError, match=r"looking at its files failed: .*; let the user write there"):
        DeviceStore(host, "file/store").push(files)


@pytest.mark.parametrize(
    ("folder", "below"),
    [(None, ".ppocr-edge"), ("kept here/$(x)", "kept here/$(x)"), ("~/kept", "kept"), ("~", ".ppocr-edge")],
)
def test_the_folder_is_below_home_or_absolute(
    host: HostWire, home: Path, tmp_path: Path, folder: str | None, below: str
) -> None:
    assert DeviceStore(host, folder).root() == str(home / below)
    assert (home / below / "objects").is_dir()
    assert DeviceStore(host, str(tmp_path / "abs\nolute")).root() == str(tmp_path / "abs\nolute")


def test_what_a_login_shell_says_is_no_answer(host: HostWire, home: Path, files: Mapping[str, Path]) -> None:
    (home / "noisy").write_text('echo "Welcome to Pi!"; echo "fortune: --" >&2; exec /bin/sh "$@"\n')
    wire = ToolWire(host, ["/bin/sh", str(home / "noisy")], os.environ["PATH"])
    DeviceStore(wire, None).push(files)
    assert objects(home) == expected(files)


def test_a_file_that_goes_while_they_are_listed(
    host: HostWire, files: Mapping[str, Path], tmp_path: Path
) -> None:
    """Another process gives it its name at this very moment: ls says so, and that it failed."""
    DeviceStore(host, None).push(files)
    shims = tmp_path / "shims"
    shims.mkdir()
    real = shutil.which("ls")
    (shims / "ls").write_text(f'#!/bin/sh\n{real} "$@"\necho "ls: cannot access x.part" >&2\nexit 1\n')
    (shims / "ls").chmod(0o755)
    wire = ToolWire(host, ["/bin/sh"], f"{shims}{os.pathsep}{os.environ['PATH']}")
    before = wire.round_trips
    DeviceStore(wire, None).push(files)
    assert wire.round_trips == before + 1, "all of them were seen"


def test_two_that_send_the_same_at_once(home: Path, files: Mapping[str, Path]) -> None:
    failed = []

    def push() -> None:
        try:
            DeviceStore(HostWire("pi4", home), None).push(files)
        except DeviceError as error:
            failed.append(error)

    threads = [threading.Thread(target=push) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert objects(home) == expected(files)


def test_progress_goes_on_to_the_end(host: HostWire, files: Mapping[str, Path]) -> None:
    told: list[tuple[int, int]] = []
    store = DeviceStore(CutWire(host, after=900_000), None)
    for _ in range(2):
        try:
            store.push(files, lambda done, total: told.append((done, total)))
        except DeviceError:
            told.clear()
    assert told
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] >= 1_500_000
    told.clear()
    store.push(files, lambda done, total: told.append((done, total)))
    assert told == []
