"""The conversation by hand: what the runner says to whom speaks its frames, and to whom does not."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pytest

pytestmark = pytest.mark.embedded


class Talk:
    """A runner at the other end of two pipes, spoken to in nothing but bytes."""

    def __init__(self, model: Path) -> None:
        command = [sys.executable, "-m", "edge.runner", "--serve", "--model", str(model)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)

    @property
    def stdin(self) -> IO[bytes]:
        assert self.process.stdin is not None
        return self.process.stdin

    def say(self, data: bytes) -> None:
        self.stdin.write(data)
        self.stdin.flush()

    def ask(self, header: dict[str, Any], *tensors: npt.NDArray[Any]) -> tuple[dict[str, Any], list[Any]]:
        blobs = []
        for tensor in tensors:
            buffer = io.BytesIO()
            np.save(buffer, tensor)
            blobs.append(buffer.getvalue())
        line = json.dumps({**header, "sizes": [len(blob) for blob in blobs]}).encode()
        self.say(line + b"\n" + b"".join(blobs))
        return self.hear()

    def hear(self) -> tuple[dict[str, Any], list[Any]]:
        assert self.process.stdout is not None
        header = json.loads(self.process.stdout.readline())
        return header, [np.load(io.BytesIO(self.process.stdout.read(size))) for size in header["sizes"]]

    def end(self) -> tuple[int, bytes, str]:
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err.decode()


@pytest.fixture
def talk(model: Path) -> Iterator[Talk]:
    conversation = Talk(model)
    yield conversation
    conversation.process.kill()
    conversation.process.communicate()


def line(batch: int = 1) -> npt.NDArray[np.float32]:
    return np.zeros((batch, 3, 48, 192), np.float32)


def test_greeting_questions_and_the_end(talk: Talk) -> None:
    greeting, tensors = talk.hear()
    assert tensors == []
    assert greeting["library"] == "paddlelite"
    assert greeting["library_version"].startswith("v2.")
    assert (greeting["inputs"], len(greeting["outputs"])) == (["x"], 1)
    assert greeting["load_ms"] > 0
    assert greeting["peak_rss_mb"] > 20
    for batch in (1, 4):
        answer, (output,) = talk.ask({"op": "run"}, line(batch))
        assert output.shape == (batch, 2)
        assert set(answer) == {"ms", "cpu_ms", "peak_rss_mb", "sizes"}
        assert 0 < answer["cpu_ms"] <= answer["ms"] + 1, "one thread, by clocks of another grain"
    answer, (several,) = talk.ask({"op": "run", "runs": 7}, line(4))
    np.testing.assert_array_equal(several, output)
    assert len(answer["runs_ms"]) == 7
    assert answer["runs_ms"][-1] == answer["ms"]
    assert min(answer["runs_ms"]) > 0
    talk.stdin.close()
    talk.process.stdin = None
    assert talk.end() == (0, b"", "")


@pytest.mark.parametrize(
    ("header", "tensors", "error"),
    [
        ({"op": "dance"}, [line()], "unknown op 'dance', known is 'run'"),
        ({}, [line()], "unknown op None"),
        ({"op": ["run"]}, [line()], "unknown op ['run']"),
        ({"op": "run"}, [], "0 inputs given, the model takes 1"),
        ({"op": "run", "runs": 0}, [line()], "runs is no number of 1 to 1000"),
        ({"op": "run", "runs": 1001}, [line()], "runs is no number of 1 to 1000"),
        ({"op": "run", "runs": True}, [line()], "runs is no number of 1 to 1000"),
        ({"op": "run", "runs": "5"}, [line()], "runs is no number of 1 to 1000"),
        ({"op": "run", "runs": None}, [line()], "runs is no number of 1 to 1000"),
        ({"op": "run"}, [line(), line()], "2 inputs given"),
        ({"op": "run"}, [line().astype(np.float64)], "input of dtype float64"),
        ({"op": "run"}, [line(0)], "shape (0, 3, 48, 192)"),
        ({"op": "run"}, [np.float32(3).reshape(())], "shape ()"),
    ],
)
def test_a_refused_question_does_not_end_the_conversation(
    talk: Talk, header: dict[str, Any], tensors: list[npt.NDArray[Any]], error: str
) -> None:
    talk.hear()
    answer, outputs = talk.ask(header, *tensors)
    assert error in answer["error"]
    assert outputs == []
    assert talk.ask({"op": "run"}, line())[1][0].shape == (1, 2)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (b"hello\n", "not a frame: b'hello'"),
        (b"\x00\xff\n", "not a frame"),
        (b'{"op": "run", "sizes": [5]}\nhello', "not a tensor: it does not start like a .npy file"),
        (b'{"op": "run", "sizes": [5000]}\nhello', "closed the pipe in the middle of a frame"),
        (b'{"op": "ru', "closed the pipe in the middle of a frame"),
    ],
)
def test_what_is_no_frame_ends_it_in_one_line(talk: Talk, said: bytes, message: str) -> None:
    talk.hear()
    talk.say(said)
    code, out, err = talk.end()
    assert (code, out) == (2, b"")
    assert err.startswith("runner: standard input: ")
    assert message in err
    assert err.count("\n") == 1


def test_the_library_aborts(talk: Talk) -> None:
    talk.hear()
    with pytest.raises(json.JSONDecodeError):  # there is no answer
        talk.ask({"op": "run"}, np.zeros((3, 48, 192), np.float32))
    code, _, err = talk.end()
    assert code == -signal.SIGABRT
    assert "Check failed" in err


def test_whoever_asked_went_away(talk: Talk) -> None:
    """Nobody to answer: it ends, and has nothing to complain about."""
    talk.hear()
    assert talk.process.stdout is not None
    talk.process.stdout.close()
    talk.process.stdout = None
    buffer = io.BytesIO()
    np.save(buffer, line())
    talk.say(b'{"op": "run", "sizes": [%d]}\n' % len(buffer.getvalue()) + buffer.getvalue())
    code, _, err = talk.end()
    assert (code, err) == (0, "")
