"""Every bad input ends in one line and exit code 2, and leaves nothing behind (figure 6).

Each case is a process of its own, as a user would start it; two run at a time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy_tools.conversion.bundle_writer import write_bundle
from deploy_tools.conversion.options import conversion_options
from deploy_tools.conversion.source import zoo_source
from deploy_tools.default_bundles import DEFAULT_MODELS
from edge.bundle.bundle import Bundle
from slim.zoo.pull import ensure
from tests.e2e import bad_material
from tests.e2e.bad_cases import CASES
from tests.e2e.command import Ended, run_command

pytestmark = pytest.mark.embedded

# names what helps: a remedy behind a semicolon, the help to read, or what there is to choose from
KIND = re.compile(r"; \w|\(see 'ppocr-edge.* --help'\)$")


@pytest.fixture(scope="module")
def material(
    default_bundles: Mapping[str, Bundle], embedded_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("bad")
    bad_material.make_images(folder / "images")
    bad_material.make_nb_files(folder / "nb", default_bundles["det"])
    bad_material.make_bundles(folder / "bundles", default_bundles)
    bad_material.make_models(folder / "models", embedded_models / "ch_ppocr_mobile_v2_cls_infer")
    bad_material.make_mirrors(folder / "mirrors")
    bad_material.make_tensors(folder / "tensors")
    return folder


@pytest.fixture(scope="module")
def home(default_bundles: Mapping[str, Bundle]) -> Path:
    """The toolkit's own folder, where the default bundles are."""
    return default_bundles["det"].folder.parent.parent


@pytest.fixture(scope="module")
def bundles(
    default_bundles: Mapping[str, Bundle], home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Good bundles that this host cannot run, or should not, beside one that it can."""
    folder = tmp_path_factory.mktemp("bundles")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PPOCR_EDGE_HOME", str(home))
        detection = zoo_source(ensure(DEFAULT_MODELS["det"]))
    write_bundle(detection, conversion_options("arm"), folder)
    older = write_bundle(detection, conversion_options("x86", weights="int8"), folder)
    manifest = json.loads((older.folder / "manifest.json").read_text())
    del manifest["golden"]["of"]  # such were not compared with Paddle
    (older.folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / default_bundles["det"].folder.name).symlink_to(default_bundles["det"].folder)
    return folder


@dataclass(frozen=True)
class Outcome:
    """How one command ended, and what it left in its own working folder."""

    ended: Ended
    left: list[str]


class Answers:
    """The cases' answers, worked out two at a time, in the order in which they stand in the table."""

    def __init__(self, cases: list[str], material: Path, bundles: Path, home: Path, work: Path) -> None:
        self._places = (material, bundles)
        self._home = home
        self._work = work
        self._pool = ThreadPoolExecutor(max_workers=2)
        self._answers: dict[str, Future[Outcome]] = {
            case: self._pool.submit(self._run, number, case) for number, case in enumerate(cases)
        }

    def of(self, case: str) -> Outcome:
        return self._answers[case].result()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _run(self, number: int, case: str) -> Outcome:
        material, bundles = self._places
        folder = self._work / str(number)
        folder.mkdir()
        words = [word.format(m=material, b=bundles, w=folder) for word in CASES[case][0].split()]
        ended = run_command(*words, cwd=folder, PPOCR_EDGE_HOME=str(self._home))
        return Outcome(ended, sorted(str(path) for path in folder.rglob("*")))


@pytest.fixture(scope="module")
def answers(
    request: pytest.FixtureRequest,
    material: Path,
    bundles: Path,
    home: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Answers]:
    """Answers of the cases that were chosen for this run of the tests."""
    chosen = [item.callspec.params["case"] for item in request.session.items if _is_case(item)]  # type: ignore[attr-defined]
    places = (material, bundles, home / "models", home / "bundles")
    before = snapshot(*places)
    answers = Answers(chosen, material, bundles, home, tmp_path_factory.mktemp("work"))
    yield answers
    answers.close()
    left = {path for path in snapshot(*places) - before if not _belongs_to_store(path)}
    assert left == set(), "nothing is left beside the material or in the toolkit's own folder"


def _is_case(item: pytest.Item) -> bool:
    return item.name.startswith("test_one_line_and_nothing_left_behind[")


def snapshot(*folders: Path) -> set[Path]:
    return {path for folder in folders for path in folder.rglob("*")}


def _belongs_to_store(path: Path) -> bool:
    """Lock files and the folders that hold them stay: removing them would race with another process."""
    return path.suffix == ".lock" or (path.is_dir() and all(_belongs_to_store(p) for p in path.iterdir()))


@pytest.mark.parametrize("case", CASES)
def test_one_line_and_nothing_left_behind(case: str, answers: Answers) -> None:
    answer = answers.of(case)
    ended = answer.ended
    assert ended.code == 2, ended.err
    assert ended.err.endswith("\n")
    (line,) = ended.err.splitlines()
    assert line.startswith("ppocr-edge: ")
    assert CASES[case][1] in line
    assert KIND.search(line), f"says what was found, but not what helps: {line}"
    assert line.isprintable()
    assert "Traceback" not in line
    assert ended.out == ""
    assert answer.left == []


def test_there_are_more_cases_than_the_figure_asks_for() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize(
    "words", ["inspect --debug {m}/nb/text.nb", "run --debug {m}/images/text.jpg --fast"]
)
def test_debug_shows_the_traceback_before_the_line(material: Path, tmp_path: Path, words: str) -> None:
    ended = run_command(*(word.format(m=material) for word in words.split()), cwd=tmp_path)
    assert ended.code == 2
    assert ended.out == ""
    first, *_, last = ended.err.splitlines()
    assert first == "Traceback (most recent call last):"
    assert last.startswith("ppocr-edge: ")


def test_bad_images_among_good_ones(material: Path, tmp_path: Path) -> None:
    """Each gets its line, the good ones are read, and machines read all of it on standard output."""
    images = [material / "images" / name for name in ("text.jpg", "good.png", "cut.png", "none.jpg")]
    ended = run_command("run", "--json", *images, cwd=tmp_path)
    assert ended.code == 2
    answers = [json.loads(line) for line in ended.out.splitlines()]
    assert [answer["image"] for answer in answers] == [str(image) for image in images]
    assert ["error" in answer for answer in answers] == [True, False, True, True]
    *complaints, count = ended.err.splitlines()
    assert complaints == [answer["error"] for answer in answers if "error" in answer]
    assert count.startswith("1 of 4 images read, 3 failed, ")
    assert list(tmp_path.iterdir()) == []
