"""What is refused: before anything is sent, or before it is current; what was there before still is."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from deploy_tools.devices.store.lock import hold
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.host import HostWire
from deploy_tools.devices.wire.wire import Progress
from deploy_tools.release.install.outcome import InstallOptions
from deploy_tools.release.install.source import open_release
from deploy_tools.release.trust.sign import sign_release
from deploy_tools.release.trust.signature import SIGNATURE_NAME
from edge.errors import DeviceError, InputError, ReleaseError
from tests.deploy_tools.devices.store.wires import TOOLS, Around, ToolWire
from tests.devices_kit.mounting import mounting
from tests.release_kit.installing import KEY, NAME, Place, Releases, host_place
from tests.release_kit.made_release import made_key

pytestmark = pytest.mark.embedded


@pytest.fixture
def own(releases: Releases, tmp_path: Path) -> Callable[[str], Path]:
    """``own(version)``: a copy of a release, to be changed."""
    return lambda version: Path(
        shutil.copytree(releases.path(version), tmp_path / "own" / f"{NAME}-{version}")
    )


def untouched(place: Place) -> bool:
    """Whether nothing of releases was ever there."""
    return not place.shelf.exists() and not list(place.root.glob("objects/*"))


def with_tools(place: Place, folder: Path, lacking: tuple[str, ...] = (), **programs: str) -> None:
    """Let the device have only some tools, and some of its own."""
    folder.mkdir()
    for name in (*TOOLS, "sync", "dd"):
        found = shutil.which(name)
        if name not in lacking and name not in programs and found is not None:
            (folder / name).symlink_to(found)
    for name, text in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    place.open_wire = lambda: ToolWire(HostWire("pi4", place.home), ["/bin/sh"], str(folder))


# the release


def test_a_wrong_key(place: Place) -> None:
    with (
        pytest.raises(ReleaseError, match=r"SHA256SUMS\.sig: is by key '.*', which is not trusted"),
        open_release(place.releases.path("1.0"), [made_key(9).public]),
    ):
        pass


@pytest.mark.parametrize("file", [f"{NAME}-1.0-linux-x86_64.tar.gz", "sbom.cdx.json", "SHA256SUMS"])
def test_a_changed_byte(file: str, place: Place, own: Callable[[str], Path]) -> None:
    path = own("1.0") / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ReleaseError, match=r"SHA256SUMS"):
        place.install_path(path.parent)
    assert untouched(place)


def test_an_archive_that_changes_after_it_was_verified(place: Place, own: Callable[[str], Path]) -> None:
    folder = own("1.0")
    archive = folder / f"{NAME}-1.0-linux-x86_64.tar.gz"
    with open_release(folder, [KEY.public]) as source:
        archive.write_bytes(
            place.releases.path("1.1").joinpath(f"{NAME}-1.1-linux-x86_64.tar.gz").read_bytes()
        )
        with pytest.raises(ReleaseError, match=r"has SHA-256 [0-9a-f]{64}, where [0-9a-f]{64} is expected"):
            source.unpacked("linux-x86_64")


def test_nobody_signed_it(place: Place, own: Callable[[str], Path]) -> None:
    folder = own("1.0")
    (folder / SIGNATURE_NAME).unlink()
    with pytest.raises(
        ReleaseError, match=r"SHA256SUMS\.sig: is missing: the release was never signed, or lost it"
    ):
        place.install_path(folder)
    assert untouched(place)
    allowed = InstallOptions(allow=("unsigned",), selftest=False)
    assert place.install_path(folder, allowed).version == place.version() == "1.0"
    (folder / "sbom.cdx.json").unlink()
    with pytest.raises(ReleaseError, match=r"sbom\.cdx\.json: is missing"):
        place.install_path(folder, allowed)
    archive = folder / f"{NAME}-1.0-linux-x86_64.tar.gz"
    with pytest.raises(InputError, match=r"is no folder; without a key, give the folder of a whole release"):
        place.install_path(archive, allowed)
    with pytest.raises(InputError, match=r"is no release: it has no SHA256SUMS"):
        place.install_path(folder.parent, allowed)


def test_nothing_in_it_is_for_devices(place: Place) -> None:
    with (
        pytest.raises(InputError, match=r"holds nothing that can be installed on a device; installed are"),
        open_release(place.releases.path("1.0") / f"{NAME}-1.0-android.aar", [KEY.public]),
    ):
        pass


def test_this_host_lets_nothing_be_run_where_it_unpacks(
    place: Place, mounted: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As hosts do that are made safe: what is a program is one on the device all the same."""
    monkeypatch.setattr(tempfile, "tempdir", str(mounted("size=20m,noexec")))
    done = place.install("1.0")
    assert os.access(Path(done.folder) / "selftest", os.X_OK)


def test_one_archive_is_enough(place: Place) -> None:
    archive = place.releases.path("1.0") / f"{NAME}-1.0-linux-x86_64.tar.gz"
    assert place.install_path(archive).version == place.version() == "1.0"


# the device


@pytest.mark.parametrize(
    ("machine", "version", "said"),
    [
        (
            "aarch64",
            "1.1",
            r"is linux-arm64, the release made 1\.1 has linux-x86_64; package it for that too: ",
        ),
        ("armv7l", "1.0", r"is linux-armhf, .* has linux-arm64, linux-x86_64, android-assets; package"),
        (
            "riscv64",
            "1.0",
            r"is linux-riscv64, .*; releases are made for linux-arm64, linux-armhf, linux-x86_",
        ),
    ],
)
def test_nothing_in_it_is_for_this_device(
    machine: str, version: str, said: str, place: Place, tmp_path: Path
) -> None:
    with_tools(place, tmp_path / "tools", uname=f"echo {machine}")
    with pytest.raises(DeviceError, match=said):
        place.install(version)
    assert untouched(place)


def test_an_android_of_another_processor(place: Place, tmp_path: Path) -> None:
    with_tools(place, tmp_path / "tools", getprop="echo x86_64")
    with pytest.raises(DeviceError, match=r"is android-x86_64, .*; releases are made for .*models for ARM"):
        place.install("1.0")


def test_no_room(place: Place, mounted: Callable[[str], Path]) -> None:
    place = host_place(place.releases, mounted("size=1500k"))
    with pytest.raises(
        DeviceError, match=r"pi4: 1\.8\d MB are needed at .*, 1\.\d\d MB are free; free space"
    ):
        place.install("1.0")
    assert (place.left(), list(place.root.glob("objects/*"))) == ([f".new-{base_of(place, '1.0')}"], [])


def test_no_room_any_more(place: Place, mounted: Callable[[str], Path]) -> None:
    place = host_place(place.releases, mounted("size=4m"))

    class Filling(Around):
        def send(
            self, source: Path, target: str, *, offset: int = 0, progress: Progress | None = None
        ) -> None:
            with pytest.raises(OSError, match="No space"):
                (place.home / "other").write_bytes(b"x" * 5_000_000)
            super().send(source, target, offset=offset, progress=progress)

    place.install("1.0")
    usual = place.open_wire
    place.open_wire = lambda: Filling(usual())
    with pytest.raises(DeviceError, match=r"pi4: .*[Nn]o space"):
        place.install("1.1")
    assert (place.version(), place.left(), list(place.root.glob("objects/*"))) == ("1.0", [], [])
    (place.home / "other").unlink()
    place.open_wire = usual
    assert place.install("1.1").version == place.version() == "1.1"


def test_a_folder_that_may_not_be_written(place: Place) -> None:
    place.install("1.0")
    for folder in (place.home, *place.home.parents):
        folder.chmod(folder.stat().st_mode | 0o055)
    for folder in ("objects", "runners", "run", ""):
        (place.root / folder).chmod(0o777)
    somebody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    place.shelf.chmod(0o555)
    place.open_wire = lambda: ToolWire(HostWire("pi4", place.home), ["sh"], os.environ["PATH"], somebody)
    with pytest.raises(
        DeviceError, match=r"preparing its folder failed: .*; let the user write there, or give"
    ):
        place.install("1.1")
    place.shelf.chmod(0o755)
    assert (place.version(), place.left()) == ("1.0", [])


def test_programs_cannot_be_run_there(place: Place, mounted: Callable[[str], Path]) -> None:
    place = host_place(place.releases, mounted("size=9m,noexec"))
    with pytest.raises(
        DeviceError, match=r"is on a file system that lets no program be run \(noexec\); give"
    ):
        place.install("1.0")
    assert place.left() == []


def test_links_cannot_be_made_there(place: Place, tmp_path: Path) -> None:
    with_tools(place, tmp_path / "tools", lacking=("ln",))
    with pytest.raises(
        DeviceError, match=r"/made has no symbolic links, so releases cannot be switched in one"
    ):
        place.install("1.0")
    assert not list(place.root.glob("objects/*"))


def test_links_cannot_be_replaced_there(place: Place, tmp_path: Path) -> None:
    with_tools(place, tmp_path / "tools", mv='case $4$3 in *.next/) ;; *) exec /bin/mv "$@" ;; esac')
    with pytest.raises(DeviceError, match=r"does not let a link replace another, so releases cannot"):
        place.install("1.0")


def test_something_else_is_called_current(place: Place) -> None:
    (place.shelf / "current").mkdir(parents=True)
    with pytest.raises(DeviceError, match=r"/made/current is in the way: it is no link; move it"):
        place.install("1.0")
    (place.shelf / "current").rmdir()
    (place.shelf / "current").symlink_to("nowhere")
    assert place.install("1.0").version == place.version() == "1.0"


def test_somebody_uses_it(place: Place) -> None:
    place.install("1.0")
    wire = HostWire("pi4", place.home)
    with hold(wire, "", "anna"):
        for work in (lambda: place.install("1.1"), place.roll_back):
            with pytest.raises(DeviceError, match=r"pi4: is in use by anna on .*; wait for them, or take it"):
                work()
    assert place.install("1.1").version == place.version() == "1.1"


def test_the_lock_is_taken_away_meanwhile(place: Place) -> None:
    place.install("1.0")

    def told(what: str) -> None:
        if what == "sending":
            DeviceStore(HostWire("other", place.home), None).unlock()

    with pytest.raises(DeviceError, match=r"the lock on the device is gone"):
        place.install("1.1", told=told)
    assert place.version() == "1.0"
    assert place.install("1.1").version == place.version() == "1.1"


@pytest.mark.parametrize("number", [1, 2])
def test_the_lock_is_taken_away_while_all_is_written(number: int, place: Place, tmp_path: Path) -> None:
    """To write much to a slow card takes longer than a holder without a link lives."""
    first = place.install("1.0")
    usual, syncs = place.open_wire, tmp_path / "syncs"
    count, lock = (shlex.quote(str(path)) for path in (syncs, place.root / "lock"))
    take = f'[ "$(cat {count})" != {"x" * number} ] || rm -rf {lock}'
    with_tools(place, tmp_path / "tools", sync=f"printf x >>{count}\n{take}")
    with pytest.raises(DeviceError, match=r"the lock on the device is gone"):
        place.install("1.1")
    assert (place.version(), syncs.read_text()) == ("1.0", "x" * number)
    place.open_wire = usual
    assert place.install("1.2").previous == place.version_of(Path(first.folder)) == "1.0"
    assert (place.version(), place.left()) == ("1.2", [])


def test_the_link_is_changed_meanwhile(place: Place) -> None:
    """By hand: hosts that install hold the lock."""
    place.install("1.0")
    place.install("1.1")
    link = place.shelf / "current"

    def told(what: str) -> None:
        if what == "switching":
            link.unlink()
            link.symlink_to(base_of(place, "1.0"))

    with pytest.raises(
        DeviceError, match=r"/made/current was changed by somebody else meanwhile; run it again"
    ):
        place.install("1.2", told=told)
    assert place.version() == "1.0"
    assert place.install("1.2").previous == "1.0"


def test_files_that_are_damaged_there_again_and_again(place: Place, tmp_path: Path) -> None:
    place.install("1.0")
    damage = 'case $2 in */objects/*) echo >>"$2" ;; esac\nexec /bin/mv "$@"'
    with_tools(place, tmp_path / "tools", mv=damage)
    with pytest.raises(
        DeviceError, match=r"/\.new-1\.1-[0-9a-f]{12} has another .*; see whether the storage there is sound"
    ):
        place.install("1.1")
    assert (place.version(), place.left()) == ("1.0", [])


def test_nothing_is_known_of_what_came_before(place: Place) -> None:
    place.install("1.0")
    place.install("1.1")
    (place.shelf / ".records" / base_of(place, "1.0")).write_text('{"format": 2}\n')
    with pytest.raises(
        DeviceError, match=r"1\.0-[0-9a-f]{12}, the release before, is not known any more; inst"
    ):
        place.roll_back()
    assert place.version() == "1.1"


# what is older


def test_an_older_release(place: Place) -> None:
    place.install("1.1")
    with pytest.raises(
        DeviceError, match=r"has made 1\.1, this is 1\.0, an older one; add --allow downgrade, or go back"
    ):
        place.install("1.0")
    assert (place.version(), list(place.root.glob("objects/*"))) == ("1.1", [])
    done = place.install("1.0", InstallOptions(("downgrade",), selftest=False))
    assert (done.previous, place.version()) == ("1.1", "1.0")


def test_another_release_of_the_same_version(
    place: Place, own: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.install("1.0")
    other = remade(place, tmp_path)
    with open_release(place.releases.path("1.0"), [KEY.public]) as source:
        signed = source.verified.signed
    assert signed is not None
    for seconds in (-5, 0):
        sign_at(other, signed.timestamp() + seconds, monkeypatch)
        with pytest.raises(
            DeviceError, match=r"has another made 1\.0, which is not older: signed at 20.*, this"
        ):
            place.install_path(other)
    (other / SIGNATURE_NAME).unlink()
    with pytest.raises(DeviceError, match=r"has another made 1\.0, and nothing tells which is newer: one of"):
        place.install_path(other, InstallOptions(("unsigned",), selftest=False))
    assert place.version() == "1.0"
    sign_at(other, signed.timestamp() + timedelta(hours=1).total_seconds(), monkeypatch)
    assert place.install_path(other).previous == "1.0"


# what does not compute


def test_the_selftest_fails(place: Place, tmp_path: Path) -> None:
    place.install("1.0")
    program = tmp_path / "a python's"
    real = shlex.quote(sys.executable)
    program.write_text(
        f'#!/bin/sh\ncase $1 in -c) exec {real} "$@";; esac\n'
        "echo 'runner: --compare: differs by 0.9 at most, 0.001 is allowed' >&2; exit 1\n"
    )
    program.chmod(0o755)
    place.entry = replace(place.entry, python=str(program))
    with pytest.raises(
        DeviceError,
        match=r"does not compute there what it should: cls FAIL the made of '1\.1': --compare: differs",
    ):
        place.install("1.1", InstallOptions())
    assert (place.version(), place.left(), list((place.root / "run").iterdir())) == ("1.0", [], [])
    assert place.install("1.1").selftest == "not run: --no-selftest"
    assert place.version() == "1.1"


def test_there_is_no_runner(place: Place) -> None:
    done = place.install("1.0", InstallOptions())
    assert done.selftest == "not run: no runner is in the release, and none is named for the device"
    assert place.version() == "1.0"


def test_a_runner_that_is_named_and_is_none(place: Place) -> None:
    place.entry = replace(place.entry, python="/no/python")
    with pytest.raises(DeviceError, match=r"has no Python /no/python"):
        place.install("1.0", InstallOptions())
    assert not (place.shelf / "current").exists()


def base_of(place: Place, version: str) -> str:
    with open_release(place.releases.path(version), [KEY.public]) as source:
        return source.folder_name(source.unpacked("linux-x86_64"))


def remade(place: Place, folder: Path) -> Path:
    """Release 1.0 again, with other models."""
    from deploy_tools.release.gathering import gather
    from deploy_tools.release.package import write_release
    from deploy_tools.release.request import PackageRequest

    request = PackageRequest([place.releases.folder / "x86 1.1"], ("linux-x86_64",), NAME, "1.0")
    return write_release(gather(request), folder / "remade").folder


def sign_at(folder: Path, seconds: float, patch: pytest.MonkeyPatch) -> None:
    (folder / SIGNATURE_NAME).unlink(missing_ok=True)
    patch.setenv("SOURCE_DATE_EPOCH", str(int(seconds)))
    sign_release(folder, KEY)
    patch.delenv("SOURCE_DATE_EPOCH")


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """``mounted(options)``: a file system in memory with these options."""
    with mounting(tmp_path / "mounted") as mount:
        yield mount
