"""From what is asked for to a plan: every combination once, under names that tell them apart."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deploy_tools.devices.local import LocalDevice
from deploy_tools.devices.remote.device import RemoteDevice
from deploy_tools.devices.settings import RunSettings
from deploy_tools.scenarios.conditions import Conditions
from deploy_tools.scenarios.inputs import timed_input
from deploy_tools.scenarios.plan import plan_from_json
from deploy_tools.scenarios.planning import Wanted, plan_networks, plan_photographs, settings_of
from deploy_tools.scenarios.sweep_file import read_sweep
from edge.bundle.bundle import Bundle, load_bundle
from edge.errors import ImageError, InputError

Devices = Callable[..., RemoteDevice]
CONDITIONS = Conditions()


@pytest.mark.embedded
def test_every_combination_once(made_device: Devices, default_bundles: Mapping[str, Bundle]) -> None:
    devices = [made_device("one"), made_device("two"), LocalDevice()]
    wanted = Wanted(
        [default_bundles["det"], default_bundles["cls"]],
        settings_of([1, 2], ["high", "low"]),
        [(320, 320), (48, 192), (64, 64)],
    )
    plan = plan_networks("sweep", devices, wanted, CONDITIONS, inventory="/i.yml")
    assert plan.devices == ["one", "two", "local"]
    assert len(plan.cases) == len(set(plan.cases)) == len(plan.units) == 3 * 4 * (2 + 1)
    shapes = {(part.case.subject, part.case.shape) for unit in plan.units for part in unit.parts}
    assert {shape for name, shape in shapes if name.endswith("cls")} == {(1, 3, 48, 192)}, "its only size"
    assert {shape for name, shape in shapes if name.endswith("det")} == {(1, 3, 320, 320), (1, 3, 64, 64)}
    again = plan_from_json(json.loads(json.dumps(plan.to_json())), "x")
    assert again == plan
    done = plan.cases[:7]
    assert [(one.device, part.case.key) for one in again.left(done) for part in one.parts] == plan.cases[7:]


@pytest.mark.embedded
def test_detectors_are_timed_on_a_page_however_small_their_golden_input_is(
    default_bundles: Mapping[str, Bundle], tmp_path: Path
) -> None:
    """INT8 ones have one of a single character; their times are compared with the float model's."""
    usual = default_bundles["det"]
    folder = Path(shutil.copytree(usual.folder, tmp_path / "b"))
    np.save(folder / "golden/input.npy", usual.golden()[0][:, :, :64, :64])
    small = replace(usual, folder=folder)
    tensor = timed_input(small)
    assert tensor.shape == usual.golden()[0].shape == timed_input(usual).shape == (1, 3, 160, 320)
    np.testing.assert_array_equal(tensor[:, :, 64:128, :64], tensor[:, :, :64, :64])
    for scenario, shape in (("latency", (1, 3, 160, 320)), ("parity", (1, 3, 64, 64))):
        plan = plan_networks(scenario, [LocalDevice()], Wanted([small]), CONDITIONS)
        assert [part.case.shape for unit in plan.units for part in unit.parts] == [shape]


@pytest.mark.embedded
def test_what_a_device_usually_does_is_part_of_the_case(tmp_path: Path, small: Bundle) -> None:
    class Usual(LocalDevice):
        settings = RunSettings(4, "high")

    def case(settings: RunSettings) -> tuple[int, str, str]:
        plan = plan_networks("latency", [Usual()], Wanted([small], [settings]), CONDITIONS)
        found = plan.units[0].parts[0].case
        return found.threads, found.power_mode, found.detail

    assert case(RunSettings()) == (4, "high", "")
    assert case(RunSettings(2, "none")) == (2, "", "")
    assert case(RunSettings(cores=(3, 1))) == (4, "", "cores 3,1")
    with pytest.raises(InputError, match="does not go together with power mode low"):
        case(RunSettings(1, "low", (1,)))


@pytest.mark.embedded
def test_cases_alike_get_the_names_of_their_folders(tmp_path: Path, small: Bundle) -> None:
    bundles = []
    for name in ("before/x", "after/x"):
        shutil.copytree(small.folder, tmp_path / name)
        bundles.append(load_bundle(tmp_path / name))
    plan = plan_networks("latency", [LocalDevice()], Wanted(bundles), CONDITIONS, in_turn=True)
    assert [part.case.detail for part in plan.units[0].parts] == ["before/x", "after/x"]
    with pytest.raises(InputError, match="is named twice"):
        plan_networks("latency", [LocalDevice()], Wanted([small, small]), CONDITIONS)


@pytest.mark.embedded
def test_sizes_and_inputs_that_suit_nothing(
    tmp_path: Path, default_bundles: Mapping[str, Bundle], small: Bundle
) -> None:
    device, det = LocalDevice(), default_bundles["det"]
    for wanted, message in (
        (Wanted([det], sizes=[(33, 33)]), "--size 33x33: does not suit"),
        (Wanted([small, det], sizes=[(64, 64)]), "takes none of the sizes"),
        (Wanted([small], file=tmp_path / "no.npy"), "--input .*no.npy: cannot be read"),
    ):
        with pytest.raises(InputError, match=message):
            plan_networks("latency", [device], wanted, CONDITIONS)
    np.save(tmp_path / "own.npy", small.golden()[0])
    plan = plan_networks("latency", [device], Wanted([small], file=tmp_path / "own.npy"), CONDITIONS)
    assert plan.units[0].parts[0].case.detail == "own.npy"
    assert set(plan.units[0].parts[0].hashes) == {"cls", "own.npy"}


def test_photographs(tmp_path: Path) -> None:
    for name in ("a/1.png", "b/1.png"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(name.encode())
    paths = [tmp_path / "a/1.png", tmp_path / "b/1.png"]
    bundles: Mapping[str, Bundle | None] = {"det": None, "rec": None}
    plan = plan_photographs([LocalDevice()], paths, bundles, RunSettings(), CONDITIONS)
    assert [part.case.detail for part in plan.units[0].parts] == ["a/1.png", "b/1.png"]
    assert plan.units[0].parts[0].case.subject == "ch_PP-OCRv4_det+ch_PP-OCRv4_rec"
    with pytest.raises(ImageError, match=r"no\.png: cannot be read"):
        plan_photographs([LocalDevice()], [tmp_path / "no.png"], bundles, RunSettings(), CONDITIONS)


def test_plans_that_are_none() -> None:
    with pytest.raises(InputError, match="--resume x: holds no plan that this version"):
        plan_from_json({}, "--resume x")
    with pytest.raises(InputError, match="--resume x: holds a damaged plan"):
        plan_from_json({"format": 1, "conditions": {}, "units": [{}]}, "--resume x")


def test_a_sweep_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "sweep.yml"
    path.write_text(
        "sweep: 1\nbundles: [b/det, /abs/rec]\ndevices: [pi4, pixel]\nthreads: [1, 4]\n"
        "power_mode: [high, none]\nsize: [320x320, 640X480]\n"
    )
    found = read_sweep(path)
    assert found.bundles == (tmp_path / "b/det", Path("/abs/rec"))
    assert (found.devices, found.threads, found.power_modes) == (("pi4", "pixel"), (1, 4), ("high", "none"))
    assert found.sizes == ((320, 320), (640, 480))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sweep: 2\nbundles: [a]", r"sweep.yml:1: sweep: is format 2; this version reads format 1"),
        ("sweep: 1\nthreads: [0]", r"sweep.yml:2: threads: .*write a list of whole numbers, 1 to 256"),
        ("sweep: 1\npower_mode: [fast]", "sweep.yml:2: power_mode: is 'fast'; write some of high, low"),
        ("sweep: 1\nsize: [640]", "sweep.yml:2: size: '640' is not HEIGHTxWIDTH"),
        (f"sweep: 1\ndevices: [{'x' * 201}]", "sweep.yml:2: devices: is 'xx.*at most 200 characters"),
        (
            "sweep: 1\nbundles: [~no-such/x]",
            "sweep.yml:2: bundles: is '~no-such/x', and there is no such user",
        ),
        ("sweep: 1\nsizes: [1x1]", "sweep.yml:2: sizes: is no key here"),
    ],
)
def test_sweep_files_that_are_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "sweep.yml"
    path.write_text(text + "\n")
    with pytest.raises(InputError, match=message):
        read_sweep(path)
