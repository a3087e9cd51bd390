from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy_tools.release.contents.findings import read_findings
from edge.bundle.bundle import load_bundle
from tests.e2e.command import REPOSITORY, Ended, environment
from tests.processes import alive, children, wait_until
from tests.slim.pipeline.conftest import RECIPE, draw_photographs

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]

PROGRAM = [sys.executable, "-m", "tests.deploy_tools.cli.slim_program"]
QUICK = RECIPE.replace("  - weights: {scale: 0.001}\n", "")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A working folder with photographs and a recipe."""
    draw_photographs(tmp_path / "train", ["Alpha", "Beta"])
    draw_photographs(tmp_path / "test", ["Harbour", "Finch", "Monday"])
    (tmp_path / "tiny.yml").write_text(QUICK)
    return tmp_path


def words(*more: str) -> list[str]:
    data = ["--train", "train", "--evaluate", "test/labels.txt"]
    return [*PROGRAM, "slim", "ch_PP-OCRv4_det", "--recipe", "tiny.yml", *data, *more]


def run(command: list[str], cwd: Path) -> Ended:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env=environment(),
        timeout=600,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"train", "test", "tiny.yml"}


def test_a_model_is_made_small_and_converted(here: Path) -> None:
    ended = run(words("-o", "out"), here)
    assert ended.code == 0, ended.err
    assert re.search(
        r"^float +1,172 k +2,302 M +4\.86 MB +4\.\d\d MB +100\.00 % \(100\.0 … 100\.0\)$", ended.out, re.M
    )
    assert "gate  held: hmean on photographs: loses 0.00 points" in ended.out
    assert "gate  held: parameters: 1,171,721, allowed are 2,000,000 or less" in ended.out
    assert "Try      ppocr-edge convert out --target arm -o bundles" in ended.out

    again = run(words("-o", "out"), here)
    assert again.code == 0
    assert "out: the result of this recipe is there already, nothing to do" in again.err
    assert again.out == ended.out

    converted = run([*PROGRAM, "convert", "out", "--target", "arm", "-o", "bundles"], here)
    assert converted.code == 0, converted.err
    bundle = load_bundle(here / "bundles" / "tiny-arm")
    assert (bundle.manifest.task, bundle.manifest.source["slim"]) == ("det", "tiny")
    found = read_findings(bundle)
    assert (found.gates, found.recipe, found.model, found.device) == ("passed", "tiny", "ch_PP-OCRv4_det", "")
    assert [f"gate  held: {one.line}" for one in found.verdicts] == re.findall("^gate .*", ended.out, re.M)
    assert found.cost is not None
    assert found.cost["parameters"] == 1_171_721
    assert {(one.place, one.data, one.kind) for one in found.figures} >= {
        ("Paddle", "photographs", "measure"),
        ("Paddle", "photographs", "loss"),
    }

    refused = run([*PROGRAM, "convert", "out", "--task", "det", "--target", "arm", "-o", "bundles"], here)
    assert refused.code == 2
    assert "--task: does not apply: out " in refused.err
    shutil.copyfile(here / "test" / "labels.txt", here / "out" / "inference.pdiparams")
    changed = run([*PROGRAM, "convert", "out", "--target", "arm", "-o", "bundles"], here)
    assert changed.code == 2
    assert (
        "inference.pdiparams: is not the file that manifest.json describes; make the result again"
        in changed.err
    )


def test_a_float_model_may_be_judged_on_this_host(here: Path) -> None:
    ended = run(words("-o", "out", "--device", "local", "--quick"), here)
    assert ended.code == 0, ended.err
    assert re.search(r"^on local +100\.00 % \(100\.0 … 100\.0\)$", ended.out, re.M)
    assert "against the model it was made of on local, allowed are 0.5 points" in ended.out


def test_a_failed_gate_is_exit_code_3(here: Path) -> None:
    (here / "tiny.yml").write_text(RECIPE.replace("0.001", "3").replace("int8", "fp32"))
    ended = run(words("-o", "out", "--json"), here)
    assert ended.code == 3
    manifest = json.loads(ended.out)
    assert manifest["gates"] == "failed"
    assert manifest == json.loads((here / "out" / "manifest.json").read_text())
    complaints = [line for line in ended.err.splitlines() if line.startswith("ppocr-edge: ")]
    assert len(complaints) == 1
    lost = manifest["verdicts"][0]["found"]["value"]
    assert complaints[0].startswith(
        f"ppocr-edge: gate failed: hmean on photographs: loses {lost:.2f} points (interval"
    )
    assert complaints[0].endswith("allowed are 0.5 points")
    converted = run([*PROGRAM, "convert", "out", "--target", "arm", "-o", "bundles"], here)
    assert "warning: out: failed a gate of its recipe, see its report.html" in converted.err


def test_a_preview_tells_and_leaves_nothing(here: Path) -> None:
    (here / "tiny.yml").write_text(QUICK.replace("steps: 4", "steps: 600, sleep: 0.5, minutes: 2"))
    ended = run(words("--preview"), here)
    assert ended.code == 0, ended.err
    assert left(here) == set()
    assert "tiny  Small text detector of a later generation, PP-OCRv4" in ended.out
    assert re.search(r"^ +5 min  1 prune +count 600 iterations, expected are at most 2 min$", ended.out, re.M)
    assert "train on 2 photographs; measure on 3 photographs" in ended.out
    assert "gate  hmean on photographs: loses at most 0.5 points against the model it is made of" in ended.out
    assert "note  1 prune would take longer than the 2 min the recipe expects" in ended.out
    values = json.loads(run(words("--preview", "--json"), here).out)
    assert values["seconds"] > 300
    assert [part["label"] for part in values["parts"]] == ["data", "begin", "1 prune", "measure", "latency"]


INT8 = RECIPE.replace("  - prune: {steps: 4}\n", "")
OUT = ["-o", "out"]
REFUSED: dict[str, tuple[str, list[str], str]] = {
    # name -> (recipe, words, the complaint)
    "no output": (QUICK, [], "-o: is missing; name a folder for the result, or ask for a --preview"),
    "misspelt": (QUICK.replace("seed", "sede"), OUT, "tiny.yml:5: sede: is no key here; keys are: recipe, "),
    "int8 on x86": (
        INT8,
        [*OUT, "--device", "local"],
        "--device local: does not compute int8 models correctly, and the recipe makes one; name an ARM",
    ),
    "simulation": (QUICK, [*OUT, "--device", "paddle"], "--device paddle: is what every step is measured on"),
    "no device": (QUICK, [*OUT, "--device", "mars"], "--device mars: there is no device of this name; use"),
    "data twice": (QUICK, [*OUT, "--train", "x"], "--train x: photographs is given twice; give each source"),
    "a file in the way": (QUICK, ["-o", "tiny.yml"], "-o tiny.yml: is no folder; choose another one"),
    "foreign folder": (QUICK, ["-o", "train"], "-o train: holds something else than a result of 'slim'; "),
    "seed": (QUICK, [*OUT, "--seed", "-1"], "Invalid value for '--seed': -1 is not in the range 0<=x<=2147"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_mistakes_end_in_one_line(case: str, here: Path) -> None:
    recipe, more, complaint = REFUSED[case]
    (here / "tiny.yml").write_text(recipe)
    ended = run(words(*more), here)
    assert ended.code == 2
    assert ended.out == ""
    (line,) = ended.err.splitlines()
    assert line.startswith(f"ppocr-edge: {complaint}")
    assert left(here) == set()


@pytest.mark.parametrize(
    ("evaluate", "complaint"),
    [
        ("", "--evaluate: is missing: the recipe needs 'photographs'; give --evaluate photographs=PATH, a "),
        ("test", "--evaluate test: is a folder, the recipe wants 'photographs' with labels; give PaddleOCR"),
        ("none.txt", "--evaluate none.txt: no such file or folder; check the path"),
        ("tiny.yml", "tiny.yml:1: has no tab; write image<TAB>label"),
    ],
)
def test_data_that_does_not_suit_is_refused(evaluate: str, complaint: str, here: Path) -> None:
    more = ["--evaluate", evaluate] if evaluate else []
    command = [*PROGRAM, "slim", "tiny", "--recipe", "tiny.yml", "-o", "out", "--train", "train", *more]
    ended = run(command, here)
    assert ended.code == 2
    line = ended.err.splitlines()[-1]
    assert line.startswith("ppocr-edge: ")
    assert complaint in line


def test_ctrl_c_ends_everything_and_leaves_what_the_next_run_goes_on_with(here: Path) -> None:
    (here / "tiny.yml").write_text(QUICK.replace("steps: 4", "steps: 9000, sleep: 0.1"))
    process = subprocess.Popen(
        words("-o", "out"),
        cwd=here,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # where the tests themselves run in the background, Ctrl-C is ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    checkpoint = here / "out" / ".work" / "states" / "1-prune" / "work" / "checkpoint.json"
    wait_until(checkpoint.exists, 300, "the step has a checkpoint")
    offspring = children(process.pid)
    # meanwhile nobody else may work there
    second = run(words("-o", "out"), here)
    assert second.code == 2
    assert f"ppocr-edge: out: process {process.pid} is making a model there; wait for it" in second.err
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=240)
    assert process.returncode == 130
    assert err.decode().splitlines()[-1] == "ppocr-edge: interrupted"
    wait_until(lambda: not any(map(alive, offspring)), 60, "children are gone")
    done, _ = json.loads(checkpoint.read_text())
    assert 0 < done < 9000
    assert left(here / "out") == {".work"}


def test_a_terminal_shows_all_stages_and_the_time_left(here: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        words("-o", "out", "--quick"),
        cwd=here,
        env=environment(TERM="xterm", COLUMNS="120", LINES="40"),
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 1 << 14)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    for part in ("measure the original", "1 prune", "latency on this host", "in all", "left"):
        assert part in text
    assert "an early look, not judged" in out.decode()
    assert REPOSITORY.is_dir()
