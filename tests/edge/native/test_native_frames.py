"""The native end of the conversation, against the Python end and against everything that is no frame."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.predictor.frames import encode_frame
from edge.predictor.process import ProcessPredictor
from edge.predictor.spec import InputSpec

Parts = Callable[..., Any]


@pytest.fixture
def echo(parts_program: Path) -> Iterator[ProcessPredictor]:
    """The product's own predictor, asking the native runner's own loop."""
    # it has no --lifeline of its own: the words that Child adds come after `echo` and are not read
    with ProcessPredictor("echo", [str(parts_program), "echo"], [InputSpec((-1, -1, -1))]) as predictor:
        yield predictor


def test_tensors_come_back_as_they_were_sent(echo: ProcessPredictor) -> None:
    generator = np.random.default_rng(0)
    assert echo.info["library"] == "echo"
    assert (echo.info["inputs"], echo.info["outputs"], echo.info["load_ms"]) == (["x"], ["y"], 0.5)
    for shape in ((1, 1, 1), (2, 3, 50), (1, 700, 900), (3, 1, 64 * 1024)):  # less and more than a pipe holds
        tensor = generator.random(shape, dtype=np.float32)
        np.testing.assert_array_equal(echo.run([tensor])[0], tensor)
        assert echo.seconds < 50
    columns_first = np.asfortranarray(generator.random((4, 5, 6), dtype=np.float32))
    np.testing.assert_array_equal(echo.run([columns_first])[0], columns_first)
    assert 1 < echo.peak_rss_mb < 1000


def frames(out: bytes) -> list[dict[str, Any]]:
    """The headers of frames without tensors."""
    return [json.loads(line) for line in out.splitlines()]


def test_several_runs_of_one_request(echo: ProcessPredictor) -> None:
    tensor = np.ones((1, 3, 4), np.float32)
    assert len(echo.measure([tensor], 9)) == 9
    assert len(echo.measure([tensor], 5000)) == 1000, "as many as one request may ask for"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b'{"op": "dance", "sizes": []}', "unknown op 'dance', known is 'run'"),
        (b'{"sizes": []}', "unknown op None, known is 'run'"),
        (
            b'{"op": ["run", 1, null, true, {"it\'s": "\\n"}], "sizes": []}',
            "unknown op ['run', 1, None, True, {",
        ),
        (b'{"op": "run", "sizes": []}', "one tensor with axes is expected"),
        (b'{"op": "run", "runs": 0, "sizes": []}', "runs is no number of 1 to 1000"),
        (b'{"op": "run", "runs": 1001, "sizes": []}', "runs is no number of 1 to 1000"),
        (b'{"op": "run", "runs": true, "sizes": []}', "runs is no number of 1 to 1000"),
        (b'{"op": "run", "runs": 1.5, "sizes": []}', "runs is no number of 1 to 1000"),
        ('{"op": "größer \\ud83d\\ude00", "sizes": []}'.encode(), "unknown op 'größer 😀'"),
    ],
)
def test_a_refused_question_does_not_end_the_conversation(parts: Parts, line: bytes, error: str) -> None:
    ended = parts("echo", stdin=line + b"\n" + line + b"\n")
    assert (ended.code, ended.err) == (0, "")
    greeting, *answers = frames(ended.out)
    assert greeting["library"] == "echo"
    assert [answer["sizes"] for answer in answers] == [[], []]
    assert all(error in answer["error"] for answer in answers)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (b"hello\n", "not a frame: b'hello'"),
        (b"\n", "not a frame: b''"),
        (b"\x00\xff'\n", "not a frame: b'\\x00\\xff\\''"),
        (b"null\n", "not a frame"),
        (b"[]\n", "not a frame"),
        (b"{'sizes': []}\n", "not a frame"),
        (b'{"sizes": "12"}\n', "not a frame"),
        (b'{"sizes": [true]}\n', "not a frame"),
        (b'{"sizes": [1.5]}\n', "not a frame"),
        (b'{"sizes": []} x\n', "not a frame"),
        (b"[" * 5000 + b"\n", "not a frame"),
        (b'{"sizes": [-1]}\n', "impossible tensor sizes"),
        (b'{"sizes": [9999999999999]}\n', "impossible tensor sizes"),
        (b'{"sizes": [' + b"1, " * 64 + b"1]}\n", "impossible tensor sizes"),
        (b"x" * ((1 << 20) + 5000), "no end of line in the first megabyte"),
        (b'{"op": "run", "sizes": [5]}\nhello', "not a tensor: it does not start like a .npy file"),
        (b'{"op": "run", "sizes": [5000]}\nhello', "closed the pipe in the middle of a frame"),
        (b'{"op": "run", "sizes": [2000000000]}\nhello', "closed the pipe in the middle of a frame"),
        (b'{"op": "ru', "closed the pipe in the middle of a frame"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_frame_ends_it_in_one_line(parts: Parts, said: bytes, message: str) -> None:
    ended = parts("echo", stdin=said)
    assert ended.code == 2
    assert ended.err.startswith("runner: standard input: ")
    assert message in ended.err
    assert ended.err.count("\n") == 1
    assert len(frames(ended.out)) == 1, "the greeting alone"


def test_frames_in_any_pieces(parts_program: Path) -> None:
    frame = encode_frame({"op": "run"}, [np.ones((1, 3, 4), np.float32)])
    with subprocess.Popen([parts_program, "echo"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        for byte in frame:
            os.write(process.stdin.fileno(), bytes([byte]))
        out, _ = process.communicate(frame + frame, timeout=20)
    assert process.returncode == 0
    assert out.count(b"NUMPY") == 3


def test_whoever_asked_went_away(parts_program: Path) -> None:
    """Nobody to answer: it ends, and has nothing to complain about."""
    pipe = subprocess.PIPE
    with subprocess.Popen([parts_program, "echo"], stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate(encode_frame({"op": "run"}, [np.ones((1, 2), np.float32)]), timeout=20)
    assert (process.returncode, err) == (0, b"")


def test_whoever_asked_goes_away_while_it_computes(parts_program: Path) -> None:
    """A link that breaks in the middle of a run, which may be endless: both pipes close."""
    pipe = subprocess.PIPE
    with subprocess.Popen([parts_program, "hang"], stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(encode_frame({"op": "run"}, [np.ones((1, 2), np.float32)]))
        process.stdin.flush()
        assert process.stderr.readline() == b"asked\n"
        process.stdin.close()
        with pytest.raises(subprocess.TimeoutExpired):  # no more questions: the answer is still wanted
            process.wait(timeout=0.3)
        process.stdout.close()
        assert process.wait(timeout=60) == 0  # it would pause for ever
        assert process.stderr.read() == b""


@pytest.mark.parametrize("closing", [socket.SHUT_RDWR, None], ids=["shut down", "closed"])
def test_a_socket_that_breaks_while_it_computes(parts_program: Path, closing: int | None) -> None:
    """What sshd gives a command for its standard streams."""
    pipe = subprocess.PIPE
    ours, theirs = socket.socketpair()
    with ours, subprocess.Popen([parts_program, "hang"], stdin=theirs, stdout=theirs, stderr=pipe) as process:
        theirs.close()
        assert process.stderr is not None
        ours.sendall(encode_frame({"op": "run"}, [np.ones((1, 2), np.float32)]))
        assert process.stderr.readline() == b"asked\n"
        ours.close() if closing is None else ours.shutdown(closing)
        assert process.wait(timeout=20) == 0


def test_it_ends_with_whoever_started_it(parts_program: Path) -> None:
    theirs, ours = os.pipe()
    command = [str(parts_program), "lifeline", str(theirs)]
    with subprocess.Popen(command, pass_fds=[theirs], stdout=subprocess.PIPE) as process:
        os.close(theirs)
        assert process.stdout is not None
        assert process.stdout.readline() == b"alive\n"
        os.close(ours)
        assert process.wait(timeout=50) == -signal.SIGIO  # by itself it would end after a minute, with 0


def test_it_ends_at_once_where_nobody_is_left(parts_program: Path) -> None:
    theirs, ours = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [parts_program, "lifeline", str(theirs)], pass_fds=[theirs], timeout=20, check=False
    )
    os.close(theirs)
    assert done.returncode == -signal.SIGIO


@pytest.mark.parametrize("text", ['"plain"', '"\\u6f22 \\ud83d\\ude00 \\" \\\\ \\n\\t\\u0001"', '"漢 😀"'])
def test_texts_of_json(parts: Parts, text: str) -> None:
    ended = parts("json", stdin=text.encode())
    assert ended.code == 0
    assert json.loads(ended.out.splitlines()[-1]) == json.loads(text)
    assert ended.out.splitlines()[-1].isascii()


@pytest.mark.parametrize(
    "text",
    ["", "tru", '"', '"\\', '"\\u12', '"\\x"', "[1,]", '{"a"}', '{"a": 1', "{1: 2}", "1 2", "-", '"\n"'],
)
def test_what_is_no_json(parts: Parts, text: str) -> None:
    ended = parts("json", stdin=text.encode())
    assert (ended.code, ended.err) == (2, "runner: no JSON\n")
