"""``ppocr-edge models export`` from the outside: what it writes, who reads it, and how it ends."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from processes import alive, children, wait_until

from deploy_tools.cli.main import main
from edge.bundle.bundle import load_bundle
from edge.hashing import sha256_of
from slim.zoo.catalog import find_entry
from slim.zoo.entry import Kind

FRENCH, ENGLISH, DET = "french_mobile_v2.0_rec", "en_number_mobile_v2.0_rec", "ch_ppocr_mobile_v2.0_det"
FILES = {"dictionary.txt", "inference.pdiparams", "inference.pdmodel", "manifest.json"}


class Run:
    """Runs a command and keeps what it wrote."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.err = ""

    def __call__(self, *words: object, code: int = 0) -> str:
        found = main([str(word) for word in words])
        out, self.err = self._capsys.readouterr()
        assert found == code, self.err
        return out


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of these tests alone: others want models from elsewhere."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def _own_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PPOCR_EDGE_HOME", str(home))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return Run(capsys)


@pytest.fixture(scope="session")
def exported(shared_dir: Path, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The French recognizer as the command makes it; not to be changed."""
    out = tmp_path_factory.mktemp("exported") / "french"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PPOCR_EDGE_HOME", str(home))
        assert main(["models", "export", FRENCH, "-o", str(out), "--source", str(shared_dir / "mirror")]) == 0
    return out


@pytest.fixture
def mine(shared_dir: Path, tmp_path: Path) -> Path:
    """A folder with the English checkpoint, as if it were the user's own."""
    with tarfile.open(shared_dir / "mirror" / find_entry(ENGLISH).files[Kind.TRAINED].path) as tar:
        tar.extractall(tmp_path / "unpacked")
    (folder,) = (tmp_path / "unpacked").iterdir()
    return Path(shutil.move(folder, tmp_path / "mine"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.shared
def test_a_folder_that_says_what_it_is(exported: Path) -> None:
    assert {path.name for path in exported.iterdir()} == FILES
    manifest = json.loads((exported / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == FILES - {"manifest.json"}
    for name, one in manifest["files"].items():
        assert one == {"sha256": sha256_of(exported / name), "size": (exported / name).stat().st_size}
    assert manifest["inputs"]["checkpoint"]["zoo"] == FRENCH
    assert manifest["inputs"]["checkpoint"]["kind"] == "trained"
    assert set(manifest["inputs"]["checkpoint"]["sha256"]) == {"best_accuracy.pdparams"}
    assert (manifest["name"], manifest["task"], manifest["classes"]) == (FRENCH, "rec", 137)
    assert manifest["network"]["widths"] == {}


@pytest.mark.shared
def test_other_commands_know_what_it_is(run: Run, exported: Path, shared_dir: Path, tmp_path: Path) -> None:
    run("convert", exported, "--target", "x86", "--target", "arm", "-o", "bundles")
    for target in ("x86", "arm"):
        bundle = load_bundle(tmp_path / "bundles" / f"{FRENCH}-{target}")
        assert (bundle.manifest.task, bundle.manifest.classes) == ("rec", 137)
        assert bundle.manifest.source["exported"] == FRENCH
        assert bundle.manifest.source["checkpoint"]["zoo"] == FRENCH
    words = shared_dir / "images" / "paddleocr_doc" / "imgs_words" / "french"
    shutil.copytree(words, tmp_path / "words")
    (tmp_path / "labels.txt").write_text(
        "words/1.jpg\tde l'amendement,\nwords/2.jpg\tau développement.\n", encoding="utf-8"
    )
    for device in ("paddle", "local"):
        values = json.loads(run("evaluate", exported, "--data", "labels.txt", "--device", device, "--json"))
        assert values["measures"]["exact"]["value"] == 100
    run("convert", exported, "--task", "rec", "--target", "arm", "-o", "bundles", code=2)
    assert f"--task: does not apply: {exported} says itself what it is" in run.err


@pytest.mark.shared
def test_again_gives_the_same_bytes(run: Run, exported: Path, tmp_path: Path) -> None:
    """The checkpoint is in the store now; without -o the folder is named after the model."""
    out = run("models", "export", FRENCH)
    place = tmp_path / f"{FRENCH}_infer"
    assert out.startswith(f"{place.name}  1.92 MB  rec  fp32\n")
    assert f"ppocr-edge convert {place.name} --target arm" in out
    assert contents(place) == contents(exported)
    (place / "inference.pdmodel").write_bytes(b"damaged")
    values = json.loads(run("models", "export", FRENCH, "--json"))
    assert values["folder"] == place.name
    assert contents(place) == contents(exported), "replaced"
    assert [path.name for path in tmp_path.iterdir()] == [place.name]


@pytest.mark.shared
def test_a_checkpoint_of_ones_own(run: Run, mine: Path, shared_dir: Path, tmp_path: Path) -> None:
    keys = shared_dir / "dicts" / "en_dict.txt"
    run("models", "export", "mine", "--like", ENGLISH, "--dict", keys)
    manifest = json.loads((tmp_path / "mine_infer" / "manifest.json").read_text())
    assert (manifest["name"], manifest["classes"]) == ("mine", 97)
    assert manifest["inputs"]["checkpoint"]["like"] == ENGLISH
    assert (tmp_path / "mine_infer" / "dictionary.txt").read_bytes() == keys.read_bytes()
    file = (mine / "best_accuracy.pdparams").rename(tmp_path / "best.pdparams")
    out = tmp_path / "deep" / "model"
    run("models", "export", file, "--like", ENGLISH, "--dict", keys, "-o", out)
    assert json.loads((out / "manifest.json").read_text())["name"] == "best"
    assert (out / "inference.pdiparams").read_bytes() == (
        tmp_path / "mine_infer" / "inference.pdiparams"
    ).read_bytes()


@pytest.mark.shared
def test_a_detector_has_no_dictionary(run: Run, shared_dir: Path, tmp_path: Path) -> None:
    run("models", "export", DET, "--source", shared_dir / "mirror", "-o", "det")
    assert {path.name for path in (tmp_path / "det").iterdir()} == FILES - {"dictionary.txt"}
    manifest = json.loads((tmp_path / "det" / "manifest.json").read_text())
    assert (manifest["task"], manifest["dictionary"], manifest["classes"]) == ("det", None, None)


MISTAKES = {
    "no such model": (["frensh_mobile_v2.0_rec"], "did you mean french_mobile_v2.0_rec"),
    "no such path": (["some/where"], "some/where: is neither a checkpoint nor a model of the zoo"),
    "no checkpoint": (["ch_ppocr_mobile_slim_v2.0_det"], "published without a checkpoint; its kinds are"),
    "not of this kind": ([FRENCH, "--kind", "pretrained"], "not published as 'pretrained'"),
    "no such kind": ([FRENCH, "--kind", "inference"], "'inference' is not one of"),
    "no network": (["ch_PP-OCRv4_det"], "its network (PPLCNetV3) cannot be built here; take its inference"),
    "no source": ([FRENCH, "--source", "/no/such"], "/no/such: no such folder"),
    "like, of the zoo": ([FRENCH, "--like", ENGLISH], "--like: does not apply: french_mobile_v2.0_rec is a"),
    "dict, of the zoo": ([FRENCH, "--dict", "keys.txt"], "--dict: does not apply"),
    "own, no like": (["own"], "own: is a checkpoint of your own, its network is not known"),
    "own, kind": (["own", "--kind", "trained"], "--kind: does not apply: own is a checkpoint of your own"),
    "own, like nothing": (["own", "--like", "x"], "x: no model of this name"),
    "own, like v4": (["own", "--like", "ch_PP-OCRv4_rec"], "its network (PPLCNetV3) cannot be built here"),
    "own, no space": (["own", "--like", FRENCH, "--no-space"], "--no-space: does not apply"),
    "own, dict of det": (["own", "--like", DET, "--dict", "keys.txt"], "--dict: is for recognizers"),
    "own, no dict": (["own", "--like", FRENCH, "--dict", "none.txt"], "none.txt: cannot be read"),
    "own, malicious": (["own", "--like", DET], "best.pdparams: is no checkpoint (it wants to load posix.sys"),
    "own, empty": (["keys", "--like", DET], "keys: holds no .pdparams file"),
    "place is a file": (["own", "--like", DET, "-o", "keys.txt"], "-o keys.txt: is no folder"),
    "place is taken": (
        ["own", "--like", DET, "-o", "keys"],
        "-o keys: holds something else than an",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_one_line_and_leave_nothing(run: Run, tmp_path: Path, mistake: str) -> None:
    words, found = MISTAKES[mistake]
    for folder in ("own", "keys"):
        (tmp_path / folder).mkdir()
    (tmp_path / "own" / "best.pdparams").write_bytes(pickle.dumps(Malicious(), protocol=2))
    (tmp_path / "keys.txt").write_text("a\nb\n")
    (tmp_path / "keys" / "keys.txt").write_text("a\nb\n")
    before = sorted(tmp_path.rglob("*"))
    assert run("models", "export", *words, code=2) == ""
    assert run.err.count("\n") == 1
    assert found in run.err
    assert sorted(tmp_path.rglob("*")) == before


class Malicious:
    """Wants to run a command when it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch run",)


@pytest.fixture
def start(shared_dir: Path, tmp_path: Path) -> Callable[[], subprocess.Popen[str]]:
    """Starts the export of the detector into ``out/det``."""
    words = ["models", "export", DET, "--source", str(shared_dir / "mirror"), "-o", "out/det"]

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "deploy_tools.cli.main", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            start_new_session=True,
        )

    return start


@pytest.mark.shared
@pytest.mark.parametrize(
    ("number", "code", "complaint"),
    [(signal.SIGINT, 130, "ppocr-edge: interrupted\n"), (signal.SIGKILL, -9, "")],
)
def test_ended_while_paddle_works(
    start: Callable[[], subprocess.Popen[str]],
    tmp_path: Path,
    number: signal.Signals,
    code: int,
    complaint: str,
) -> None:
    """No process stays; what a kill leaves, the next export sweeps up."""
    process = start()
    wait_until(lambda: children(process.pid), 120, "its child runs")
    started = children(process.pid)
    if number is signal.SIGKILL:
        process.kill()
    else:
        os.killpg(process.pid, number)
    _, said = process.communicate(timeout=120)
    assert (process.returncode, said) == (code, complaint)
    wait_until(lambda: not any(map(alive, started)), 60, "its child is gone too")
    if number is signal.SIGINT:
        assert not (tmp_path / "out").exists()
        return
    assert len(list((tmp_path / "out").iterdir())) == 1, "hidden"
    last = start()
    last.communicate(timeout=240)
    assert last.returncode == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["det"]
