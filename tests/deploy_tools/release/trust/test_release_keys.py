"""Keys: made, kept to their owner, shown, refused; as other programs read them."""

from __future__ import annotations

import errno
import io
import json
import os
import pty
import shutil
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deploy_tools.cli.key_password import key_password
from deploy_tools.release.trust.key_files import (
    public_path,
    read_private_key,
    read_public_key,
    write_new_key,
)
from deploy_tools.release.trust.keys import read_key_line
from deploy_tools.release.trust.new_file import write_new_file
from deploy_tools.release.trust.times import read_day
from edge.errors import InputError
from tests.deploy_tools.cli.command_run import CommandRun
from tests.release_kit.made_release import made_key

PASSWORD = "correct horse battery"
END = read_day("2098-12-31")


@pytest.fixture(autouse=True)
def _no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PPOCR_EDGE_KEY_PASSWORD", raising=False)


@pytest.fixture
def keys(capsys: pytest.CaptureFixture[str]) -> CommandRun:
    return CommandRun(capsys, "keys")


def test_a_new_key(tmp_path: Path) -> None:
    path = tmp_path / "release.key"
    umask = os.umask(0)
    try:
        public = write_new_key(path, PASSWORD, END)
    finally:
        os.umask(umask)
    assert {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()} == {
        "release.key": 0o600,
        "release.key.pub": 0o644,
    }
    assert path.stat().st_nlink == 1
    private = read_private_key(path, PASSWORD)
    assert read_public_key(public_path(path)) == public == private.public
    assert public.expires == END
    assert public.is_signed(b"message", private.sign(b"message"))
    assert not public.is_signed(b"massage", private.sign(b"message"))
    assert "Ed25519PrivateKey" not in repr(private)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "release.key"
    write_new_key(path, PASSWORD)
    before = {each: each.read_bytes() for each in tmp_path.iterdir()}
    with pytest.raises(InputError, match=r"release.key: is there already"):
        write_new_key(path, PASSWORD)
    path.rename(tmp_path / "moved")
    with pytest.raises(InputError, match=r"release.key.pub: is there already"):
        write_new_key(path, PASSWORD)
    assert not path.exists()
    path.symlink_to("elsewhere")
    with pytest.raises(InputError, match=r"release.key: is there already"):
        write_new_key(path, PASSWORD)
    assert {each: each.read_bytes() for each in before if each != path} == {
        each: content for each, content in before.items() if each != path
    }


def test_a_file_that_came_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    path.write_text("mine")
    with pytest.raises(InputError, match="is there already and is not overwritten"):
        write_new_file(path, b"new", 0o600)
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("lacking", ["files without names", "/proc"])
def test_where_files_always_have_names(lacking: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on some file systems and in some sandboxes."""
    real = os.open

    def open_without(path: str, flags: int, *rest: int, **more: int) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        return real(path, flags, *rest, **more)

    def link_without(*_: object, **more: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")

    if lacking == "/proc":
        monkeypatch.setattr(os, "link", link_without)
    else:
        monkeypatch.setattr(os, "open", open_without)
    path = tmp_path / "release.key"
    write_new_key(path, PASSWORD)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    read_private_key(path, PASSWORD)
    with pytest.raises(InputError, match="is there already"):
        write_new_key(path, PASSWORD)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
def test_openssl_reads_both_files(tmp_path: Path) -> None:
    path = tmp_path / "release.key"
    public = write_new_key(path, PASSWORD, END)
    private = ["openssl", "pkey", "-in", path, "-passin", f"pass:{PASSWORD}", "-pubout"]
    assert subprocess.run(private, capture_output=True, text=True, check=True).stdout == public.pem()
    words = ["openssl", "pkey", "-pubin", "-in", public_path(path), "-pubout"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == public.pem()
    structure = ["openssl", "asn1parse", "-in", path]
    parsed = subprocess.run(structure, capture_output=True, text=True, check=True).stdout
    for part in ("PBES2", "PBKDF2", "hmacWithSHA256", "aes-256-cbc", f":{600_000:06X}"):
        assert part in parsed


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
def test_keys_of_openssl(tmp_path: Path) -> None:
    plain, other, mine = tmp_path / "plain", tmp_path / "other", tmp_path / "mine"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", plain], check=True)
    plain.chmod(0o600)
    with pytest.raises(InputError, match="is not encrypted; encrypt it: openssl pkcs8"):
        read_private_key(plain, PASSWORD)
    hide = ["openssl", "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-iter", "600000"]
    subprocess.run([*hide, "-in", plain, "-out", mine, "-passout", f"pass:{PASSWORD}"], check=True)
    mine.chmod(0o600)
    assert read_private_key(mine, PASSWORD).expires is None
    curve = ["openssl", "genpkey", "-algorithm", "X25519", "-aes256", "-pass", f"pass:{PASSWORD}", "-out"]
    subprocess.run([*curve, other], check=True, capture_output=True)
    other.chmod(0o600)
    with pytest.raises(InputError, match="a key of another kind"):
        read_private_key(other, PASSWORD)


def test_private_keys_that_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "release.key"
    write_new_key(path, PASSWORD)
    with pytest.raises(InputError, match="the password is another one"):
        read_private_key(path, PASSWORD + "?")
    for mode in (0o640, 0o604, 0o620, 0o601):
        path.chmod(mode)
        with pytest.raises(InputError, match=f"others may read it .mode {mode:04o}.; chmod 600"):
            read_private_key(path, PASSWORD)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"MI", b"MA", 1))
    with pytest.raises(InputError, match="cannot be decrypted"):
        read_private_key(path, PASSWORD)
    with pytest.raises(InputError, match="holds no private key"):
        read_private_key(public_path(path), PASSWORD)
    with pytest.raises(InputError, match="has 11 characters"):
        write_new_key(tmp_path / "short.key", "elevenchars")
    assert not (tmp_path / "short.key").exists()


def test_public_keys_in_one_word() -> None:
    for key in (made_key().public, made_key(2, END).public):
        assert read_key_line(key.line()) == key == read_public_key(key.line())
    line = made_key(2, END).public.line()
    assert line.startswith(f"ed25519:{made_key(2).public.id}:")
    assert line.endswith("=:2098-12-31")
    for place in range(8, len(line) - 11):
        changed = line[:place] + ("A" if line[place] != "A" else "B") + line[place + 1 :]
        with pytest.raises(ValueError):
            read_key_line(changed)
    for text in ("ed25519:", "ed25519:a:b", line + ":x", line.replace("=", ""), line[:-1]):
        with pytest.raises(InputError, match="--key"):
            read_public_key(text)


def test_public_keys_of_files(tmp_path: Path) -> None:
    key = made_key(3, END).public
    path = tmp_path / "a.pub"
    path.write_text(f"{key.line()}\n")
    assert read_public_key(path) == key
    path.write_text(key.pem())
    assert read_public_key(path) == made_key(3).public
    path.write_text("# expires soon\n" + key.pem())
    with pytest.raises(InputError, match="expires at 'soon' is no day"):
        read_public_key(path)
    path.write_text("nothing\n")
    with pytest.raises(InputError, match="holds no public key"):
        read_public_key(path)
    path.write_text(key.pem().replace("MC", "MA", 1))
    with pytest.raises(InputError, match="a damaged public key"):
        read_public_key(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_public_key(tmp_path / "none.pub")
    with pytest.raises(InputError, match="is not a regular file"):
        read_public_key(Path("/dev/zero"))
    with pytest.raises(InputError, match="is no name of a file"):
        read_public_key("a\0b")
    other = X25519PrivateKey.generate().public_key()
    path.write_bytes(other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(InputError, match="holds a key of another kind"):
        read_public_key(path)
    write_new_key(tmp_path / "mine.key", PASSWORD)
    with pytest.raises(InputError, match=r"mine.key: is a private key; give its public half, mine.key.pub"):
        read_public_key(tmp_path / "mine.key")


def test_the_commands(keys: CommandRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\nremark\n")
    secret.chmod(0o600)
    path = tmp_path / "release.key"
    out = keys("new", str(path), "--expires", "2098-12-31", "--password-file", str(secret))
    public = read_public_key(public_path(path))
    assert out == keys("show", str(public_path(path)))
    assert f"key      {public.id}\nexpires  2098-12-31\npublic   {public.line()}\n{public.pem()}" == out
    assert keys("show", str(path), "--password-file", str(secret)) == out
    monkeypatch.setenv("PPOCR_EDGE_KEY_PASSWORD", PASSWORD)
    assert keys("show", str(path)) == out
    assert keys("show", public.line(), "--pem") == public.pem()
    values = json.loads(keys("show", str(path), "--json"))
    assert values["key"] == public.id
    assert read_key_line(values["line"]) == public
    made = json.loads(keys("new", str(tmp_path / "two"), "--json"))
    assert made["public"] == str(tmp_path / "two.pub")
    assert made["expires"] is None


def test_mistakes(keys: CommandRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n")
    secret.chmod(0o644)
    path = str(tmp_path / "release.key")
    cases = {
        ("--password-file", str(secret)): "password: others may read it (mode 0644)",
        ("--password-file", str(tmp_path / "none")): "none: cannot be read",
        ("--expires", "soon"): "--expires: 'soon' is neither a day",
        ("--expires", "2020-01-01"): "--expires: '2020-01-01' is over already",
        (): "there is no terminal to ask for it",
    }
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    for words, message in cases.items():
        assert keys("new", path, *words, code=2) == ""
        assert message in keys.err
        assert keys.err.count("\n") == 1
    with pytest.raises(InputError, match=r"release\.key: cannot be read"):
        key_password(Path(path), None)  # not: its password is missing
    monkeypatch.setenv("PPOCR_EDGE_KEY_PASSWORD", "short")
    keys("new", path, code=2)
    assert "has 5 characters" in keys.err
    monkeypatch.setenv("PPOCR_EDGE_KEY_PASSWORD", PASSWORD)
    keys("new", str(tmp_path / "no" / "release.key"), code=2)
    assert "cannot be written (No such file or directory)" in keys.err
    assert [each.name for each in tmp_path.iterdir()] == ["password"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\nwords of a test\n", "has no password on its first line"),
        (b"\xff\n", "is not UTF-8 text"),
        (b"x" * 1025, "has no end of its first line"),
    ],
)
def test_files_that_hold_no_password(keys: CommandRun, tmp_path: Path, content: bytes, message: str) -> None:
    secret = tmp_path / "password"
    secret.write_bytes(content)
    secret.chmod(0o600)
    keys("new", str(tmp_path / "release.key"), "--password-file", str(secret), code=2)
    assert f"password: {message}" in keys.err
    assert list(tmp_path.iterdir()) == [secret]


def test_the_password_is_asked_for_twice_and_not_shown(tmp_path: Path) -> None:
    """On a real terminal."""
    code = "import sys; from deploy_tools.cli.main import main; sys.exit(main(sys.argv[1:]))"
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", code, "keys", "new", str(tmp_path / "a.key")])
    shown = bytearray()

    def listen() -> None:
        try:
            while piece := os.read(terminal, 4096):
                shown.extend(piece)
        except OSError:
            pass

    listener = threading.Thread(target=listen)
    listener.start()
    for prompt in (b"New password of a.key: ", b"Repeat for confirmation: "):
        end = time.monotonic() + 60
        while prompt not in shown and time.monotonic() < end:
            time.sleep(0.02)
        os.write(terminal, f"{PASSWORD}\n".encode())
    _, status = os.waitpid(pid, 0)
    listener.join(10)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, shown
    assert PASSWORD.encode() not in shown
    read_private_key(tmp_path / "a.key", PASSWORD)
