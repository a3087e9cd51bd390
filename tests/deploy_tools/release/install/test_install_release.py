"""Releases on a device: one after the other, back, again, damaged, with every kind of shell."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploy_tools.devices.wire.host import HostWire
from deploy_tools.devices.wire.wire import Wire
from deploy_tools.release.install.outcome import UNFLUSHED, InstallOptions
from deploy_tools.release.install.rollback import list_releases
from edge.errors import DeviceError
from tests.deploy_tools.devices.store.wires import TOOLS, CutWire, ToolWire
from tests.release_kit.installing import KEY, NAME, TARGET, Place, Releases, host_place

pytestmark = pytest.mark.embedded
TOOLS_THERE = (*TOOLS, "dd", "sync")
# kind of device -> shell, the program that is all its tools, tools it lacks
KINDS = {
    "dash": (["dash"], None, ()),
    "busybox": (["busybox", "sh"], "busybox", ()),
    "android": (["mksh"], "toybox", ()),
    "bare": (["busybox", "sh"], "busybox", ("sha256sum", "tar", "df", "du", "sync")),
}


def kind_of_device(kind: str, place: Place, folder: Path) -> None:
    """Let a device have the shell and the tools of another."""
    shell, program, lacking = KINDS[kind]
    found = shutil.which(shell[0])
    tools = program and shutil.which(program)
    if found is None or (program and tools is None):
        pytest.skip(f"{shell[0]} or {program} is not installed (apt-get install busybox mksh toybox)")
    path = os.environ["PATH"]
    if tools:
        folder.mkdir()
        path = str(folder)
        for name in TOOLS_THERE:
            if name not in lacking:
                (folder / name).symlink_to(tools)
    place.open_wire = lambda: ToolWire(HostWire("pi4", place.home), [found, *shell[1:]], path)


def objects(place: Place) -> list[Path]:
    return list((place.root / "objects").iterdir())


def test_one_after_the_other_and_back(place: Place) -> None:
    first = place.install("1.0")
    assert place.version() == "1.0"
    assert (first.version, first.previous, first.kept, first.copied) == ("1.0", "", False, 0)
    assert first.target == TARGET
    assert Path(first.current) == place.shelf / "current"
    assert Path(first.folder) == (place.shelf / "current").resolve()
    second = place.install("1.1")
    assert place.version() == "1.1"
    assert (second.previous, second.removed, second.notes) == ("1.0", (), ())
    # what both have is not sent again
    same = set(place.releases.files("1.0").values()) & set(place.releases.files("1.1").values())
    sizes = [path.stat().st_size for path in Path(second.folder).rglob("*") if path.is_file()]
    assert 0 < len(same) < len(sizes)
    assert second.copied > 0
    assert second.sent + second.copied == sum(sizes)
    assert place.version_of(Path(first.folder)) == "1.0"
    back = place.roll_back()
    assert (place.version(), back.version, back.previous) == ("1.0", "1.0", "1.1")
    forth = place.roll_back()
    assert (place.version(), forth.version, forth.previous) == ("1.1", "1.1", "1.0")
    third = place.install("1.2")
    assert place.version() == "1.2"
    assert (third.previous, third.removed) == ("1.1", ("1.0",))
    assert not Path(first.folder).exists()
    assert (place.shelf / "current").readlink() == Path(Path(third.folder).name)
    assert (place.left(), objects(place)) == ([], [])
    assert not list(place.home.parent.rglob("pwned"))


def test_what_came_before_stays_known_where_it_went_back_in_between(place: Place) -> None:
    place.install("1.0")
    place.install("1.1")
    place.roll_back()
    third = place.install("1.2")
    assert (third.previous, third.removed) == ("1.0", ("1.1",))
    assert place.roll_back().version == place.version() == "1.0"
    assert place.install("1.2").previous == "1.0"
    assert place.version() == "1.2"


def test_older_releases_that_are_kept(place: Place) -> None:
    for version in ("1.0", "1.1", "1.2"):
        done = place.install(version, InstallOptions(selftest=False, keep=1))
        assert done.removed == ()
    (listed,) = list_releases(place.device())
    assert [record.version for record in listed.records.values()] == ["1.0", "1.1", "1.2"]
    assert place.install("1.2").removed == ("1.0",)


def test_modes_are_those_of_the_archive_whatever_the_umask(place: Place) -> None:
    before = os.umask(0o077)
    try:
        place.install("1.0")
        done = place.install("1.1")
    finally:
        os.umask(before)
    folder = Path(done.folder)
    for path in (folder, *folder.rglob("*")):
        wanted = 0o755 if path.is_dir() or path.name == "selftest" else 0o644
        assert (path.name, oct(path.stat().st_mode & 0o7777)) == (path.name, oct(wanted))


def test_the_same_again_changes_nothing(place: Place) -> None:
    done = place.install("1.0")
    stamps = {path: path.lstat().st_mtime_ns for path in Path(done.folder).rglob("*")}
    again = place.install("1.0")
    assert (again.kept, again.sent, again.folder) == (True, 0, done.folder)
    assert {path: path.lstat().st_mtime_ns for path in Path(done.folder).rglob("*")} == stamps


def test_what_is_known_of_them(place: Place) -> None:
    assert list_releases(place.device()) == []
    place.install("1.0")
    place.install("1.1")
    (listed,) = list_releases(place.device())
    told = listed.to_json()
    assert (told["name"], told["path"]) == (NAME, str(place.shelf / "current"))
    newest, oldest = told["releases"]
    assert [newest["version"], oldest["version"]] == ["1.1", "1.0"]
    assert (told["current"], told["previous"]) == (newest["folder"], oldest["folder"])
    assert newest["previous"] == oldest["folder"]
    assert (newest["key"], newest["target"]) == (KEY.public.id, TARGET)
    assert newest["selftest"] == "not run: --no-selftest"
    assert newest["folder"].startswith(f"1.1-{newest['archive'][:12]}")
    assert list_releases(place.device(), "other") == []


def test_a_damaged_copy_is_replaced_beside_it(place: Place) -> None:
    first = place.install("1.0")
    usual = place.install("1.1")
    there = Path(usual.folder)
    faults: tuple[Callable[[], object], ...] = (
        lambda: (there / "models/cls/model.nb").write_bytes(b"x"),
        lambda: (there / "manifest.json").unlink(),
        lambda: (there / "models/more").touch(),
        lambda: (there / "models/.hidden").symlink_to("/etc/passwd"),
        lambda: (there / "selftest").chmod(0o644),
    )
    names = []
    for damage in faults:
        damage()
        mended = place.install("1.1")
        assert place.version() == "1.1"
        assert (mended.previous, mended.removed) == ("1.0", ("1.1",))
        assert not there.exists()
        there = Path(mended.folder)
        names.append(there.name.removeprefix(Path(usual.folder).name))
    assert names == [".2", "", ".2", "", ".2"]
    assert place.roll_back().folder == first.folder
    assert place.install("1.1").folder == str(there)


def test_a_damaged_release_is_not_gone_back_to(place: Place) -> None:
    first = place.install("1.0")
    place.install("1.1")
    model = Path(first.folder) / "models/cls/model.nb"
    model.write_bytes(model.read_bytes()[:-1])
    with pytest.raises(DeviceError, match=r"the release before, has another models/cls/model\.nb; install"):
        place.roll_back()
    assert place.version() == "1.1"
    (Path(first.folder) / "manifest.json").write_text("{}")
    with pytest.raises(DeviceError, match=r"the release before, has another manifest\.json; install"):
        place.roll_back()
    (Path(first.folder) / "manifest.json").unlink()
    with pytest.raises(DeviceError, match=r"the release before, has no manifest\.json; install"):
        place.roll_back()


def test_nothing_to_go_back_to(place: Place) -> None:
    with pytest.raises(DeviceError, match=r"pi4: has no release; see what is there: .*--list --device pi4"):
        place.roll_back()
    place.install("1.0")
    with pytest.raises(DeviceError, match=r"has no made before 1\.0 to go back to; see what"):
        place.roll_back()
    with pytest.raises(DeviceError, match=r"pi4: has no release other"):
        place.roll_back("other")
    other = place.shelf.parent / "other"
    other.mkdir()  # as an install leaves it that never came to its end
    with pytest.raises(DeviceError, match=r"pi4: has no release other"):
        place.roll_back("other")
    with pytest.raises(DeviceError, match=r"has no made before 1\.0 to go back to; see what"):
        place.roll_back()
    assert [one.name for one in list_releases(place.device())] == [NAME]
    with pytest.raises(DeviceError, match=r"pi4: has no release made \*; see what"):
        place.roll_back("made *")
    (other / "3.0-0123456789ab").mkdir()
    with pytest.raises(
        DeviceError, match=r"has releases of several names: made, other; say which, by --name"
    ):
        place.roll_back()
    with pytest.raises(DeviceError, match=r"pi4: has no other that is current; see what"):
        place.roll_back("other")


def test_what_the_current_one_is_remembered_by_is_lost(place: Place) -> None:
    """The one before stays, and is gone back to."""
    place.install("1.0")
    done = place.install("1.1")
    (place.shelf / ".records" / Path(done.folder).name).write_bytes(b"\0" * 300)
    again = place.install("1.1")
    assert (again.kept, again.previous, again.removed) == (True, "1.0", ())
    assert place.roll_back().version == place.version() == "1.0"


def test_nothing_goes_where_nobody_knows_what_is_used(place: Place) -> None:
    """Somebody made the link by hand, in a way of his own."""
    place.install("1.0")
    place.install("1.1")
    link = place.shelf / "current"
    target = link.resolve()
    link.unlink()
    link.symlink_to(target)
    assert place.install("1.2").removed == ()
    assert (place.version(), place.version_of(target)) == ("1.2", "1.1")
    assert place.install("1.2").removed == ("1.1", "1.0")


def test_releases_of_a_name_on_another_storage(place: Place, tmp_path: Path) -> None:
    other = tmp_path / "other storage"
    other.mkdir()
    place.shelf.parent.mkdir(parents=True)
    place.shelf.symlink_to(other)
    place.install("1.0")
    assert place.install("1.1").previous == "1.0"
    with pytest.raises(DeviceError, match="an older one"):
        place.install("1.0")
    assert place.install("1.2").removed == ("1.0",)
    assert (place.roll_back().version, place.version()) == ("1.1", "1.1")
    assert [one.name for one in list_releases(place.device())] == [NAME]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_shell(kind: str, place: Place, tmp_path: Path) -> None:
    kind_of_device(kind, place, tmp_path / "tools")
    notes = (UNFLUSHED,) if kind == "bare" else ()
    assert place.install("1.0").notes == notes
    done = place.install("1.1")
    assert (place.version(), done.notes) == ("1.1", notes)
    assert done.copied > 0
    place.roll_back()
    assert place.version() == "1.0"
    assert place.install("1.2").removed == ("1.1",)
    assert (place.version(), place.left(), objects(place)) == ("1.2", [], [])


def test_it_goes_on_where_the_link_broke(place: Place) -> None:
    place.install("1.0")
    usual, size = place.open_wire, 300_000
    place.open_wire = lambda: CutWire(usual(), size)
    with pytest.raises(DeviceError, match="the link broke"):
        place.install("1.1")
    assert place.version() == "1.0"
    wires: list[CutWire] = []

    def counted() -> Wire:
        wires.append(CutWire(usual()))
        return wires[-1]

    place.open_wire = counted
    done = place.install("1.1")
    assert place.version() == "1.1"
    assert size < done.sent
    assert 0 < wires[0].sent < done.sent - size + 30_000  # in a pack small files have headers
    assert (place.left(), objects(place)) == ([], [])


@pytest.fixture
def readers(place: Place) -> Iterator[list[str]]:
    """Versions that somebody who looks all the time finds; or what went wrong."""
    seen: list[str] = []
    end = threading.Event()

    def look() -> None:
        while not end.is_set():
            try:
                text = (place.shelf / "current" / "manifest.json").read_text()
                seen.append(text.partition('"version": "')[2][:3])
            except OSError as error:
                seen.append(str(error))

    place.install("1.0")
    place.install("1.1")
    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    yield seen
    end.set()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("kind", ["dash", "busybox", "android"])
def test_current_leads_somewhere_at_every_moment(
    kind: str, place: Place, readers: list[str], tmp_path: Path
) -> None:
    kind_of_device(kind, place, tmp_path / "tools")
    for _ in range(6):
        place.roll_back()
    assert set(readers) == {"1.0", "1.1"}


def test_a_device_tries_its_models_first(releases: Releases, tmp_path: Path) -> None:
    place = host_place(releases, tmp_path / "a 'home'")
    place.entry = replace(place.entry, python=sys.executable)
    done = place.install("1.0", InstallOptions())
    assert (done.selftest, place.version()) == ("passed", "1.0")
    assert not list((place.root / "run").iterdir())
