"""Time of networks on an ARM library under emulation, interleaved in one run: slim against float.

As processor time of one thread, which stays steady while the host does other work. What floating-point
arithmetic costs under emulation is the host's (twice as much on one as on another, and far more than integers
everywhere): so ratios of float to INT8 hold within a run only, and instructions are counted beside them
(`arm_instructions`). Models of one's own, the first of which the others are compared with:

    python -m tests.benchmarks.arm_time det float.nb pruned.nb int8-bundle/ --rounds 9
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from deploy_tools.conversion.opt import run_opt
from deploy_tools.conversion.options import conversion_options
from deploy_tools.devices.emulated import LITE_HOME, EmulatedDevice, EmulatedPredictor
from edge.bundle.bundle import load_bundle
from edge.errors import InputError
from edge.nb.model import read_nb
from edge.ocr.image import load_image
from edge.ocr.lines import line_batch
from edge.ocr.normalize import write_planes
from edge.ocr.parameters import DetectionParameters
from edge.predictor.protocol import Array
from edge.predictor.spec import InputSpec
from slim.zoo.entry import Kind
from slim.zoo.pull import ensure
from slim.zoo.sources import SourceSpec
from tests.benchmarks.arm_instructions import InstructionCounter, Instructions
from tests.benchmarks.material import TASKS, Material, Row, show

ROUNDS: Final = 7
SIZES: Final = {"det": (320, 320), "cls": (48, 192), "rec": (32, 320)}
_PAGE: Final = "paddleocr_doc/imgs/11.jpg"
_LINE: Final = "paddleocr_doc/imgs_words/ch/word_2.jpg"
_LITE: Final = "dygraph_v2.0/lite/ch_ppocr_mobile_v2.0_{}_slim_opt.nb"
# what the same models took on another host, under the same emulation
ANCHORS: Final = {"published slim det": 0.40, "pruned float det": 1.02, "published slim cls": 0.46}


@dataclass(frozen=True)
class ArmTime:
    """What one model took.

    Attributes:
        name: As it was given.
        size: Bytes of its ``.nb``.
        cpu_ms: Processor time of every run.
        instructions: Of one run; None where they cannot be counted.
    """

    name: str
    size: int
    cpu_ms: tuple[float, ...]
    instructions: Instructions | None = field(default=None)

    @property
    def median_ms(self) -> float:
        """Median processor time of a run."""
        return float(np.median(self.cpu_ms))


def time_on_arm(
    models: Mapping[str, Path],
    tensor: Array,
    *,
    rounds: int = ROUNDS,
    device: EmulatedDevice | None = None,
    counter: InstructionCounter | None = None,
) -> dict[str, ArmTime]:
    """Run several models in turn, so that whatever else happens on the host meets all of them.

    Args:
        models: ``.nb`` files by name.
        tensor: The input of all.
        rounds: Runs of each, after one that does not count.
        device: Where; the emulated device with one thread where None.
        counter: Counts instructions too.

    Raises:
        PpocrEdgeError: The device is not to be had here, or cannot run a model.
    """
    device = device or EmulatedDevice()
    spec = InputSpec((-1,) * tensor.ndim)
    opened: dict[str, EmulatedPredictor] = {}
    samples: dict[str, list[float]] = {name: [] for name in models}
    try:
        for name, path in models.items():
            opened[name] = device.open_nb(path, read_nb(path), spec, name=name)
        for number in range(rounds + 1):
            for name in list(models)[:: 1 if number % 2 else -1]:
                opened[name].run([tensor])
                if number:
                    samples[name].append(opened[name].cpu_seconds * 1000)
    finally:
        for predictor in opened.values():
            predictor.close()
    return {
        name: ArmTime(
            name,
            path.stat().st_size,
            tuple(samples[name]),
            counter.count(path, tensor) if counter else None,
        )
        for name, path in models.items()
    }


def sample_input(task: str, shared: Path) -> Array:
    """A real picture as the input that times are compared on; noise would compute with denormals."""
    height, width = SIZES[task]
    picture = load_image(shared / "images" / (_PAGE if task == "det" else _LINE)).picture
    if task != "det":
        return line_batch([picture], height, width)
    parameters = DetectionParameters()
    tensor = np.empty((1, 3, height, width), np.float32)
    write_planes(picture.resize((width, height)), parameters.mean, parameters.std, tensor[0])
    return tensor


def measure(material: Material) -> bool:
    """The published models: float, pruned and slim."""
    title = "arm-time. Published models on an ARM library under emulation, one thread"
    if not os.environ.get(LITE_HOME):
        return show(title, [Row("skipped", f"{LITE_HOME} is not set")])
    rows = []
    counter = _counter(rows)
    with tempfile.TemporaryDirectory(prefix="arm-time-") as folder:
        for task in TASKS:
            models = _published(task, material.shared / "mirror", Path(folder))
            device = EmulatedDevice()
            times = time_on_arm(models, sample_input(task, material.shared), device=device, counter=counter)
            rows += _rows(list(times.values()))
    rows.append(Row("note", device.note))
    return show(title, rows)


def _counter(rows: list[Row]) -> InstructionCounter | None:
    try:
        return InstructionCounter()
    except RuntimeError as error:
        rows.append(Row("instructions are not counted", str(error)))
        return None


def _published(task: str, mirror: Path, folder: Path) -> dict[str, Path]:
    """``.nb`` files by name, the float one first where it is there."""
    models: dict[str, Path] = {}
    wanted = {
        "float cls": ("cls", "ch_ppocr_mobile_v2.0_cls"),
        "float det": ("det", "ch_ppocr_mobile_v2.0_det"),
    }
    wanted["pruned float det"] = ("det", "ch_ppocr_mobile_slim_v2.0_det")
    for name, (of, model) in wanted.items():
        if of == task:
            kind = Kind("slim-inference") if "slim" in model else Kind("inference")
            source = ensure(model, kind, SourceSpec.parse(str(mirror))).folder
            models[name] = folder / f"{name.replace(' ', '-')}.nb"
            run_opt(source, conversion_options("arm"), models[name])
    models[f"published slim {task}"] = mirror / _LITE.format(task)
    again = mirror / "nb_other_opt" / "v2.13-rc" / Path(_LITE.format(task)).name
    if again.is_file():
        models[f"published slim {task}, opt 2.13"] = again
    return models


def _rows(times: list[ArmTime]) -> list[Row]:
    first = times[0]
    rows = []
    for one in times:
        quarter, three = np.percentile(one.cpu_ms, (25, 75))
        value = f"{one.median_ms:.0f} ms ({quarter:.0f} to {three:.0f})"
        if one is not first:
            value += f" = {one.median_ms / first.median_ms:.2f}"
            value += f" (elsewhere {ANCHORS[one.name]:.2f})" if one.name in ANCHORS else ""
        if one.instructions is not None:
            value += f"; {one.instructions.total:.0f} M instructions"
            if one is not first and first.instructions is not None:
                value += f" = {one.instructions.total / first.instructions.total:.2f}"
            value += f", {one.instructions.simd:.0f} M of them vector"
        rows.append(Row(f"{one.name}, {one.size / 1e6:.2f} MB", value))
    return rows


def _nb_path(path: Path) -> Path:
    return load_bundle(path).model_path if path.is_dir() else path


def main() -> int:
    """Compare models of one's own."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.arm_time", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("task", choices=TASKS, help="what the models do: the input's size and picture")
    parser.add_argument("models", nargs="+", type=Path, metavar="NB|BUNDLE")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs of each (default %(default)s)")
    parser.add_argument("--shared", type=Path, default=Path(__file__).parents[3] / "shared")
    parser.add_argument("--json", action="store_true", help="every sample as JSON")
    arguments = parser.parse_args()
    rows: list[Row] = []
    try:
        models = {str(path): _nb_path(path) for path in arguments.models}
        device = EmulatedDevice()
        tensor = sample_input(arguments.task, arguments.shared)
        times = time_on_arm(models, tensor, rounds=arguments.rounds, device=device, counter=_counter(rows))
    except InputError as error:
        parser.error(error.one_line())
    if arguments.json:
        counts = {name: vars(one.instructions) if one.instructions else None for name, one in times.items()}
        print(
            json.dumps([{**vars(one), "instructions": counts[name]} for name, one in times.items()], indent=1)
        )
        return 0
    rows += _rows(list(times.values()))
    rows.append(Row("note", device.note))
    show(f"{arguments.task} {'x'.join(map(str, tensor.shape))}", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
