"""Everything a user does with a device, from giving it a name to forgetting it, on every kind of device."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from deploy_tools.demo.page import render_sample_page
from edge.bundle.bundle import Bundle
from tests.devices_kit import arm_machine, sshd
from tests.devices_kit.adbd.device import TMP, AdbDevice
from tests.devices_kit.adbd.server import adb_server
from tests.devices_kit.flow import WITHOUT_NAMING, Step, Work, whole_flow
from tests.devices_kit.published import float_bundles, published_bundles
from tests.e2e.command import run_command

NAME = "b o'ard $(x) é"
WORDS = ("Hello", "2026")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """Strips of a page."""
    folder = tmp_path_factory.mktemp("pictures")
    page = render_sample_page().image
    paths = [folder / f"{number}.png" for number in range(3)]
    for number, path in enumerate(paths):
        page.crop((0, 160 * number, 640, 160 * number + 160)).save(path)
    return paths


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Labels of pictures of words."""
    folder = tmp_path_factory.mktemp("words")
    for word in WORDS:
        image = Image.new("RGB", (150, 48), "white")
        ImageDraw.Draw(image).text((6, 2), word, fill="black", font=ImageFont.load_default(36))
        image.save(folder / f"{word}.png")
    labels = folder / "labels.txt"
    labels.write_text("".join(f"{word}.png\t{word}\n" for word in WORDS))
    return labels


def work_of(bundles: Mapping[str, Bundle], pictures: Sequence[Path], words: Path) -> Work:
    return Work({task: bundle.folder for task, bundle in bundles.items()}, pictures, words, len(WORDS))


@pytest.fixture(scope="module")
def work(default_bundles: Mapping[str, Bundle], pictures: Sequence[Path], words: Path) -> Work:
    return work_of(default_bundles, pictures, words)


@pytest.fixture(scope="module")
def read_here(work: Work, tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """The text that this host reads, in a flow of its own."""
    steps = list(whole_flow("local", (), work, tmp_path_factory.mktemp("here")))
    assert [(step.name, step.ended.code) for step in steps] == [(name, 0) for name in WITHOUT_NAMING]
    texts = steps[1].texts()
    assert sum(map(len, texts)) > 5
    assert exact(steps[3]) == 100
    return texts


def exact(step: Step) -> float:
    """Words that were read without a mistake, in per cent."""
    measures = json.loads(step.ended.out)["measures"]
    assert measures["exact"]["count"] == len(WORDS)
    return float(measures["exact"]["value"])


@pytest.fixture
def named_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of devices stand in a file of the test's own."""
    monkeypatch.setenv("PPOCR_EDGE_INVENTORY", str(tmp_path / "devices.yml"))


Place = tuple[Sequence[str], Path]
"""What follows ``devices add NAME``, and the folder here that is the device's store."""


@pytest.fixture
def open_place(
    tmp_path: Path, named_here: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Place]]:
    """``open_place(kind)``: a device that is reached over ``ssh`` or ``adb``."""
    with ExitStack() as stack:

        def over_ssh() -> Place:
            if reason := sshd.missing():
                pytest.skip(reason)
            server, client = stack.enter_context(sshd.known_openssh(tmp_path / "sshd", monkeypatch))
            return server.way(client), server.home / ".ppocr-edge"

        def over_adb() -> Place:
            stack.enter_context(adb_server(tmp_path / "adb"))
            phone = stack.enter_context(AdbDevice(tmp_path / "phone", home=TMP))
            return ("--adb", phone.serial), phone.tmp / ".ppocr-edge"

        yield lambda kind: {"ssh": over_ssh, "adb": over_adb}[kind]()


@pytest.mark.embedded
@pytest.mark.timeout(900)  # a dozen commands, and what they need is made in it
@pytest.mark.parametrize("kind", ["ssh", "adb"])
def test_a_device_reads_what_this_host_reads(
    kind: str, open_place: Callable[[str], Place], work: Work, read_here: list[list[str]], tmp_path: Path
) -> None:
    way, store = open_place(kind)
    sent: list[list[tuple[str, int]]] = []
    steps = {}
    for step in whole_flow(NAME, [*way, "--python", sys.executable], work, tmp_path):
        assert step.ok, step.ended
        steps[step.name] = step
        sent.append(sorted((path.name, path.stat().st_mtime_ns) for path in store.glob("objects/*")))
        assert not any(store.glob("lock*")), f"after {step.name}"
    assert [len(files) for files in sent] == [0, 0, 4, 4, 4, 4, 0, 0], "three models and the runner"
    assert sent[2] == sent[5], "what was there is used again"
    assert steps["run"].texts() == read_here
    assert exact(steps["evaluate"]) == 100
    for row in json.loads(steps["bench"].ended.out):
        assert (row["device"], len(row["samples_ms"])) == (NAME, work.repeats)
    assert not [path for path in store.rglob("*") if path.is_file()]
    assert json.loads(run_command("devices", "list", "--json", cwd=tmp_path).out) == []


@pytest.fixture(scope="module")
def v2_bundles(
    shared_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Mapping[str, Bundle]]:
    """PP-OCR v2.0: in float for ``x86`` and ``arm``, and as published, ``slim``."""
    folder = tmp_path_factory.mktemp("v2")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PPOCR_EDGE_HOME", str(folder / "home"))
        bundles = float_bundles(shared_dir / "mirror", folder)
    return {**bundles, "slim": published_bundles(shared_dir / "mirror", bundles["arm"], folder / "slim")}


@pytest.fixture(scope="module")
def read_in_float(
    v2_bundles: Mapping[str, Mapping[str, Bundle]],
    picture: Path,
    words: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> list[list[str]]:
    """The text that this host reads with them."""
    work = work_of(v2_bundles["x86"], [picture], words)
    steps = {step.name: step for step in whole_flow("local", (), work, tmp_path_factory.mktemp("x86"))}
    return steps["run"].texts()


@pytest.mark.arm
@pytest.mark.shared
@pytest.mark.timeout(900)  # the runner is compiled in it, and all that the machine does is emulated
@pytest.mark.parametrize("models", ["arm", "slim"])
def test_an_aarch64_machine_reads_what_this_host_reads_in_float(
    models: str,
    v2_bundles: Mapping[str, Mapping[str, Bundle]],
    read_in_float: list[list[str]],
    picture: Path,
    words: Path,
    shared_dir: Path,
    tmp_path: Path,
    named_here: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So large and clean a line is read alike in 8 bits too, but for a space that the float model loses."""
    scripts = shared_dir / "arm_device"
    if reason := arm_machine.missing(scripts):
        pytest.skip(reason)
    with arm_machine.arm_machine(scripts) as machine:
        monkeypatch.setenv("HOME", str(tmp_path))  # its host key is taken there
        work = replace(work_of(v2_bundles[models], [picture], words), repeats=1)
        steps = {}
        for step in whole_flow("board", machine.way, work, tmp_path, seconds=300):
            assert step.ok, step.ended
            steps[step.name] = step
    assert read_in_float == [["Hello2026"]], "these models lose spaces"
    read = steps["run"].texts()
    if models == "slim":
        read = [[line.replace(" ", "") for line in lines] for lines in read]
    assert read == read_in_float
    assert exact(steps["evaluate"]) == 100
