"""``ppocr-edge install``: what it prints, what it takes, how it ends."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy_tools.release.gathering import gather
from deploy_tools.release.package import write_release
from deploy_tools.release.request import PackageRequest
from tests.deploy_tools.cli.command_run import CommandRun
from tests.e2e.command import command, environment
from tests.processes import wait_until
from tests.release_kit.installing import KEY, NAME, Place, Releases, host_place
from tests.release_kit.made_bundles import changed
from tests.release_kit.made_release import made_key

pytestmark = pytest.mark.embedded


@pytest.fixture
def install(capsys: pytest.CaptureFixture[str]) -> CommandRun:
    return CommandRun(capsys, "install")


@pytest.fixture
def place(releases: Releases, tmp_path: Path) -> Place:
    """The first of the devices."""
    made = host_place(releases, tmp_path / "unused")
    made.root = tmp_path / "a 'board'"
    return made


@pytest.fixture
def inventory(place: Place, tmp_path: Path) -> str:
    """Two devices of this host that work, and one that does not."""
    entries = {
        "it's one": {"this_host": True, "folder": str(place.root), "python": sys.executable},
        "two é": {"this_host": True, "folder": str(tmp_path / "two")},
        "gone": {"this_host": True, "folder": "/dev/null/x"},
    }
    path = tmp_path / "devices.yml"
    path.write_text(json.dumps({"inventory": 1, "devices": entries}))
    return str(path)


def test_a_release_comes_and_goes(install: CommandRun, place: Place, inventory: str, tmp_path: Path) -> None:
    on = ("--device", "it's one", "--inventory", inventory)
    key = tmp_path / "release.key.pub"
    key.write_text(KEY.public.pem())
    current = place.shelf / "current"
    out = install(str(place.releases.path("1.0")), *on, "--key", str(key))
    assert out.splitlines() == [
        "it's one: made 1.0 is current (linux-x86_64, 0.75 MB sent; selftest passed)",
        f"  {current}",
    ]
    assert place.version() == "1.0"
    out = install(str(place.releases.path("1.1")), *on, "--key", str(key), "--no-selftest")
    first, *rest = out.splitlines()
    assert first.startswith("it's one: made 1.1 is current (linux-x86_64, 0.6")
    assert first.endswith(" MB were there; selftest not run: --no-selftest)")
    assert rest == [f"  {current}", "  before: 1.0 (--rollback)"]
    out = install(str(place.releases.path("1.1")), *on, "--key", str(key))
    assert out.startswith("it's one: made 1.1 is current, as it was (selftest not run: --no-selftest)\n")
    table = [line.split() for line in install("--list", *on).splitlines()]
    assert table[0] == ["device", "name", "version", "target", "signed", "by", "selftest"]
    assert [row[2:5] for row in table[1:]] == [["made", "1.1", "current"], ["made", "1.0", "previous"]]
    assert install("--rollback", *on).splitlines() == [
        "it's one: made 1.0 is current again",
        f"  {current}",
        "  before: 1.1 (--rollback)",
    ]
    assert place.version() == "1.0"
    out = install(str(place.releases.path("1.2")), *on, "--key", str(key), "--no-selftest", "--keep", "3")
    assert out.startswith("it's one: made 1.2 is current (")
    assert "removed" not in out
    assert install("--list", "--name", "maid", *on) == "it's one: has no releases of the name maid\n"
    names = json.loads(install("--list", "--name", NAME, *on, "--json"))[0]["names"]
    assert [one["version"] for one in names[0]["releases"]] == ["1.2", "1.1", "1.0"]


def test_several_devices_of_which_one_fails(
    install: CommandRun, place: Place, inventory: str, tmp_path: Path
) -> None:
    words = (str(place.releases.path("1.0")), "--key", place.releases.key_line, "--no-selftest")
    rows = json.loads(install(*words, "--device", "all", "--inventory", inventory, "--json", code=2))
    assert [(row["device"], row["ok"]) for row in rows] == [
        ("it's one", True),
        ("two é", True),
        ("gone", False),
    ]
    assert rows[0]["version"] == place.version() == "1.0"
    assert (rows[0]["previous"], rows[0]["kept"], rows[0]["removed"]) == (None, False, [])
    assert (tmp_path / "two/releases/made/current/models/cls/model.nb").is_file()
    assert "/dev/null" in rows[2]["error"]
    assert install.err.endswith("1 of 3 devices failed\n")
    again = install(*words, "--device", "all", "--inventory", inventory, code=2)
    assert again.count("is current, as it was") == 2
    assert install.err.startswith("gone: ")
    listed = json.loads(install("--list", "--device", "all", "--inventory", inventory, "--json", code=2))
    assert [row.get("error", "") != "" for row in listed] == [False, False, True]
    back = install("--rollback", "--device", "it's one,two é", "--inventory", inventory, code=2)
    assert back == ""
    assert install.err.count("has no made before 1.0 to go back to") == 2


def test_one_device_that_fails_as_json(install: CommandRun, inventory: str) -> None:
    (row,) = json.loads(
        install("--rollback", "--device", "it's one", "--inventory", inventory, "--json", code=2)
    )
    assert (row["device"], row["ok"]) == ("it's one", False)
    assert row["error"].startswith("it's one: has no release; see what is there: ")


def test_what_must_be_known_of_it(
    install: CommandRun, place: Place, inventory: str, passed: Mapping[str, Path], tmp_path: Path
) -> None:
    on = ("--device", "it's one", "--inventory", inventory, "--no-selftest")
    bundle = changed(passed["x86"], tmp_path / "bundle", source={"model": "of my own"})
    request = PackageRequest([bundle], ("linux-x86_64",), NAME, "2.0", ("no-gates",))
    folder = write_release(gather(request), tmp_path).folder
    install(str(folder), *on, "--allow", "unsigned")
    assert install.err.splitlines() == [
        f"warning: {folder}: whoever made it, nobody looked at a signature (--allow unsigned)",
        f"warning: {folder}: its maker let pass: no-gates",
    ]
    assert json.loads(install("--list", *on[:4], "--json"))[0]["names"][0]["releases"][0]["key"] == ""
    assert " nobody " in install("--list", *on[:4])


def test_local(
    install: CommandRun, releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This host, with its own Paddle-Lite to try the models with."""
    monkeypatch.setenv("HOME", str(tmp_path))
    out = install(str(releases.path("1.0")), "--device", "local", "--key", releases.key_line)
    assert out.startswith("local: made 1.0 is current (linux-x86_64, ")
    assert "; selftest passed)\n" in out
    assert host_place(releases, tmp_path).version() == "1.0"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "RELEASE: is not given; give the folder of a release, --rollback or --list"),
        (
            ("R",),
            "--key: is not given; give the public key of the release's maker; --allow unsigned installs",
        ),
        (("R", "--key", "K", "--allow", "unsigned"), "--allow unsigned: contradicts --key; give one of them"),
        (("R", "--key", "K", "--name", "x"), "--name: goes with --rollback and --list"),
        (("R", "--rollback"), "R: is not needed with --rollback; leave it out"),
        (("--rollback", "--list"), "--rollback and --list: are two different things; give one of them"),
        (("--rollback", "--key", "K"), "--key: does not go with --rollback; leave one of them out"),
        (("--list", "--no-selftest"), "--no-selftest: does not go with --list; leave one of them out"),
        (("--list", "--keep", "2"), "--keep: does not go with --list; leave one of them out"),
        (("--list", "--allow", "downgrade"), "--allow: does not go with --list; leave one of them out"),
        (("R", "--key", "K"), "K: cannot be read (No such file or directory); give the file of a key"),
    ],
)
def test_options_that_do_not_go_together(install: CommandRun, words: tuple[str, ...], said: str) -> None:
    assert install(*words, "--device", "local", code=2) == ""
    assert install.err.startswith(f"ppocr-edge: {said}")
    assert install.err.count("\n") == 1


@pytest.mark.parametrize(
    ("device", "said"),
    [
        ("paddle", "--device paddle: is no place that keeps files; name boards and phones of"),
        ("qemu-arm64", "--device qemu-arm64: is no place that keeps files"),
        ("nobody", "--device nobody: there is no device of this name"),
    ],
)
def test_where_nothing_can_be_installed(
    install: CommandRun, device: str, said: str, place: Place, inventory: str
) -> None:
    words = ("--key", place.releases.key_line, "--device", device, "--inventory", inventory)
    assert install(str(place.releases.path("1.0")), *words, code=2) == ""
    assert install.err.startswith(f"ppocr-edge: {said}")


def test_what_is_not_to_be_trusted_is_refused_in_one_line(
    install: CommandRun, place: Place, inventory: str
) -> None:
    words = ("--key", made_key(9).public.line(), "--device", "all", "--inventory", inventory)
    assert install(str(place.releases.path("1.0")), *words, code=2) == ""
    assert "SHA256SUMS.sig: is by key" in install.err
    assert install.err.count("\n") == 1
    assert not place.root.exists()


def test_ctrl_c(install: CommandRun, place: Place, inventory: str, tmp_path: Path) -> None:
    on = ("--device", "it's one", "--inventory", inventory, "--key", place.releases.key_line)
    install(str(place.releases.path("1.0")), *on, "--no-selftest")
    # its selftest does not end, so that the signal cannot come too late
    python, real = tmp_path / "python", shlex.quote(sys.executable)
    python.write_text(f'#!/bin/sh\ncase $1 in -c) exec {real} "$@";; esac\nexec sleep 600\n')
    python.chmod(0o755)
    path = Path(inventory)
    path.write_text(path.read_text().replace(json.dumps(sys.executable), json.dumps(str(python))))
    words = command("install", place.releases.path("1.1"), *on)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(words, env=environment(), cwd=tmp_path, stdin=subprocess.DEVNULL, **pipes)
    wait_until(lambda: list(place.shelf.glob(".new-*")), 120, "it begins")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err) == (130, b"", b"ppocr-edge: interrupted\n")
    assert place.version() == "1.0"
    assert not (place.root / "lock").exists()
    assert "made 1.1 is current" in install(str(place.releases.path("1.1")), *on, "--no-selftest")
    assert (place.version(), place.left()) == ("1.1", [])
