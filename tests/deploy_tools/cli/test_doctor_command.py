"""``ppocr-edge doctor`` from the outside: devices and logs."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from pathlib import Path

import pytest

from deploy_tools.cli import doctor_log
from deploy_tools.cli.doctor_log import read_log
from tests.deploy_tools.cli.command_run import CommandRun

WRONG_TARGET = (
    "[F  7/16  6:10:11.400 program.cc:1 f] This model is not supported, because kernel for 'conv2d' is not "
    "supported by Paddle-Lite."
)
THREADS = "Request thread num: 6, exceed the big cores size: 2, truncate thread num to 2"
LOG = f"starting\n{THREADS}\n{WRONG_TARGET}\nAborted\n"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> CommandRun:
    return CommandRun(capsys, "doctor")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "board.log"
    path.write_text(LOG)
    return path


@pytest.fixture
def inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / "devices.yml"
    path.write_text(
        "inventory: 1\ndevices:\n"
        f"  well: {{this_host: true, python: {json.dumps(sys.executable)}}}\n"
        "  bare: {this_host: true}\n"
        "  gone: {ssh: {host: 127.0.0.1, port: 9, user: x}}\n"
    )
    return str(path)


class TestDevices:
    def test_one_that_is_well(self, run: CommandRun, inventory: str) -> None:
        lines = run("--device", "well", "--inventory", inventory).splitlines()
        assert lines[0] == "well"
        assert lines[-1] == "well: sound"
        assert [line.split()[0] for line in lines[1:-2]] == ["ok"] * (len(lines) - 3)

    def test_one_that_must_be_mended(self, run: CommandRun, inventory: str) -> None:
        out = run("--device", "bare", "--inventory", inventory, code=1)
        assert "MEND  runner" in out
        assert "--lite-home" in out
        assert out.endswith("bare: 1 to mend\n")

    def test_all_for_machines(self, run: CommandRun, inventory: str) -> None:
        rows = json.loads(run("--device", "all", "--inventory", inventory, "--json", code=1))
        assert [(row["device"], row["ok"]) for row in rows] == [
            ("well", True),
            ("bare", False),
            ("gone", False),
        ]
        first = rows[2]["findings"][0]
        assert (first["check"], first["state"]) == ("connection", "mend")
        assert first["remedy"]
        assert len({len(row["findings"]) for row in rows}) == 1

    def test_one_that_is_not_reached(self, run: CommandRun, inventory: str) -> None:
        out = run("--device", "gone", "--inventory", inventory, code=1)
        assert "MEND  connection" in out
        assert "the rest    not looked at" in out
        assert out.endswith("gone: 1 to mend\n")


class TestLogs:
    def test_everything_that_is_known(self, run: CommandRun, log: Path) -> None:
        out = run(str(log))
        first, second = out.split("\n\n")
        assert first.startswith("died while it loaded a model: the library has no kernel for 'conv2d'")
        assert "(wrong-target)" in first
        assert WRONG_TARGET.replace("  ", " ")[:60] in first
        assert second.startswith("warned while it ran: 6 threads were asked for, 2 were used")

    def test_for_machines(self, run: CommandRun, log: Path) -> None:
        rows = json.loads(run(str(log), "--json"))
        assert [row["key"] for row in rows] == ["wrong-target", "threads-cut"]
        assert set(rows[0]) == {"key", "stage", "severity", "cause", "remedy", "evidence"}

    def test_pasted(self, run: CommandRun, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LOG.encode())))
        assert "wrong-target" in run("-")

    def test_a_pipe(self, run: CommandRun, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        writer = threading.Thread(target=pipe.write_text, args=(LOG,))
        writer.start()
        assert "wrong-target" in run(str(pipe))
        writer.join()

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
    def test_however_it_was_saved(self, run: CommandRun, tmp_path: Path, encoding: str) -> None:
        path = tmp_path / "log"
        mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
        path.write_bytes(mark + LOG.replace("\n", "\r\n").encode(encoding) + (b"\xff" if not mark else b""))
        assert "wrong-target" in run(str(path))

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    def test_the_end_of_a_long_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
    ) -> None:
        monkeypatch.setattr(doctor_log, "MOST_BYTES", 4000)
        monkeypatch.setattr(doctor_log, "_BLOCK", 333)
        path = tmp_path / "log"
        content = ("noise\n" * 5000 + LOG).encode(encoding)
        path.write_bytes(content)
        read = read_log(str(path))
        assert read.text.endswith(LOG)
        assert "\ufffd" not in read.text
        assert read.cut_bytes + len(read.text.encode(encoding.replace("16", "16-le"))) == len(content)

    def test_a_log_that_says_nothing(self, run: CommandRun, tmp_path: Path) -> None:
        path = tmp_path / "log"
        path.write_text("hello\n")
        assert run(str(path)).startswith("Nothing in this log is known.")
        assert json.loads(run(str(path), "--json")) == []
        assert "(segfault)" in run(str(path), "--exit-code", "139")
        assert "(not-found)" in run(str(path), "--exit-code=127")

    def test_binary_noise(self, run: CommandRun, tmp_path: Path) -> None:
        path = tmp_path / "log"
        path.write_bytes(bytes(range(256)) * 100 + b"\n" + WRONG_TARGET.encode() + b"\x1b[31m\x07\n")
        out = run(str(path))
        assert "wrong-target" in out
        assert not set(out) & set("\x1b\x07")


def test_help_has_examples(run: CommandRun) -> None:
    assert "Examples:\n    ppocr-edge doctor --device pi4\n" in run("--help")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "doctor: there is nothing to look at; give either a LOGFILE, or '-', or --device NAME"),
        (["log", "--device", "x"], "do not go together"),
        (["/no/such"], "/no/such: cannot be read (No such file or directory)"),
        (["/"], "/: cannot be read (Is a directory)"),
        (["a\0b"], "cannot be read (no path)"),
        (["--device", "nosuch"], "--device nosuch: there is no device of this name"),
        (["--device", "local"], "--device local: is always there"),
        (["--device", "well", "--exit-code", "1"], "--exit-code: is for a LOGFILE"),
    ],
)
def test_mistakes_are_one_line(run: CommandRun, inventory: str, words: list[str], message: str) -> None:
    assert run(*words, "--inventory", inventory, code=2) == ""
    assert run.err.count("\n") == 1
    assert message in run.err
