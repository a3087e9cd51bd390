"""``ship`` with the last release measured beside the new one, in turn.

Times are only ever compared of models of which one takes many times as long as the other.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy_tools.cli.main import main
from deploy_tools.results.opening import open_results
from deploy_tools.ship.beside import unpack, verify_beside
from deploy_tools.ship.reader import parse_ship_recipe
from deploy_tools.ship.request import ShipRequest
from edge.errors import InputError
from tests.deploy_tools.ship.conftest import HEAVY, LIGHT, PASSWORD, SHIP, STEPS, TINY, ShipFolder
from tests.e2e.command import run_command
from tests.release_kit.made_release import Tampered, canonical, made_key

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]

SAMPLES = "runs: 500, seconds: 0.2, warmup: 0.2"
BESIDE = f"measure: {{devices: [local], beside: last, tag: main, {SAMPLES}}}\n"
NEW = f"{SHIP}{BESIDE}"


@pytest.fixture
def after_light(lighter: ShipFolder, light_release: Path) -> ShipFolder:
    """Release 0.9 is the only one there; what 1.0 was made of is kept."""
    shutil.rmtree(lighter.folder / "out/tiny-1.0")
    shutil.copytree(light_release, lighter.folder / "out/tiny-0.9")
    return lighter


@pytest.fixture
def lighter(shipped: ShipFolder, light_release: Path) -> ShipFolder:
    """Release 1.0 is there, and what others can be made of."""
    for name in ("light", "heavy"):
        shutil.copytree(light_release.parent.parent / name, shipped.folder / name)
    return shipped


def said(err: str, verb: str) -> str:
    """What a step came to."""
    (line,) = re.findall(rf"^ +\d+/\d+  {verb} .*?  +(?:kept|\d+ s|\d+ min|\d+ h \d+ min)  (.*)$", err, re.M)
    return str(line)


def test_what_got_slower_stops_it(after_light: ShipFolder) -> None:
    (after_light.folder / "ship.yml").write_text(f"{HEAVY}{BESIDE}")
    stopped = after_light.run("--version", "1.0", code=1)
    assert re.search(r"^ +1/\d+  unpack   models of out/tiny-0.9, .*  cls$", stopped.err, re.M)
    assert "measure  latency on local, in turn with tiny-0.9" in stopped.err
    assert re.search(r"^ppocr-edge: heavy on local: .* ms before, .* ms now: \+\d+", stopped.err, re.M)
    assert "nothing is packed: slower than the last release" in stopped.err
    assert not (after_light.folder / "out/tiny-1.0").exists()
    with open_results() as store, pytest.raises(InputError):
        store.find("main")

    (closer,) = re.findall(r"^  look closer: ppocr-edge (.*)$", stopped.err, re.M)
    shown = run_command(*shlex.split(closer), cwd=after_light.folder)
    assert (shown.code, shown.out.splitlines()[-1]) == (1, "1 slower (1 by more than 3 %)")
    assert "light of tiny-0.9 → heavy" in " ".join(shown.out.split())
    again = after_light.run("--version", "1.0", "--json", code=1)
    kept = ["unpack", "convert", "measure", "measure"]
    assert re.findall(r"^ +\d+/\d+  (\w+) .*  kept  ", again.err, re.M) == kept
    assert json.loads(again.out)["stopped"] == "slower"


def test_what_got_faster_passes_and_only_figures_tell_of_it(lighter: ShipFolder, light_release: Path) -> None:
    (lighter.folder / "ship.yml").write_text(HEAVY)
    lighter.run("--version", "0.8")
    (lighter.folder / "ship.yml").write_text(f"{LIGHT}{BESIDE}")
    assert said(lighter.run().err, "compare") == "1 faster"
    files = lighter.files(name="tiny-0.9")
    expected = ShipFolder(light_release.parent.parent).files(name="tiny-0.9")
    (archive,) = (name for name in expected if name.endswith(".tar.gz"))
    assert files.keys() == expected.keys()
    assert files[archive] == expected[archive]
    (model,) = json.loads(files["manifest.json"])["models"]
    with open_results() as store:
        run = store.find("main").id
        cases = {one.case.subject: one for one in store.measurements(run)}
    assert cases.keys() == {"heavy of tiny-0.8", "light"}
    assert cases["light"].case.detail == ""
    assert [one["run"] for one in model["latency"]] == [run]
    assert model["latency"][0]["ms"]["p50"] < cases["heavy of tiny-0.8"].series["run"].percentile(50)
    assert b"heavy" not in b"".join(files.values())


def test_what_stayed_the_same_is_not_measured_twice(shipped: ShipFolder) -> None:
    (shipped.folder / "ship.yml").write_text(NEW)
    assert said(shipped.run("--version", "1.1").err, "compare") == "cls: the same model"
    with open_results() as store:
        assert [one.case.subject for one in store.measurements(store.find("main").id)] == ["tiny"]


def test_the_last_one_is_the_newest_of_this_name_that_is_older(
    after_light: ShipFolder, light_release: Path
) -> None:
    out = after_light.folder / "out"
    (after_light.folder / "ship.yml").write_text(NEW)
    for name, version in (("tiny", "0.10"), ("tiny", "1.0"), ("tiny", "2.0"), ("tiny-other", "0.11")):
        shutil.copytree(light_release, out / f"{name}-{version}")
        made = Tampered(out / f"{name}-{version}", made_key())
        made.write("manifest.json", canonical({**made.manifest, "name": name, "version": version}))
    (out / "tiny-0.99").mkdir()  # nothing yet
    damaged = after_light.run("--dry-run", code=2)
    assert damaged.err.startswith("ppocr-edge: measure.beside out/tiny-0.10: cannot be measured: ")
    shutil.rmtree(out / "tiny-0.10")
    planned = after_light.run("--dry-run")
    assert "  1  unpack   models of out/tiny-0.9, to measure them again\n" in planned.out
    assert "compare  latency with tiny-0.9, in turn\n" in planned.out
    first = after_light.run("--dry-run", "--version", "0.9")
    assert "unpack" not in first.out
    assert "compare  latency with the last release\n" in first.out


def test_the_first_release_has_none_before_it(shipped: ShipFolder) -> None:
    shutil.rmtree(shipped.folder / "out/tiny-1.0")
    (shipped.folder / "ship.yml").write_text(NEW)
    first = shipped.run()
    assert said(first.err, "compare") == "there is no release before this one"
    assert (shipped.folder / "out/tiny-1.0").is_dir()


def change_an_archive(release: Tampered) -> None:
    (archive,) = release.folder.glob("*.tar.gz")
    archive.write_bytes(archive.read_bytes()[:-1])


def change_all_but_the_signature(release: Tampered) -> None:
    release.write("THIRD_PARTY_NOTICES.md", b"none\n")
    release.write_manifest()
    release.write_sums()


def damage_the_signature(release: Tampered) -> None:
    release.write("SHA256SUMS.sig", b"{}\n")


def nothing(_: Tampered) -> None:
    pass


REC = "  rec: {model: ch_PP-OCRv4_rec}\nallow: [no-gates]\n"
REFUSED: dict[str, tuple[str, str, Callable[[Tampered], None], str]] = {
    # name -> (what stands in the recipe, what is written instead, what is done to release 0.9, the complaint)
    "missing": (
        "beside: last",
        "beside: out/tiny-0.8",
        nothing,
        "out/tiny-0.8: is no folder; name the folder of a release, or leave 'beside' out",
    ),
    "no release": (
        "beside: last",
        "beside: train",
        nothing,
        "train: cannot be measured: train: is no release: it has no SHA256SUMS; fetch that release",
    ),
    "damaged": (
        "",
        "",
        change_an_archive,
        "64.tar.gz: is not the file that SHA256SUMS lists: it was changed",
    ),
    "signature": (
        "",
        "",
        change_all_but_the_signature,
        "SHA256SUMS.sig: does not fit SHA256SUMS: one of them",
    ),
    "no signature": ("", "", damage_the_signature, "SHA256SUMS.sig: has format None, this version reads 1"),
    "processor": (
        "[linux-x86_64]",
        "[android]",
        nothing,
        "out/tiny-0.9: is for linux-x86_64, and has no models for arm; fetch that release",
    ),
    "task": (
        SHIP[SHIP.index("  cls:") :],
        REC,
        nothing,
        "out/tiny-0.9: has models for cls, and none for rec; fetch that release again",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_measured_is_refused_at_the_beginning(
    case: str,
    shipped: ShipFolder,
    light_release: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    there, instead, work, complaint = REFUSED[case]
    monkeypatch.chdir(shipped.folder)
    monkeypatch.setenv("PPOCR_EDGE_KEY_PASSWORD", PASSWORD)
    shutil.copytree(light_release, "out/tiny-0.9")
    work(Tampered(Path("out/tiny-0.9"), made_key()))
    assert not there or there in NEW
    Path("ship.yml").write_text(NEW.replace(there, instead) if there else NEW)
    Path("tiny.yml").write_text(TINY.replace(STEPS, "distil: {steps: 5}"))
    work_before = sorted(Path("out/.work").rglob("*"))
    for words in (["--dry-run"], []):
        assert main(["ship", "ship.yml", "-o", "out", "--key", "release.key", *words]) == 2
        out, err = capsys.readouterr()
        (line,) = err.splitlines()
        assert (out, line.startswith("ppocr-edge: measure.beside ")) == ("", True)
        assert complaint in line
    assert sorted(Path("out/.work").rglob("*")) == work_before


def test_a_signature_of_another_key_need_not_be_known(after_light: ShipFolder) -> None:
    release = Tampered(after_light.folder / "out/tiny-0.9", made_key())
    release.sign()
    (after_light.folder / "ship.yml").write_text(NEW)
    assert "unpack" in after_light.run("--dry-run").out


def test_models_for_android_are_found_among_its_assets(lighter: ShipFolder) -> None:
    recipe = LIGHT.replace("linux-x86_64", "android, linux-x86_64")
    (lighter.folder / "ship.yml").write_text(recipe)
    lighter.run()
    beside = f"measure: {{devices: [local], beside: {lighter.folder}/out/tiny-0.9}}\n"
    asked = parse_ship_recipe(f"{recipe}{beside}", "ship.yml", lighter.folder)
    request = ShipRequest(asked, lighter.folder / "later", 1)
    verified = verify_beside(request)
    assert verified is not None
    last, ended = unpack(verified, request)
    assert (last.top, list(last.bundles)) == ("tiny-0.9", [("cls", "x86"), ("cls", "arm")])
    assert {one.nb.sha256 for one in last.bundles.values()} == {one.sha256 for one in verified.models}
    assert (ended.said, ended.kept, unpack(verified, request)[1].kept) == ("cls", False, True)
    last.bundles["cls", "arm"].model_path.write_bytes(b"damaged")
    again, ended = unpack(verified, request)
    assert (again, ended.kept) == (last, False)


def test_killed_it_goes_on_with_the_run_in_which_both_were_measured(lighter: ShipFolder) -> None:
    two = LIGHT.replace("allow", "  rec: {model: ch_PP-OCRv4_rec}\nallow")
    measure = BESIDE.replace("last", "out/tiny-1.0").replace(SAMPLES, "runs: 100, seconds: 0, warmup: 0.2")
    (lighter.folder / "ship.yml").write_text(f"{two}{measure}")
    run = lighter.kill_when_measured(2)
    with open_results() as store:
        begun = store.measurements(run)
        ended = lighter.run()
        measured = store.measurements(run)
    assert [one.case.subject for one in begun] == ["tiny of tiny-1.0", "light"]
    assert [one.case.subject for one in measured] == ["tiny of tiny-1.0", "light", "ch_PP-OCRv4_rec"]
    assert [one.started for one in measured[:2]] == [one.started for one in begun]
    assert said(ended.err, "unpack") == "cls"
    assert re.fullmatch("1 (faster|unsure), rec: not in tiny-1.0", said(ended.err, "compare"))
