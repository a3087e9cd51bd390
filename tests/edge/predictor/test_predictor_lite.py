"""Paddle-Lite in its child process: right numbers for every size and batch, within its memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pytest
from processes import children, rss_mb

from edge.bundle.bundle import Bundle
from edge.errors import TensorError
from edge.predictor.process import ProcessPredictor

Tensor = npt.NDArray[np.float32]
Opener = Callable[..., ProcessPredictor]

pytestmark = pytest.mark.embedded

SHAPES = {
    "det": [(1, 3, 160, 320), (1, 3, 96, 96), (1, 3, 320, 160)],
    "cls": [(1, 3, 48, 192), (5, 3, 48, 192)],
    "rec": [(1, 3, 48, 160), (2, 3, 48, 320)],
}


def noise(*shape: int, seed: int = 0) -> Tensor:
    """Reproducible input, of the size of normalized pixels."""
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


@pytest.fixture
def picture(default_bundles: Mapping[str, Bundle]) -> Callable[..., Tensor]:
    """``picture(task, shape)``: the text of the golden input, repeated; every one of a batch is different."""

    def make(task: str, shape: tuple[int, ...]) -> Tensor:
        golden = default_bundles[task].golden()[0]
        batch, _, height, width = shape
        tiles = np.tile(golden, (1, 1, -(-height // golden.shape[2]), 1 + -(-width // golden.shape[3])))
        return np.concatenate([tiles[:, :, :height, 16 * i : 16 * i + width] for i in range(batch)])

    return make


@pytest.mark.parametrize("task", SHAPES)
def test_answers_are_those_of_paddle(
    on_lite: Mapping[str, ProcessPredictor],
    on_paddle: Mapping[str, ProcessPredictor],
    picture: Callable[..., Tensor],
    task: str,
) -> None:
    for shape in SHAPES[task]:
        for tensor in (picture(task, shape), noise(*shape)):
            ours, reference = on_lite[task].run([tensor]), on_paddle[task].run([tensor])
            assert [output.shape for output in ours] == [output.shape for output in reference]
            assert float(np.abs(ours[0] - reference[0]).max()) < 1e-3, shape
        reference = on_paddle[task].run([picture(task, shape)])
        assert float(reference[0].max()) > 0.5, "there is something to read"


@pytest.mark.parametrize(
    ("task", "shapes"),
    [
        ("det", [(1, 3, 160, 160), (1, 3, 160, 320), (1, 3, 320, 160)]),
        ("rec", [(1, 3, 48, 80), (1, 3, 48, 160), (1, 3, 48, 240)]),
    ],
)
def test_sizes_in_turn_give_the_numbers_of_fresh_processes(
    open_lite: Opener, picture: Callable[..., Tensor], task: str, shapes: list[tuple[int, ...]]
) -> None:
    """Also where a size was given up in between: three sizes, two kept."""
    fresh = []
    for shape in shapes:
        with open_lite(task) as predictor:
            fresh.append(predictor.run([picture(task, shape)])[0])
    with open_lite(task, max_predictors=2) as predictor:
        for number in (0, 1, 0, 2, 1, 0, 2):
            output = predictor.run([picture(task, shapes[number])])[0]
            np.testing.assert_array_equal(output, fresh[number])


def test_the_library_alone_answers_wrongly_when_the_size_changes(
    default_bundles: Mapping[str, Bundle],
) -> None:
    """Why there is a predictor per size. Should this fail with a newer library, there need not be."""
    code = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
import numpy as np
from paddlelite import lite
config = lite.MobileConfig()
config.set_model_from_file(sys.argv[1])
def run(predictor, width):
    x = np.random.default_rng(0).uniform(-1, 1, (1, 3, 48, width)).astype("float32")
    predictor.get_input(0).from_numpy(x)
    predictor.run()
    return np.array(predictor.get_output(0).numpy())
reused = lite.create_paddle_predictor(config)
run(reused, 160)
wrong = np.abs(run(reused, 320) - run(lite.create_paddle_predictor(config), 320)).max()
sys.exit(7 if wrong > 0.01 else 0)
"""
    model = str(default_bundles["rec"].model_path)
    done = subprocess.run([sys.executable, "-c", code, model], capture_output=True, timeout=60)
    assert done.returncode in (7, -6, -11), done.stderr[-500:]


def test_the_batch_may_change(
    on_lite: Mapping[str, ProcessPredictor], picture: Callable[..., Tensor]
) -> None:
    lines = picture("rec", (4, 3, 48, 112))
    alone = np.concatenate([on_lite["rec"].run([lines[i : i + 1]])[0] for i in range(4)])
    for start, end in ((0, 4), (2, 3), (1, 4), (0, 4), (0, 2)):
        together = on_lite["rec"].run([lines[start:end]])[0]
        assert float(np.abs(together - alone[start:end]).max()) < 1e-4


def test_outputs_belong_to_the_caller(on_lite: Mapping[str, ProcessPredictor]) -> None:
    first = on_lite["cls"].run([noise(2, 3, 48, 192, seed=1)])[0]
    copy = first.copy()
    on_lite["cls"].run([noise(2, 3, 48, 192, seed=2)])
    np.testing.assert_array_equal(first, copy)
    first[:] = 7  # and may be written to


def test_layout_in_memory_does_not_matter(on_lite: Mapping[str, ProcessPredictor]) -> None:
    straight = noise(1, 3, 48, 192)
    expected = on_lite["cls"].run([straight])[0]
    strided = np.empty((1, 3, 48, 384), np.float32)[..., ::2]
    strided[:] = straight
    for same in (np.asfortranarray(straight), strided):
        np.testing.assert_array_equal(on_lite["cls"].run([same])[0], expected)


def test_sizes_kept_loaded_are_bounded_in_number_and_memory(open_lite: Opener) -> None:
    inputs = [noise(1, 3, 128, width) for width in range(96, 480, 32)]

    def memory_after_each(**limits: int) -> tuple[list[float], float]:
        with open_lite("det", **limits) as predictor:
            predictor.start()
            (child,) = children(os.getpid()) - before
            sizes = []
            for tensor in inputs:
                predictor.run([tensor])
                sizes.append(rss_mb(child))
            return sizes, predictor.peak_rss_mb

    before = children(os.getpid())
    all_kept, _ = memory_after_each(max_predictors=len(inputs))
    one_kept, _ = memory_after_each(max_predictors=1)
    limited, peak = memory_after_each(max_predictors=len(inputs), memory_limit_mb=200)
    assert all_kept[-1] > 400, "there is something to bound"
    assert one_kept[-1] < all_kept[-1] / 2
    assert max(limited) <= 201, "after every run the child is below its limit"
    assert 201 < peak < all_kept[-1], "which it may pass while it runs"


def test_the_child_reports_its_own_peak(open_lite: Opener) -> None:
    """Not that of the process it was forked from, which ``getrusage`` would report."""
    ballast = np.ones(50_000_000)
    with open_lite("cls") as predictor:
        predictor.run([noise(1, 3, 48, 192)])
        assert 20 < predictor.peak_rss_mb < 200 < ballast.nbytes / 1e6


BAD_INPUTS = {
    "dtype": ("rec", [noise(1, 3, 48, 160).astype(np.float64)], "has dtype float64; give float32"),
    "byte order": ("rec", [noise(1, 3, 48, 160).astype(">f4")], "has dtype >f4"),
    "integers": ("rec", [np.zeros((1, 3, 48, 160), np.uint8)], "has dtype uint8"),
    "objects": ("rec", [np.full((1, 3, 48, 160), None)], "has dtype object"),
    "rank 3": ("rec", [noise(3, 48, 160)], "has shape (3, 48, 160)"),
    "rank 5": ("rec", [noise(1, 1, 3, 48, 160)], "has shape (1, 1, 3, 48, 160)"),
    "rank 0": ("rec", [np.float32(1).reshape(())], "has shape ()"),
    "one channel": ("rec", [noise(1, 1, 48, 160)], "axis 1 must suit"),
    "channels last": ("rec", [noise(1, 48, 160, 3)], "axis 1 must suit"),
    "height": ("rec", [noise(1, 3, 32, 160)], "axis 2 must suit (n, 3, 48, n)"),
    "batch 0": ("rec", [noise(0, 3, 48, 160)], "axis 0 must suit"),
    "width 0": ("rec", [noise(1, 3, 48, 0)], "axis 3 must suit"),
    "side not of 32": ("det", [noise(1, 3, 160, 336)], "axis 3 must suit (1, 3, 32·n, 32·n)"),
    "batch of pages": ("det", [noise(2, 3, 160, 160)], "axis 0 must suit"),
    "no input": ("cls", [], "0 given; the network takes 1"),
    "two inputs": ("cls", [noise(1, 3, 48, 192)] * 2, "2 given; the network takes 1"),
}


@pytest.mark.parametrize("name", BAD_INPUTS)
def test_what_does_not_suit_never_reaches_the_library(open_lite: Opener, name: str) -> None:
    task, inputs, message = BAD_INPUTS[name]
    before = children(os.getpid())
    with open_lite(task) as predictor:
        with pytest.raises(TensorError) as caught:
            predictor.run(inputs)  # type: ignore[arg-type]
        assert message in str(caught.value)
        assert children(os.getpid()) == before, "not even a process was started"
