"""Real deaths of ``opt``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.failures.explain import Failure, explain

pytestmark = pytest.mark.embedded

# saves small programs that opt cannot convert; arguments: folder
_EXPORT = """
import sys
import paddle
paddle.enable_static()

def export(name, network, train=False, **options):
    program, start = paddle.static.Program(), paddle.static.Program()
    with paddle.static.program_guard(program, start):
        image = paddle.static.data("x", [-1, 3, 32, 32], "float32")
        result = network(paddle.static.nn.conv2d(image, 4, 3))
        if train:
            paddle.optimizer.Adam().minimize(paddle.mean(result))
        executor = paddle.static.Executor(paddle.CPUPlace())
        executor.run(start)
        path = sys.argv[1] + "/" + name
        if train:
            paddle.static.save(program, path)
        else:
            paddle.static.save_inference_model(path, [image], [result], executor, program=program, **options)

export("training", paddle.nn.functional.relu, train=True)
export("unsupported", paddle.erfinv)
export("clipped", paddle.nn.functional.swish, clip_extra=True)
"""


@pytest.fixture(scope="module")
def exported(child: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    ended = child(sys.executable, "-c", _EXPORT, folder)
    assert ended.returncode == 0, ended.output
    return folder


def explained(ended: Any) -> Failure:
    """Why opt died."""
    assert ended.returncode == -6, ended
    failure = explain(ended.output, ended.returncode)
    assert failure is not None, ended
    assert failure.stage == "convert", ended
    return failure


@pytest.mark.parametrize(
    ("model", "params", "key"),
    [
        ("absent.pdmodel", "inference.pdiparams", "missing-model-file"),
        ("inference.pdmodel", "absent.pdiparams", "missing-params-file"),
        ("inference.pdiparams", "inference.pdmodel", "not-a-program"),
    ],
)
def test_missing_and_swapped_files(
    classifier: Path, opt: Callable[..., Any], tmp_path: Path, model: str, params: str, key: str
) -> None:
    failure = explained(opt(classifier / model, classifier / params, "x86", tmp_path / "out"))
    assert failure.key == key
    if key.startswith("missing"):
        assert "absent.pd" in failure.cause
    assert list(tmp_path.iterdir()) == []


def test_weights_that_are_cut_off_empty_damaged_or_of_another_model(
    classifier: Path, embedded_models: Path, opt: Callable[..., Any], tmp_path: Path
) -> None:
    whole = (classifier / "inference.pdiparams").read_bytes()
    other = (embedded_models / "ch_PP-OCRv4_det_infer" / "inference.pdiparams").read_bytes()
    cases = {
        "truncated-params": whole[:300_000],
        "empty-params": b"",
        "wrong-params": b"\7" + whole[1:],
        "wrong-params (longer)": other,
    }
    for key, content in cases.items():
        params = tmp_path / "inference.pdiparams"
        params.write_bytes(content)
        failure = explained(opt(classifier / "inference.pdmodel", params, "x86", tmp_path / "out"))
        assert failure.key == key.split(" ")[0]


def test_programs_that_are_empty_text_or_damaged(
    classifier: Path, opt: Callable[..., Any], tmp_path: Path
) -> None:
    whole = (classifier / "inference.pdmodel").read_bytes()
    cases = {
        "not-a-program": b"",
        "not-a-program (text)": b"version https://git-lfs.github.com/spec/v1\n",
        "damaged-program": whole[:1000] + b"\xff" * 400 + whole[1400:],
    }
    for key, content in cases.items():
        model = tmp_path / "inference.pdmodel"
        model.write_bytes(content)
        failure = explained(opt(model, classifier / "inference.pdiparams", "x86", tmp_path / "out"))
        assert failure.key == key.split(" ")[0]


@pytest.mark.shared
def test_training_weights(
    shared_dir: Path, child: Callable[..., Any], opt: Callable[..., Any], tmp_path: Path
) -> None:
    archive = shared_dir / "mirror/dygraph_v2.0/ch/ch_ppocr_mobile_v2.0_rec_train.tar"
    assert child("tar", "-xf", archive, "-C", tmp_path).returncode == 0
    folder = tmp_path / "ch_ppocr_mobile_v2.0_rec_train"
    weights = folder / "best_accuracy.pdparams"
    assert explained(opt(weights, weights, "arm", tmp_path / "out")).key == "not-a-program"
    assert explained(opt(folder, "", "arm", tmp_path / "out")).key == "no-model-in-folder"


def test_a_training_program(exported: Path, opt: Callable[..., Any], tmp_path: Path) -> None:
    failure = explained(
        opt(exported / "training.pdmodel", exported / "training.pdparams", "arm", tmp_path / "o")
    )
    assert failure.key == "training-program"
    assert "conv2d_grad" in failure.cause


def test_ops_without_a_kernel(exported: Path, opt: Callable[..., Any], tmp_path: Path) -> None:
    model, params = exported / "unsupported.pdmodel", exported / "unsupported.pdiparams"
    failure = explained(opt(model, params, "arm", tmp_path / "out"))
    assert failure.key == "unsupported-ops"
    assert failure.cause == "1 ops have no kernel for 'arm': erfinv"


def test_clipped_attributes(exported: Path, opt: Callable[..., Any], tmp_path: Path) -> None:
    failure = explained(
        opt(exported / "clipped.pdmodel", exported / "clipped.pdiparams", "x86", tmp_path / "out")
    )
    assert failure.key == "clipped-attributes"
    assert "'swish' lacks its attribute 'beta'" in failure.cause


@pytest.mark.parametrize(
    ("target", "output", "kind", "key", "named"),
    [
        ("arm64", "out", "naive_buffer", "wrong-target-name", "'arm64'"),
        ("", "out", "naive_buffer", "wrong-target-name", "no target"),
        ("x86", "absent/folder/out", "naive_buffer", "output-folder-missing", "absent/folder/out.nb"),
        ("x86", "out", "tflite", "wrong-model-type", "'tflite'"),
    ],
)
def test_wrong_options(
    classifier: Path,
    opt: Callable[..., Any],
    tmp_path: Path,
    target: str,
    output: str,
    kind: str,
    key: str,
    named: str,
) -> None:
    files = classifier / "inference.pdmodel", classifier / "inference.pdiparams"
    failure = explained(opt(*files, target, tmp_path / output, kind))
    assert failure.key == key
    assert named in failure.cause


def test_opencl_with_fp16(classifier: Path, opt: Callable[..., Any], tmp_path: Path) -> None:
    files = classifier / "inference.pdmodel", classifier / "inference.pdiparams"
    assert explained(opt(*files, "opencl,arm", tmp_path / "out", fp16=True)).key == "opencl-with-fp16"


@pytest.mark.shared
def test_the_published_pruned_model_for_x86(
    shared_dir: Path, child: Callable[..., Any], opt: Callable[..., Any], tmp_path: Path
) -> None:
    archive = shared_dir / "mirror/dygraph_v2.0/slim/ch_ppocr_mobile_v2.0_det_prune_infer.tar"
    assert child("tar", "-xf", archive, "-C", tmp_path).returncode == 0
    folder = tmp_path / "ch_ppocr_mobile_v2.0_det_prune_infer"
    failure = explained(
        opt(folder / "inference.pdmodel", folder / "inference.pdiparams", "x86", tmp_path / "out")
    )
    assert failure.key == "training-outputs"
    assert "'batch_norm' still has the output ReserveSpace" in failure.cause


def test_a_sound_conversion_needs_no_explanation(
    classifier: Path, opt: Callable[..., Any], tmp_path: Path
) -> None:
    files = classifier / "inference.pdmodel", classifier / "inference.pdiparams"
    ended = opt(*files, "arm", tmp_path / "out")
    assert ended.returncode == 0
    assert explain(ended.output, ended.returncode) is None
