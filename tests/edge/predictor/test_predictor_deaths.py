"""Every way a child process can fail: a typed error with a cause, and the next run works again."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from processes import alive, children, nothing_left, wait_until

from edge.bundle.bundle import Bundle
from edge.errors import DeviceError, PredictorCrashedError, PredictorError, PredictorTimeoutError
from edge.nb.model import read_nb
from edge.predictor.child import Ending, child_environment
from edge.predictor.frames import Channel
from edge.predictor.lite import lite_predictor
from edge.predictor.process import ProcessPredictor
from edge.predictor.spec import InputSpec
from tests.edge.standstill import computed, ending_at_once

Opener = Callable[..., ProcessPredictor]
LINE: npt.NDArray[np.float32] = np.zeros((1, 3, 48, 192), np.float32)
ANY = InputSpec((-1, -1))
SMALL: npt.NDArray[np.float32] = np.zeros((2, 3), np.float32)


def child_of(predictor: ProcessPredictor) -> int:
    """Process id of a predictor's child, started for this."""
    before = children(os.getpid())
    predictor.start()
    (child,) = children(os.getpid()) - before
    return child


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (signal.SIGKILL, "the process was killed: memory ran out"),
        (signal.SIGSEGV, "segmentation fault"),
        (signal.SIGABRT, "aborted"),
        (signal.SIGRTMIN + 3, "ended by signal 37"),
    ],
)
def test_a_killed_child_is_explained_and_replaced(open_lite: Opener, number: int, cause: str) -> None:
    with open_lite("cls") as predictor:
        child = child_of(predictor)
        expected = predictor.run([LINE])
        os.kill(child, number)
        with pytest.raises(PredictorCrashedError) as caught:
            predictor.run([LINE])
        assert cause in caught.value.found
        assert caught.value.remedy
        assert "\n" not in str(caught.value)
        np.testing.assert_array_equal(predictor.run([LINE])[0], expected[0])


@pytest.mark.embedded
def test_a_file_damaged_after_it_was_checked(default_bundles: Mapping[str, Bundle], tmp_path: Path) -> None:
    """The library aborts at it, in its own words; the user reads why and what to do."""
    model = tmp_path / "model.nb"
    shutil.copyfile(default_bundles["cls"].model_path, model)
    spec = default_bundles["cls"].manifest.input
    with lite_predictor(model, read_nb(model), spec) as predictor:
        whole = model.read_bytes()
        model.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(PredictorCrashedError) as caught:
            predictor.run([LINE])
        assert "truncated" in caught.value.found or "cut off" in caught.value.found
        assert "SIGABRT" in caught.value.found
        assert caught.value.subject == str(model)
        model.write_bytes(whole)
        assert predictor.run([LINE])[0].shape == (1, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["model.nb"], "no core file"


@pytest.mark.embedded
def test_a_child_that_hangs_is_ended(open_lite: Opener) -> None:
    with open_lite("cls") as predictor:
        child = child_of(predictor)
        predictor.run([LINE])
        os.kill(child, signal.SIGSTOP)
        predictor.run_seconds = 0.5  # not earlier: on a busy machine a run may take as long
        start = time.monotonic()
        with pytest.raises(PredictorTimeoutError, match=r"no answer within 0\.5 s.*--time-limit"):
            predictor.run([LINE])
        assert time.monotonic() - start < 60
        assert not alive(child)
        predictor.run_seconds = 120.0
        assert predictor.run([LINE])[0].shape == (1, 2)


@pytest.mark.embedded
def test_a_child_stopped_before_it_takes_the_input(open_lite: Opener) -> None:
    """A page does not fit into a pipe: sending it has the same limit."""
    page = np.zeros((1, 3, 320, 320), np.float32)
    with open_lite("det", run_seconds=0.5) as predictor:
        child = child_of(predictor)
        assert predictor.info["library"] == "paddlelite"
        os.kill(child, signal.SIGSTOP)
        with pytest.raises(PredictorTimeoutError):
            predictor.run([page])
        assert not alive(child)


@pytest.mark.embedded
def test_a_child_that_hangs_among_many_runs_is_ended(open_lite: Opener) -> None:
    with open_lite("cls") as predictor:
        child = child_of(predictor)
        assert len(predictor.measure([LINE], 3)) == 3
        seconds = predictor.seconds
        os.kill(child, signal.SIGSTOP)
        predictor.run_seconds = 0.5
        # ten times as long as the run before, and not as the limit of every single one
        limit = 0.5 + 19 * min(10 * seconds, 0.5)
        start = time.monotonic()
        with pytest.raises(PredictorTimeoutError, match=re.escape(f"no answer within {limit:g} s")):
            predictor.measure([LINE], 20)
        assert limit - 0.1 < time.monotonic() - start < limit + 60
        assert not alive(child)


def test_a_runner_of_one_run_at_a_time(scripted: Opener) -> None:
    predictor = scripted("greet()\nwhile True: answer(np.ones((1, 1), np.float32))")
    assert predictor.measure([SMALL], 20) == [1.0]


def test_a_child_that_never_greets(scripted: Opener) -> None:
    predictor = scripted("time.sleep(60)", load_seconds=0.3)
    with pytest.raises(PredictorTimeoutError, match=r"within 0\.3 s"):
        predictor.run([SMALL])


GARBAGE = {
    "text": "os.write(1, b'Hello, I am a library\\n')",
    "not an object": "os.write(1, b'[1, 2]\\n')",
    "no sizes": "os.write(1, b'{}\\n')",
    "sizes of another kind": "os.write(1, b'{\"sizes\": 3}\\n')",
    "infinite size": "os.write(1, b'{\"sizes\": [1e999]}\\n')",
    "negative size": "os.write(1, b'{\"sizes\": [-1]}\\n')",
    "huge size": "os.write(1, b'{\"sizes\": [1e18]}\\n')",
    "many sizes": "os.write(1, b'{\"sizes\": [' + b'1,' * 9999 + b'1]}\\n')",
    "deep nesting": "os.write(1, b'[' * 50000 + b'\\n')",
    "binary": "os.write(1, bytes(range(256)) * 10 + b'\\n')",
    "endless line": "os.write(1, b'x' * 3_000_000)",
    "no tensor": "os.write(1, b'{\"sizes\": [4]}\\nabcd')",
    "a zip archive": "os.write(1, b'{\"sizes\": [4]}\\nPK\\x03\\x04')",
    "pickled objects": """
import io; b = io.BytesIO(); np.save(b, np.array([{}], dtype=object), allow_pickle=True)
os.write(1, b'{"sizes": [%d]}\\n' % len(b.getvalue()) + b.getvalue())""",
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_on_the_pipe_is_no_answer(scripted: Opener, name: str) -> None:
    predictor = scripted(f"greet(); channel.receive()\n{GARBAGE[name]}\ntime.sleep(60)")
    child = child_of(predictor)
    start = time.monotonic()
    with pytest.raises(PredictorError, match="sent something else than an answer") as caught:
        predictor.run([SMALL])
    assert not isinstance(caught.value, PredictorCrashedError), "it did not die, it was ended"
    assert len(str(caught.value)) < 500
    assert not alive(child)
    assert time.monotonic() - start < 50, "it was not waited for"


@pytest.mark.parametrize("half", ['{"sizes": [1000]}\\nxxx', '{"siz'])
def test_a_child_that_dies_within_an_answer(scripted: Opener, half: str) -> None:
    predictor = scripted(f"greet(); channel.receive(); os.write(1, b'{half}'); os.abort()")
    with pytest.raises(PredictorCrashedError, match="SIGABRT"):
        predictor.run([SMALL])


def test_a_child_that_closes_its_pipe_and_stays(scripted: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not said to have been killed for want of memory."""
    monkeypatch.setattr("edge.predictor.process._DYING_SECONDS", 0.2)
    predictor = scripted("greet(); channel.receive(); os.close(1); time.sleep(60)")
    child = child_of(predictor)
    with pytest.raises(PredictorCrashedError, match="closed its pipe, was ended") as caught:
        predictor.run([SMALL])
    assert "memory" not in str(caught.value)
    assert not alive(child)


def test_last_words_that_nobody_knows_are_passed_on(scripted: Opener) -> None:
    predictor = scripted("sys.exit('the disk is on fire\\x1b[31m')")
    with pytest.raises(PredictorCrashedError, match=r"exit code 1.*the disk is on fire"):
        predictor.run([SMALL])
    silent = scripted("greet(); sys.exit(0)")
    with pytest.raises(PredictorCrashedError, match=r"exit code 0: it said nothing"):
        silent.run([SMALL])


def test_much_on_stderr_does_not_block(scripted: Opener) -> None:
    flood = "os.write(2, b'warning: again\\n' * 700_000)"
    predictor = scripted(
        f"greet(); {flood}; answer(np.ones(3)); channel.receive(); {flood}; sys.exit('last')"
    )
    assert predictor.run([SMALL])[0].tolist() == [1, 1, 1]
    with pytest.raises(PredictorCrashedError, match="last"):
        predictor.run([SMALL])


def test_nan_is_refused_whatever_says_it_is_an_answer(scripted: Opener) -> None:
    predictor = scripted("greet(); answer(np.ones(3), np.array([1, np.nan])); answer(np.ones(3))")
    with pytest.raises(PredictorError, match="output 1 contains NaN"):
        predictor.run([SMALL])
    assert len(predictor.run([SMALL])) == 1, "the process goes on"


def test_a_refusal_leaves_the_process_as_it_is(scripted: Opener) -> None:
    predictor = scripted("greet(); channel.receive(); channel.send({'error': 'too blue'}); answer()")
    child = child_of(predictor)
    with pytest.raises(PredictorError, match="scripted: too blue"):
        predictor.run([SMALL])
    predictor.run([SMALL])
    assert alive(child)


def test_a_greeting_that_does_not_suit(scripted: Opener) -> None:
    def accept(greeting: Mapping[str, object]) -> None:
        raise PredictorError("library", f"is {greeting['library_version']}")

    predictor = scripted("greet(); answer()", accept=accept)
    child = child_of(predictor)
    with pytest.raises(PredictorError, match="library: is 0"):
        predictor.run([SMALL])
    assert not alive(child)


def test_a_program_that_is_not_there() -> None:
    predictor = ProcessPredictor("model", ["/nonexistent/python"], [])
    with pytest.raises(PredictorError, match=r"model: its process cannot be started \(No such file"):
        predictor.run([])


def test_interrupted_in_the_middle_of_an_answer(scripted: Opener, tmp_path: Path) -> None:
    """The late answer must not be taken for that of the next question."""
    asked = tmp_path / "asked"
    code = f"""
greet()
while True:
    x = channel.receive()[1]
    if x[0].flat[0] == 1:
        open({str(asked)!r}, 'w').close()
        time.sleep(60)
    channel.send({{'ms': 1}}, x)
"""
    predictor = scripted(code)
    child = child_of(predictor)
    predictor.run([SMALL])

    def interrupt() -> None:
        wait_until(asked.exists, 60, "the child has the question")
        os.kill(os.getpid(), signal.SIGINT)

    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    with pytest.raises(KeyboardInterrupt):
        predictor.run([SMALL + 1])
    interrupter.join()
    assert not alive(child)
    assert predictor.run([SMALL + 5])[0].tolist() == (SMALL + 5).tolist()


def test_closed_means_closed(scripted: Opener) -> None:
    predictor = scripted("greet(); answer()")
    child = child_of(predictor)
    predictor.run([SMALL])
    predictor.close()
    predictor.close()
    assert not alive(child)
    for use in (lambda: predictor.run([SMALL]), lambda: predictor.info, predictor.start):
        with pytest.raises(PredictorError, match="is closed"):
            use()
    assert child not in children(os.getpid()), "it was reaped"


@pytest.mark.embedded
def test_nothing_is_left_of_fifty_processes(
    open_lite: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with open_lite("cls") as predictor:
        predictor.run([LINE])
    started: set[int] = set()
    with nothing_left():
        for number in range(50):
            with open_lite("cls") as predictor:
                child = child_of(predictor)  # closed while it loads, but every tenth
                started.add(child)
                if number % 10 == 0:
                    predictor.run([LINE])
            assert not alive(child)
    assert started & children(os.getpid()) == set(), "all were reaped"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.embedded
def test_children_end_when_the_parent_is_killed(default_bundles: Mapping[str, Bundle]) -> None:
    """Also in the middle of a run, while the library holds Python's lock."""
    code = """
import os, sys
import numpy as np
from edge.bundle.bundle import load_bundle
from edge.predictor.lite import lite_predictor
from pathlib import Path
bundle = load_bundle(Path(sys.argv[1]))
predictor = lite_predictor(bundle.model_path, bundle.nb, bundle.manifest.input)
predictor.info
print("ready", flush=True)
predictor.measure([np.zeros((1, 3, 960, 960), np.float32)], 1000)
print("too late", flush=True)
"""
    folder = str(default_bundles["det"].folder)
    with subprocess.Popen([sys.executable, "-c", code, folder], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        (child,) = children(parent.pid)
        # it waited for a question: what it computes from now on is the first of a thousand runs
        with ending_at_once(child, after=computed(child) + 0.1):
            parent.kill()
            parent.wait()
        assert parent.stdout.read() == b""


@pytest.mark.embedded
def test_nothing_of_the_users_folder_is_imported(
    open_lite: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``python -m`` looks for modules in the current folder first."""
    for name in ("numpy", "json", "edge", "paddlelite"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)  # what stands there is wanted
    with open_lite("cls") as predictor:
        assert predictor.run([LINE])[0].shape == (1, 2)


@pytest.mark.embedded
def test_a_relative_path_is_meant_from_here(
    default_bundles: Mapping[str, Bundle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copyfile(default_bundles["cls"].model_path, tmp_path / "here.nb")
    monkeypatch.chdir(tmp_path)
    model = Path("here.nb")
    with lite_predictor(model, read_nb(model), default_bundles["cls"].manifest.input) as predictor:
        assert predictor.run([LINE])[0].shape == (1, 2)


@pytest.mark.embedded
def test_threads_take_turns(open_lite: Opener) -> None:
    wrong: list[object] = []

    def ask(predictor: ProcessPredictor, batch: int) -> None:
        for _ in range(20):
            if predictor.run([np.repeat(LINE, batch, axis=0)])[0].shape != (batch, 2):
                wrong.append(batch)

    with open_lite("cls") as predictor:
        threads = [threading.Thread(target=ask, args=(predictor, batch)) for batch in (1, 2, 3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


class Elsewhere:
    """A process of the test's, with nothing of `Child`: what a device has."""

    def __init__(self, code: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=child_environment(),
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.channel = Channel(self.process.stdout.fileno(), self.process.stdin.fileno())
        self.greeting: Mapping[str, object] | None = None

    def end(self, grace: float) -> Ending:
        """As `edge.predictor.child.SpeakingProcess` says."""
        self.process.kill()
        self.process.communicate()
        return Ending(134, "", by_itself=True)


def test_a_process_that_is_started_elsewhere(behaved: str) -> None:
    started: list[Elsewhere] = []

    def start() -> Elsewhere:
        if len(started) == 2:
            raise PredictorError("the device", "is gone", "switch it on")
        started.append(Elsewhere(behaved + "greet(); answer(np.ones((1, 1), np.float32))"))
        return started[-1]

    with ProcessPredictor("model", start, [ANY], place="the device") as predictor:
        for _ in range(2):  # each process answers once and ends
            assert predictor.run([SMALL])[0].tolist() == [[1.0]]
            with pytest.raises(PredictorCrashedError, match="aborted"):
                predictor.run([SMALL])
        with pytest.raises(PredictorError, match="the device: is gone; switch it on"):
            predictor.run([SMALL])
    assert all(process.process.poll() is not None for process in started)


def test_an_end_that_nobody_knows(behaved: str) -> None:
    """The link broke: the error says so, and the next run starts another process."""

    class Cut(Elsewhere):
        def end(self, grace: float) -> Ending:
            super().end(grace)
            raise DeviceError("pi4", "the link broke", "look at the cable")

    codes = iter(["greet()", "greet(); answer(np.ones((1, 1), np.float32))"])
    with ProcessPredictor("model", lambda: Cut(behaved + next(codes)), [ANY]) as predictor:
        with pytest.raises(DeviceError, match="pi4: the link broke"):
            predictor.run([SMALL])
        assert predictor.run([SMALL])[0].tolist() == [[1.0]]
        with pytest.raises(DeviceError, match="pi4: the link broke"):
            predictor.run([SMALL])
