"""``ppocr-edge verify``: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.deploy_tools.cli.command_run import CommandRun
from tests.release_kit.attacks import ATTACKS
from tests.release_kit.made_release import TOP, Tampered, made_key

pytestmark = pytest.mark.embedded
AT = ("--at", "2026-11-30")


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> CommandRun:
    return CommandRun(capsys, "verify")


@pytest.fixture
def key(made: Tampered, tmp_path: Path) -> str:
    path = tmp_path / "release.key.pub"
    path.write_text(made.key.public.pem())
    return str(path)


def test_a_release(verify: CommandRun, made: Tampered, key: str) -> None:
    out = verify(str(made.folder), "--key", key, *AT)
    assert out.splitlines() == [
        "release   made 1.0.0",
        f"signed    by {made.key.public.id} at 2026-11-26T07:30:00Z",
        f"verified  all {len(made.contents())} files",
        "targets   android, linux-arm64",
        f"model     ch_ppocr_mobile_v2.0_cls (cls, fp32 for arm), opt {made.model['opt_version']}, "
        f"{made.model['sha256'][:12]}",
    ]
    assert verify.err == "warning: its maker let pass: no-gates\n"


def test_json(verify: CommandRun, made: Tampered) -> None:
    words = ("--key", made_key(2).public.line(), "--key", made.key.public.line(), *AT, "--json")
    found = json.loads(verify(str(made.folder), *words))
    assert found["verified"] is True
    assert found["whole"] is True
    assert found["key"] == made.key.public.id
    assert found["files"].keys() == made.contents().keys()
    assert found["models"][0]["sha256"] == made.model["sha256"]
    part = json.loads(verify(str(made.folder), "--only", "android", *words))
    assert (part["targets"], part["whole"]) == (["android"], False)
    alone = json.loads(verify(str(made.tar), *words))
    assert alone["targets"] == ["linux-arm64"]


@pytest.mark.parametrize("name", ["removed file", "swapped model", "wrong key", "member that leads out"])
def test_a_refusal_is_one_line(name: str, verify: CommandRun, made: Tampered, key: str) -> None:
    ATTACKS[name].work(made)
    assert verify(str(made.folder), "--key", key, *AT, code=2) == ""
    assert verify.err.count("\n") == 1
    assert f"{ATTACKS[name].file}: " in verify.err
    assert ATTACKS[name].said_of(made) in verify.err
    found = json.loads(verify(str(made.folder), "--key", key, *AT, "--json", code=2))
    assert found["verified"] is False
    assert found["file"].endswith(ATTACKS[name].file)
    assert ATTACKS[name].said_of(made) in found["found"]
    assert verify.err.count("\n") == 1


def test_names_cannot_steer_the_terminal(verify: CommandRun, made: Tampered, key: str) -> None:
    made.write("\x1b[2J\udcff", b"")
    verify(str(made.folder), "--key", key, *AT, code=2)
    assert "\\x1b[2J\\udcff: is not in SHA256SUMS" in verify.err
    assert "\x1b" not in verify.err


def test_mistakes(verify: CommandRun, made: Tampered, key: str, tmp_path: Path) -> None:
    cases = {
        (str(made.folder),): "--key: is not given; give the public key of the release's maker, such as",
        (str(made.folder), "--key", str(tmp_path / "none")): "none: cannot be read",
        (str(tmp_path / "none"), "--key", key): "none: no such file or folder",
        (str(made.folder), "--key", key, "--at", "now"): "--at: 'now' is no day",
        (str(made.folder), "--key", key, "--only", "ios"): f"lists no 'ios'; it lists {TOP}-android.aar",
    }
    for words, message in cases.items():
        assert verify(*words, code=2) == ""
        assert message in verify.err
        assert verify.err.count("\n") == 1
