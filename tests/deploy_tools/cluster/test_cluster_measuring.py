"""Measuring through a scheduler and workers that are processes of their own, some of which are killed."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from cluster_command import measure_words

from deploy_tools.cli.main import main
from deploy_tools.cluster.address import parse_address
from deploy_tools.cluster.connection import Connection
from deploy_tools.results.opening import open_results
from edge.bundle.bundle import Bundle
from edge.errors import DeviceError
from tests.benchmarks.cluster import CASES, LABELS, NAMES, ideal_seconds, one_killed
from tests.cluster_kit import PATIENCE, Cluster
from tests.devices_kit.ports import HeldPort
from tests.devices_kit.sshd import started_with
from tests.e2e.command import run_command
from tests.processes import wait_until

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]
QUICK = ("--runs", "3", "--seconds", "0", "--warmup", "0", "--cool-down", "0")
Measure = Callable[..., str]


@pytest.fixture
def cls(default_bundles: Mapping[str, Bundle]) -> Bundle:
    return default_bundles["cls"]


@pytest.fixture
def folders(cluster: Cluster) -> Mapping[str, Path]:
    """Devices of the cluster: ``one`` is led to by two workers, ``two`` by one; ``twin`` are two devices."""
    made = {name: cluster.device(name, pace=0.001) for name in ("one", "two", "twin-a", "twin-b")}
    cluster.workers(
        {
            "lab1": {"one": made["one"], "two": made["two"], "twin": made["twin-a"]},
            "lab2": {"one": made["one"], "twin": made["twin-b"]},
        }
    )
    return made


@pytest.fixture
def measure(
    cluster: Cluster, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Measure:
    """``measure(*words, code=…)``: standard output and error of ``measure --cluster``."""
    monkeypatch.setenv("PPOCR_EDGE_RESULTS", str(tmp_path / "results.db"))

    def run(*words: str, code: int = 0) -> str:
        found = main(["measure", *words, "--cluster", cluster.address])
        out, err = capsys.readouterr()
        assert found == code, out + err
        return out + err

    return run


def test_devices_of_other_hosts(
    cluster: Cluster, folders: Mapping[str, Path], measure: Measure, cls: Bundle, tmp_path: Path
) -> None:
    said = measure("sweep", str(cls.folder), "--device", "all", "--threads", "1,2", *QUICK, "--tag", "t")
    names = [line.split()[0] for line in said.splitlines()[1:9]]
    assert Counter(names) == dict.fromkeys(("one", "two", "twin@lab1", "twin@lab2"), 2)
    for name in ("one", "two", "twin-a", "twin-b"):
        assert cluster.runners(name) == ["1 none", "2 none"], "each by one worker"
    with open_results(tmp_path / "results.db") as store:
        run = store.find("t")
        kept = store.measurements(run.id)
        assert len(kept) == 8
        assert all(one.ok and len(one.series["run"]) == 3 for one in kept)
        assert store.summary(run.id).finished is not None
    for label in LABELS[:2]:
        sent = list((cluster.folder / "homes" / label / "cluster" / "files").iterdir())
        assert len(sent) == len(cls.manifest.files) + 1, "the bundle went there, once"
    again = measure("sweep", "--resume", "last")
    assert "8 cases were measured before" in again
    assert len(cluster.runners("one")) == 2


def test_names_that_are_not_clear(folders: Mapping[str, Path], measure: Measure, cls: Bundle) -> None:
    words = ("latency", str(cls.folder), *QUICK, "--no-save")
    said = measure(*words, "--device", "twin", code=2)
    assert "--device twin: lab1 and lab2 have different devices of this name; write twin@lab1 or twin" in said
    assert "twin@lab2" in measure(*words, "--device", "twin@lab2,two")
    said = measure(*words, "--device", "tow", code=2)
    assert "no worker has a device of this name; did you mean 'two'?" in said
    assert "names 'one' twice" in measure(*words, "--device", "one,one", code=2)
    said = measure(*words, "--inventory", "x.yml", code=2)
    assert "--inventory x.yml: does not go together with --cluster" in said


def test_a_worker_of_another_version(
    folders: Mapping[str, Path], measure: Measure, cls: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.__version__", "0.0.1")
    said = measure("latency", str(cls.folder), "--no-save", code=2)
    assert re.search(r"worker lab\d: is of version \S+, this is 0\.0\.1; use one version everywhere", said)


def test_what_fails_there_is_told_here(folders: Mapping[str, Path], measure: Measure, cls: Bundle) -> None:
    """``local`` is the host of each worker, which is this one."""
    said = measure("sweep", str(cls.folder), "--threads", "4,1", *QUICK, code=2)
    assert (
        f"local: sweep / {cls.manifest.name} / fp32 / 1x3x48x192 / 4 threads: {cls.folder}: cannot be" in said
    )
    assert re.search(r"go on with: ppocr-edge measure sweep --resume \w+ --cluster tcp://127.0.0.1:\d+", said)


def test_only_this_host_can_reach_it(cluster: Cluster, folders: Mapping[str, Path]) -> None:
    inodes = {}
    for label, member in cluster.members.items():
        for link in Path(f"/proc/{member.process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # what was read is closed again
                if match := re.fullmatch(r"socket:\[(\d+)\]", str(link.readlink())):
                    inodes[match[1]] = label
    listening = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in inodes:
                listening.append((inodes[words[9]], words[1].partition(":")[0]))
    assert {label for label, _ in listening} == set(cluster.members)
    assert {host for _, host in listening} == {"0100007F"}, listening


def test_two_clients_take_turns(
    cluster: Cluster, folders: Mapping[str, Path], cls: Bundle, tmp_path: Path
) -> None:
    """Whichever worker they ask: a device is never used by two cases at once."""
    clients = []
    for number in range(2):
        results = ("--results", str(tmp_path / f"{number}.db"), "--cool-down", "0", "--minutes", "0.02")
        words = measure_words(cluster, cls, "--device", "one", *results)
        clients.append(subprocess.Popen(words, stdout=subprocess.DEVNULL))
    assert [client.wait(PATIENCE) for client in clients] == [0, 0]
    spans = []
    for number in range(2):
        with open_results(tmp_path / f"{number}.db") as store:
            (one,) = store.measurements(store.find("last").id)
            spans.append((one.started, one.started + timedelta(seconds=one.seconds)))
    first, second = sorted(spans)
    assert first[1] <= second[0]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_a_client_is_ended(
    cluster: Cluster, folders: Mapping[str, Path], cls: Bundle, tmp_path: Path, ending: signal.Signals
) -> None:
    """What runs for it ends; the workers go on."""
    words = measure_words(
        cluster, cls, "--device", "two", "--minutes", "60", "--results", str(tmp_path / "r.db")
    )
    before = len(cluster.runners("two"))
    with subprocess.Popen(words, stderr=subprocess.PIPE) as client:
        wait_until(lambda: len(cluster.runners("two")) > before, PATIENCE, "it is measured")
        client.send_signal(ending)
        _, err = client.communicate(timeout=PATIENCE)
    store = f"{folders['two']}/store"
    wait_until(lambda: not started_with(store), PATIENCE, "nothing runs on the device")
    if ending == signal.SIGINT:
        assert client.returncode == 130
        assert b"0 of 1 cases are measured and kept; go on with" in err
    assert cluster.runs("lab1")


def test_a_worker_is_ended(
    cluster: Cluster, folders: Mapping[str, Path], cls: Bundle, tmp_path: Path
) -> None:
    """Nobody else leads to what it measured: that failed, and says why; others do what they can."""
    cluster.device("two", pace=0.3)  # what is measured there goes on for half a minute, whatever is asked for
    long = ("--device", "one,two", "--threads", "1", "--cool-down", "0", "--results", str(tmp_path / "r.db"))
    words = measure_words(cluster, cls, *long, "--minutes", "0.1")
    before = {name: len(cluster.runners(name)) for name in ("one", "two")}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as client:
        wait_until(
            lambda: all(len(cluster.runners(name)) > count for name, count in before.items()),
            PATIENCE,
            "both are measured",
        )
        assert cluster.members["lab1"].end(signal.SIGTERM) == 143
        store = f"{folders['two']}/store"
        wait_until(lambda: not started_with(store), PATIENCE, "it let its devices go")
        _, err = client.communicate(timeout=PATIENCE)
    assert client.returncode == 2
    assert b"two was lost: two: its worker was lost, and no other host leads to it" in err
    assert b"1 case is not measured; go on with" in err
    assert b"distributed" not in err
    with open_results(tmp_path / "r.db") as store:
        kept = {one.environment.device: one for one in store.measurements(store.find("last").id)}
    assert kept["one"].ok
    assert kept["two"].error == "two: its worker was lost, and no other host leads to it"


def test_one_of_three_is_killed(cls: Bundle, tmp_path: Path) -> None:
    """All cases are done, each once, on the devices of the other two; see `tests.benchmarks.cluster`."""
    cluster = Cluster(tmp_path / "three")
    try:
        wall, done, recorder, _ = one_killed(cluster, cls, pace=0.03)
    finally:
        cluster.close()
    assert (done.missing, done.lost) == (0, [])
    assert len(recorder.added) == CASES
    assert set(recorder.added.values()) == {1}
    assert all(one.ok for one in done.measurements)
    started = {name: Counter(cluster.runners(name)) for name in NAMES}
    for name in NAMES:
        assert len(started[name]) == CASES // len(NAMES)
        assert started[name].total() <= CASES // len(NAMES) + 1, "at most what was in hand is done again"
    # the figure itself is the benchmark's: here cases are short, and others work on this host
    assert wall <= 2 * ideal_seconds(done) + 30


def test_nobody_there(
    cluster: Cluster, capsys: pytest.CaptureFixture[str], cls: Bundle, tmp_path: Path
) -> None:
    empty = Cluster(tmp_path / "empty")
    with HeldPort() as port:  # nobody else answers there when it is gone
        empty.start(port)
        words = ["measure", "latency", str(cls.folder), "--no-save", "--cluster", empty.address]
        try:
            assert main(words) == 2
            assert (
                "the scheduler has no workers with devices; start some with 'ppocr-edge worker'"
                in capsys.readouterr().err
            )
            empty.workers({"lab1": {}})
            assert main([*words, "--device", "all"]) == 2
            assert (
                "--device all: no worker names a device; add some with 'ppocr-edge devices add'"
                in capsys.readouterr().err
            )
        finally:
            empty.close()
        assert main(words) == 2
    assert (
        f"--cluster {empty.address}: no scheduler answers there (Connection refused); start one"
        in capsys.readouterr().err
    )


def test_a_scheduler_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy_tools.cluster.connection._ANSWER_SECONDS", 2.0)
    made = Cluster(tmp_path / "gone")
    made.start()
    connection = Connection(parse_address(made.address, ""), None)
    try:
        made.close()
        with pytest.raises(DeviceError, match="does not answer any more; see whether it still runs"):
            connection.has("tcp://127.0.0.1:1")
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["worker", "127.0.0.1:1"], "is no address of a scheduler; write tcp://HOST:8786"),
        (["worker", "tcp://127.0.0.1:1", "--listen", "0.0.0.0"], "is open to a network without encryption"),
        (["worker", "tcp://127.0.0.1:1", "--name", "a@b"], "--name 'a@b': has an '@'"),
        (
            ["worker", "tcp://127.0.0.1:1", "--tls-cert", "x"],
            "--tls-cert x: does not go together with tcp://",
        ),
        (["worker", "tcp://127.0.0.1:1"], "no scheduler answers there (Connection refused); start one with"),
        (["scheduler", "--listen", "tcp://0.0.0.0:0"], "is open to a network without encryption"),
        (["scheduler", "--listen", "tls://127.0.0.1:0"], "tls://127.0.0.1:0: needs certificates"),
        (["measure", "latency", "x", "--cluster", "lab"], "--cluster 'lab': is no address of a scheduler"),
        (["measure", "latency", "x", "--tls-key", "k"], "--tls-key k: is given without --cluster"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_what_is_refused(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert len(err.splitlines()) == 1


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        ended = run_command("scheduler", "--listen", address, cwd=tmp_path)
    assert ended.code == 2
    assert f"--listen {address}: cannot be listened on (" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_nothing_of_it_is_imported_without_it(cls: Bundle, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from deploy_tools.cli.main import main\n"
        f"code = main(['measure', 'latency', {str(cls.folder)!r}, '--no-save', *{QUICK!r}])\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'dask', 'distributed', 'tornado', 'msgpack', 'cloudpickle'}))\n"
        "print([name for name in sys.modules if name.startswith('deploy_tools.cluster')])\n"
        "sys.exit(code)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-2:] == ["[]", "[]"]
