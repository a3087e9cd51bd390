"""``ship`` as a user calls it, with real models and short recipes."""

from __future__ import annotations

import json
import re
import shutil
import signal
from pathlib import Path

import pytest

from deploy_tools.cli.main import main
from deploy_tools.results.opening import open_results
from deploy_tools.ship.reader import read_ship_recipe
from tests.deploy_tools.ship.conftest import SHIP, STEPS, TINY, ShipFolder
from tests.e2e.command import run_command
from tests.processes import alive, children, wait_until

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]

MEASURED = (
    SHIP
    + """\
measure: {devices: [steady], against: main, tag: main, runs: 50, seconds: 0.2, warmup: 0.2, threshold: 100 %}
"""
)


def steps(err: str) -> dict[str, str]:
    """Steps that are over, and their times."""
    lines = re.findall(r"^ +\d+/\d+  (\w+) +(.+?)  +(kept|\d+ s|\d+ min|\d+ h \d+ min)(?:  .*)?$", err, re.M)
    return {f"{verb} {what.strip()}": time for verb, what, time in lines}


def test_the_whole_way_and_again(shipped: ShipFolder, steady: str) -> None:
    (shipped.folder / "ship.yml").write_text(MEASURED)
    shutil.rmtree(shipped.folder / "out/tiny-1.0")
    first = shipped.run()
    release = Path("out/tiny-1.0")
    key = re.search("signed by ([0-9a-f]{16})", first.out)
    assert key is not None
    assert list(steps(first.err)) == [
        "pull ch_ppocr_mobile_v2.0_cls",
        "slim tiny",
        "gates cls",
        "convert tiny for x86",
        f"measure parity on {steady}",
        f"measure latency on {steady}",
        "compare latency with main",
        f"package {release}, signed by {key[1]}",
        f"verify {release}",
        "tag the run as main",
    ]
    assert "there is no release before this one" in first.err
    assert first.out.splitlines()[0] == str(release)
    assert re.search(r"^  cls  tiny  fp32 for x86  0\.\d\d MB  gates: passed$", first.out, re.M)
    assert "Allowed" not in first.out
    public = ("--key", "release.key.pub")
    verified = run_command("verify", release, *public, "--json", cwd=shipped.folder)
    assert json.loads(verified.out)["verified"] is True
    manifest = json.loads((shipped.folder / release / "manifest.json").read_text())
    (model,) = manifest["models"]
    assert (model["gates"], manifest["allow"]) == ("passed", [])
    assert [one["verdict"] for one in model["parity"]] == ["agrees"]
    with open_results() as store:
        assert store.find("main").id == model["latency"][0]["run"]

    before = shipped.files()
    again = shipped.run("--json")
    said = json.loads(again.out)
    kept = {one["step"] for one in said["steps"] if one["kept"]}
    assert kept == {"pull", "slim", "convert", "measure", "package"}
    assert "main is this very run" in again.err
    assert (said["kept"], said["key"], said["manifest"]) == (True, key[1], manifest)
    assert shipped.files() == before

    (shipped.folder / "tiny.yml").write_text(TINY.replace("0.5 points", "0.6 points"))
    other = shipped.run(code=2)
    assert "out/tiny-1.0: is there already, and another one: " in other.err
    assert steps(other.err)["slim tiny"] != "kept"
    assert shipped.files() == before
    (shipped.folder / "ship.yml").write_text(MEASURED.replace("runs: 50", "runs: 51"))
    newer = shipped.run("--version", "1.1")
    assert steps(newer.err)["slim tiny"] == "kept"
    assert re.search(r"^ +7/10  compare .* 1 (same|unsure|faster|slower)", newer.err, re.M)
    with open_results() as store:
        assert store.find("main").id != model["latency"][0]["run"]


def test_a_failed_gate_stops_it_with_figures_and_what_can_be_done(shipped: ShipFolder) -> None:
    (shipped.folder / "tiny.yml").write_text(TINY.replace("2_000_000", "100_000"))
    shutil.rmtree(shipped.folder / "out/tiny-1.0")
    shutil.rmtree(shipped.folder / "out/.work/tiny/bundles")
    stopped = shipped.run("--json", code=1)
    found = "parameters: 133,628, allowed are 100,000 or less"
    assert f"ppocr-edge: cls tiny: {found}\nnothing is packed: gates were not passed\n" in stopped.err
    assert "(--allow failed-gates), which the release then says of itself" in stopped.err
    report = shipped.folder / "out/.work/tiny/slim/cls/report.html"
    assert f"look at {report}: what each step" in stopped.err
    assert report.is_file()
    said = json.loads(stopped.out)
    assert (said["stopped"], said["objections"]) == ("gates", [{"subject": "cls tiny", "found": found}])
    assert [path.name for path in (shipped.folder / "out").iterdir()] == [".work"]
    assert not (shipped.folder / "out/.work/tiny/bundles").exists()

    allowed = shipped.run("--allow", "failed-gates")
    assert steps(allowed.err)["slim tiny"] == "kept"
    assert re.search(
        r"^Allowed   failed-gates: tiny: failed a gate of recipe tiny \(parameters", allowed.out, re.M
    )
    manifest = json.loads((shipped.folder / "out/tiny-1.0/manifest.json").read_text())
    assert manifest["allow"] == ["failed-gates"]


def test_two_at_once_are_refused_and_ctrl_c_leaves_what_the_next_goes_on_with(shipped: ShipFolder) -> None:
    (shipped.folder / "tiny.yml").write_text(
        TINY.replace("steps: 20, sleep: 0.05", "steps: 9000, sleep: 0.1")
    )
    shutil.rmtree(shipped.folder / "out/tiny-1.0")
    process = shipped.start()
    checkpoint = shipped.folder / "out/.work/tiny/slim/cls/.work/states/1-prune/work/checkpoint.json"
    wait_until(checkpoint.exists, 300, "the step has a checkpoint")
    offspring = children(process.pid)
    second = shipped.run(code=2)
    assert second.err.splitlines()[-1] == (
        f"ppocr-edge: out: process {process.pid} is shipping tiny there; wait for it, end it, or choose "
        "another -o folder"
    )
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=240)
    assert process.returncode == 130
    assert err.splitlines()[-2:] == [
        f"what is done is kept in {shipped.folder / 'out/.work/tiny'}: the same command goes on there",
        "ppocr-edge: interrupted",
    ]
    wait_until(lambda: not any(map(alive, offspring)), 60, "children are gone")
    assert [path.name for path in (shipped.folder / "out").iterdir()] == [".work"]


REFUSED: dict[str, tuple[str, list[str], str]] = {
    # name -> (the recipe, words, the complaint)
    "no version": (SHIP.replace("version: 1.0\n", ""), [], "--version: is missing, and the recipe has none"),
    "version": (SHIP, ["--version", "a b"], "--version a b: cannot be part of a file's name everywhere"),
    "no gates": (
        SHIP.replace("slim: tiny.yml", "quick: true\n    slim: tiny.yml"),
        [],
        "ship.yml: models.cls: is an early look ('quick'), which no gates judge; leave 'quick' out, or write",
    ),
    "published": (
        SHIP + "  rec: {model: ch_PP-OCRv4_rec}\n",
        [],
        "ship.yml: models.rec: is taken as it was published, and no gates judge it; write 'slim: RECIPE'",
    ),
    "int8": (
        SHIP.replace("tiny.yml", "int8.yml"),
        ["--device", "local"],
        "ship.yml: models.cls: will compute in INT8, and no ARM device is named that would be seen to do so",
    ),
    "int8 judge": (
        SHIP.replace("slim: tiny.yml", "device: local\n    slim: int8.yml"),
        [],
        "--device local: does not compute int8 models correctly, and the recipe makes one",
    ),
    "weights on x86": (
        SHIP + "  rec: {model: ch_PP-OCRv4_rec, weights: int8}\nallow: [no-gates]\n",
        [],
        "ship.yml: models.rec: will have int8 weights, which compute garbage on x86 (measured: NaN); leave",
    ),
    "no device": (SHIP, ["--device", "mars"], "--device mars: there is no device of this name"),
    "paddle": (SHIP, ["--device", "paddle"], "--device paddle: runs no .nb; name a device with Paddle-Lite"),
    "x86 for ARM": (
        SHIP.replace("linux-x86_64", "linux-arm64"),
        ["--device", "local"],
        "--device local: runs models for x86, this release will have those for arm; leave it out, or add",
    ),
    "no key": (SHIP, ["--key", "nope.key"], "nope.key: cannot be read (No such file or directory)"),
    "public key": (SHIP, ["--key", "release.key.pub", "--dry-run"], "release.key.pub: holds no private key"),
    "nothing measured": (SHIP + "measure: {tag: main}\n", [], "ship.yml: measure: names no devices"),
    "nothing measured beside": (
        SHIP + "measure: {beside: last}\n",
        [],
        "ship.yml: measure: names no devices",
    ),
    "no run": (SHIP + "measure: {devices: [local], against: v1}\n", [], "results.db: holds no results; meas"),
    "runner": (SHIP + "runners: [train]\n", [], "--runner train: is no runner, or not whole"),
    "library": (SHIP + "lite_homes: {linux-x86_64: train}\n", [], "train: "),
    "licence": (SHIP + "licences: [tiny=MTI]\n", [], "--licence tiny=MTI: "),
    "notice": (SHIP + "notices: [nope.txt]\n", [], "nope.txt"),
    "expires": (SHIP, ["--expires", "2y"], "--expires: is of a signature, and none is made; add --key"),
    "over": (
        SHIP,
        ["--key", "release.key", "--expires", "2020-01-01"],
        "--expires: '2020-01-01' is over already",
    ),
    "password": (SHIP, ["--password-file", "password"], "--password-file: is of a key, and none is given"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_known_at_the_beginning_is_refused_there(
    case: str, shipping: ShipFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe, words, complaint = REFUSED[case]
    monkeypatch.chdir(shipping.folder)
    (shipping.folder / "ship.yml").write_text(recipe)
    (shipping.folder / "int8.yml").write_text(TINY.replace(STEPS, "quantize: {}"))
    (shipping.folder / "tiny.yml").write_text(TINY.replace(STEPS, "distil: {steps: 5}"))
    assert main(["ship", "ship.yml", "-o", "out", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert complaint in line
    assert not (shipping.folder / "out").exists()
    assert read_ship_recipe(shipping.folder / "ship.yml").name == "tiny"


def test_a_device_that_is_off_is_told_at_the_beginning_unless_it_is_needed_no_more(
    shipping: ShipFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shipping.folder)
    monkeypatch.setenv("PPOCR_EDGE_INVENTORY", str(shipping.folder / "devices.yml"))
    (shipping.folder / "tiny.yml").write_text(TINY.replace(STEPS, "distil: {steps: 5}"))
    assert main(["devices", "add", "off", "--ssh", "a@127.0.0.1:1", "--no-probe"]) == 0
    plan = ["ship", "ship.yml", "-o", "out", "--device", "off", "--dry-run"]
    capsys.readouterr()
    assert main(plan) == 2
    assert "off: nothing answers at 127.0.0.1, port 1" in capsys.readouterr().err
    for scenario in ("parity", "latency"):
        folder = shipping.folder / "out/.work/tiny/runs" / scenario / "finished/content"
        folder.mkdir(parents=True)
        (folder / "run.json.gz").touch()
    assert main(plan) == 0


def test_a_plan_is_told_and_a_recipe_is_printed(
    shipping: ShipFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shipping.folder)
    assert main(["ship", "ch_ppocr_mobile_v2.0-quick", "-o", "out", "--dry-run"]) == 0
    plan, _ = capsys.readouterr()
    assert "  4  slim     ch_ppocr_mobile_slim_v2.0_det (an early look)\n" in plan
    assert "allow  no-gates\nallow  unmeasured-int8\n" in plan
    assert main(["ship", "ch_ppocr_mobile_v2.0-quick", "-o", "out", "--dry-run", "--json"]) == 0
    verbs = [one["step"] for one in json.loads(capsys.readouterr()[0])]
    assert verbs == ["pull"] * 3 + ["slim"] * 3 + ["gates"] + ["convert"] * 3 + ["package", "verify"]
    signed = ["--key", "release.key", "--password-file", "password"]
    assert main(["ship", "ch_ppocr_mobile_v2.0-quick", "-o", "out", "--dry-run", *signed]) == 0
    assert re.search("package  out/.*, signed by [0-9a-f]{16}$", capsys.readouterr()[0], re.M)
    assert not (shipping.folder / "out").exists()
    assert main(["ship", "ch_ppocr_mobile_v2.0", "--print-recipe"]) == 0
    printed, _ = capsys.readouterr()
    (shipping.folder / "mine.yml").write_text(printed)
    assert read_ship_recipe(shipping.folder / "mine.yml").name == "ch_ppocr_mobile_v2.0"


def test_outputs_that_differ_stop_it(shipped: ShipFolder) -> None:
    measure = "measure: {devices: [local], tolerance: 0, runs: 10, seconds: 0, warmup: 0}\n"
    (shipped.folder / "ship.yml").write_text(f"{SHIP.replace('version: 1.0', 'version: 1.1')}{measure}")
    stopped = shipped.run("--json", code=1)
    assert re.search(
        r"^ppocr-edge: tiny on local: differs from the golden output by .*; 0 is", stopped.err, re.M
    )
    assert "nothing is packed: outputs on a device are not what they should be" in stopped.err
    assert json.loads(stopped.out)["stopped"] == "parity"
    assert not (shipped.folder / "out/tiny-1.1").exists()
