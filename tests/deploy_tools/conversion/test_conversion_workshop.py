"""The folder a bundle is built in: swept when its builder is gone, never while it is there."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy_tools.conversion import workshop as module
from deploy_tools.conversion.workshop import put_in_place, workshop

# builds, says so, and waits to be killed; arguments: place
_BUILDER = """
import sys
from pathlib import Path
from deploy_tools.conversion.workshop import workshop
with workshop(Path(sys.argv[1])) as shop:
    (shop / "half").write_text("x")
    print(shop, flush=True)
    sys.stdin.read()
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_gone_afterwards(tmp_path: Path) -> None:
    with workshop(tmp_path / "b") as shop:
        (shop / "deep").mkdir()
        (shop / "deep" / "file").write_text("x")
        assert shop.parent == tmp_path
        assert shop.name.startswith(".b.new-")
    assert names(tmp_path) == []


def test_gone_after_an_error_with_the_folders_made_for_it(tmp_path: Path) -> None:
    def fail() -> None:
        with workshop(tmp_path / "new" / "deep" / "b"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert names(tmp_path) == []
    (tmp_path / "new").mkdir()
    with pytest.raises(KeyboardInterrupt):
        fail()
    assert names(tmp_path) == ["new"], "this one was there before"


def test_a_killed_builder_is_swept_up_after_and_a_living_one_is_not(tmp_path: Path) -> None:
    place = tmp_path / "b [1]*"
    command = [sys.executable, "-c", _BUILDER, str(place)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as builder:
        assert builder.stdout is not None
        left = Path(builder.stdout.readline().strip())
        with workshop(place):
            assert names(left) == ["half"], "in use"
        with workshop(tmp_path / "another"):
            pass
        builder.kill()
        builder.wait()
        assert left.exists(), "a kill leaves it"
        with workshop(tmp_path / "another"):
            assert left.exists(), "not the business of other places"
        with workshop(place):
            assert not left.exists()
    assert names(tmp_path) == []


def test_what_only_looks_alike_stays(tmp_path: Path) -> None:
    alike = (
        ".b.new-",
        ".b.new-notes",
        ".b.new-longer_name",
        ".b-settings",
        "b.new-abcdefgh",
        ".b.newer-abcdefgh",
    )
    for name in alike:
        (tmp_path / name).mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".b.new-a_linked").symlink_to("elsewhere")
    (tmp_path / ".b.new-regular_").write_text("a file")
    with workshop(tmp_path / "b"):
        pass
    kept = names(tmp_path)
    assert kept == sorted((*alike, "elsewhere", ".b.new-a_linked", ".b.new-regular_"))


@pytest.mark.parametrize("exchange", [True, False])
def test_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool) -> None:
    """With a system that swaps two folders in one step, and with one that cannot."""
    if not exchange:
        monkeypatch.setattr(module, "_exchange", lambda one, other: False)
    place = tmp_path / "b"
    for version in ("first", "second"):
        with workshop(place) as shop:
            (shop / "bundle").mkdir()
            (shop / "bundle" / version).write_text("x")
            put_in_place(shop / "bundle", place)
        assert names(place) == [version]
    assert names(tmp_path) == ["b"]


def test_this_system_swaps_in_one_step(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_text("x")
    assert module._exchange(tmp_path / "one", tmp_path / "other")
    assert (names(tmp_path / "one"), names(tmp_path / "other")) == (["other"], ["one"])
    assert not module._exchange(tmp_path / "one", tmp_path / "nosuch")


def _build(place: Path, rounds: int, letter: str) -> None:
    for _ in range(rounds):
        with workshop(place) as shop:
            (shop / "bundle").mkdir()
            for number in range(3):
                (shop / "bundle" / f"{letter}{number}").write_text(letter)
            put_in_place(shop / "bundle", place)


def test_many_builders_of_one_place(tmp_path: Path) -> None:
    """What stands there is always whole, and always there once it was."""
    place = tmp_path / "b"
    _build(place, 1, "x")
    context = multiprocessing.get_context("spawn")
    builders = [context.Process(target=_build, args=(place, 40, letter)) for letter in "xyz"]
    for builder in builders:
        builder.start()
    seen = 0
    while any(builder.is_alive() for builder in builders):
        folder = os.open(place, os.O_RDONLY)  # it is always there
        try:
            found = "".join(sorted(os.listdir(folder)))  # noqa: PTH208  (a descriptor)
            if os.fstat(folder).st_ino == place.stat().st_ino:  # and was in place while it was listed
                assert found in ("x0x1x2", "y0y1y2", "z0z1z2")
                seen += 1
        finally:
            os.close(folder)
    assert seen > 3
    assert [builder.exitcode for builder in builders] == [0, 0, 0]
    assert names(tmp_path) == ["b"]
